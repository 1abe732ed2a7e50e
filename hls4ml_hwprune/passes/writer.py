"""Writer of projects: hls4ml's own, and for models of our flows with headers and reports, swapped in as a whole."""

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path, PurePosixPath
from types import MethodType
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.host.backends.base import VIVADO
from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.firmware.dialects import DIALECTS
from hls4ml_hwprune.host.node.attributes import packed_kernel, pruned_roles
from hls4ml_hwprune.host.session.plan_store import get_plan, has_plan, is_part
from hls4ml_hwprune.passes.estimate import estimates, has_estimate
from hls4ml_hwprune.passes.forgotten import warn_of_forgotten_flow
from hls4ml_hwprune.passes.names import ESTIMATE, EXTENDED, PAGE, REPORT
from hls4ml_hwprune.passes.page import write_page
from hls4ml_hwprune.passes.staging import staged_project
from hls4ml_hwprune.report.json_report import write_estimates, write_report

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_INCLUDED, _WEIGHTS = 'firmware/nnet_utils', 'firmware/weights'
_INCLUDE = re.compile(r'^#include "(nnet_\w+\.h)"', re.MULTILINE)
#: Files of a project that are not hls4ml's.
OURS = (REPORT, PAGE, ESTIMATE, *(f'{_INCLUDED}/{name}' for name in sorted(DIALECTS[VIVADO].headers)))


def used_headers(model: 'ModelGraph') -> list[str]:
    """Names of our headers that the nodes of a model include, and of the headers that these include."""
    headers, found = DIALECTS[backend_of(model).dialect].headers, set[str]()
    wanted = [PurePosixPath(header).name for node in model.get_layers() for header in node.get_attr('include_header') or ()]
    while wanted:
        name = wanted.pop()
        if name in headers and name not in found:
            found.add(name)
            wanted += _INCLUDE.findall(headers[name].read_text('utf-8'))
    return sorted(found)


def extend_writer(backend: Any) -> None:
    """Give the writer of `backend` a `write_hls` of its own; a second call changes nothing.

    The writer stays the same object of the same class, which hls4ml's MultiModelGraph reaches past for example.
    """
    writer = backend.writer
    plain = type(writer).write_hls
    if getattr(vars(writer).get('write_hls'), EXTENDED, False):
        return

    @wraps(plain)
    def write_hls(self: Any, model: 'ModelGraph', *options: Any, **named: Any) -> None:
        _write(model, lambda: plain(self, model, *options, **named))

    setattr(write_hls, EXTENDED, True)
    writer.write_hls = MethodType(write_hls, writer)


def _write(model: 'ModelGraph', plain: Callable[[], None]) -> None:
    """Write a project; one of hls4ml's own models in place, as hls4ml does."""
    if not (used_headers(model) or has_plan(model) or has_estimate(model)):
        warn_of_forgotten_flow(model)
        # Files of a pruned project that was here would be untrue.
        for name in OURS:
            (Path(model.config.get_output_dir()) / name).unlink(missing_ok=True)
        plain()
        return
    with staged_project(model, dropped=OURS) as folder:
        plain()
        _add_ours(model, folder)


def _add_ours(model: 'ModelGraph', folder: Path) -> None:
    """Write the headers that the firmware includes, and the reports of the flows that were applied."""
    # A plan is of a whole network: of a part that hls4ml split off, there is nothing to report.
    if has_plan(model) and not is_part(model):
        plan = get_plan(model)
        write_report(plan, _project(model), folder / REPORT)
        write_page(model, plan, _project(model), folder / PAGE)
    if has_estimate(model):
        write_estimates(estimates(model), _project(model), folder / ESTIMATE)
    dialect = DIALECTS[backend_of(model).dialect]
    for name in used_headers(model):
        (folder / _INCLUDED / name).write_bytes(dialect.headers[name].read_bytes())
    if dialect.memory is not None:
        _give_memories(model, folder, dialect.memory)


def _give_memories(model: 'ModelGraph', folder: Path, memory: Callable[[str, int], str]) -> None:
    """Rewrite the headers of packed weights by the memory that the kept slots need."""
    for node in model.get_layers():
        for role in pruned_roles(node):
            packed = packed_kernel(node, role)
            if packed is not None and packed['n_kept']:
                path = folder / _WEIGHTS / f'{node.weights[role].name}.h'
                path.write_text(memory(path.read_text('utf-8'), packed['n_kept']), 'utf-8')


def _project(model: 'ModelGraph') -> dict[str, Any]:
    """Facts of a project for its reports."""
    config = model.config
    return {
        'project': config.get_project_name(),
        'backend': config.backend.name,
        'part': config.get_config_value('Part'),
        'io_type': config.get_config_value('IOType'),
    }
