"""What a project holds besides what hls4ml writes: the headers of the sparse kernels and the reports."""

import logging
import re
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.config import BLOCK
from hls4ml_hwprune.firmware.templates import PACKED
from hls4ml_hwprune.passes.estimate import estimates, has_estimate
from hls4ml_hwprune.passes.stored import get_plan, has_plan
from hls4ml_hwprune.report.json_report import write_estimates, write_report

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
_HEADERS = files('hls4ml_hwprune.firmware') / 'nnet_utils'
_INCLUDE = re.compile(r'^#include "(nnet_\w+\.h)"', re.MULTILINE)


class SparseProjectWriter:
    """Mixed into a back end's writer. Projects of models that no flow of ours touched stay as hls4ml writes them."""

    def write_nnet_utils(self, model: 'ModelGraph') -> None:
        """Write hls4ml's headers, then ours and the reports of the flows that were applied."""
        super().write_nnet_utils(model)  # type: ignore[misc]  # the writer that this is mixed into
        output = Path(model.config.get_output_dir())
        if has_plan(model):
            write_report(get_plan(model), model, output / 'hwprune_report.json')
        elif (model.config.config['HLSConfig'].get('Model') or {}).get(BLOCK) is not None:
            _LOG.warning('the configuration has an HWPrune block, but no hwprune flow under Flows: nothing was pruned')
        if has_estimate(model):
            write_estimates(estimates(model), model, output / 'hwprune_estimate.json')
        for name in used_headers(model):
            (output / 'firmware' / 'nnet_utils' / name).write_bytes((_HEADERS / name).read_bytes())


def used_headers(model: 'ModelGraph') -> list[str]:
    """Names of our headers that the sparse nodes of a model include, and of those that these include."""
    ours = {entry.name for entry in _HEADERS.iterdir() if entry.name.endswith('.h')}
    packed = [node for node in model.get_layers() if node.get_attr(PACKED) is not None]
    found: set[str] = set()
    wanted = [PurePosixPath(header).name for node in packed for header in node.get_attr('include_header', [])]
    while wanted:
        name = wanted.pop()
        if name in ours and name not in found:
            found.add(name)
            wanted += _INCLUDE.findall((_HEADERS / name).read_text('utf-8'))
    return sorted(found)


def extend_writer(backend: Any) -> None:
    """Mix `SparseProjectWriter` into the writer of `backend`; a second call changes nothing."""
    plain = type(backend.writer)
    if not issubclass(plain, SparseProjectWriter):
        backend.writer = type(plain.__name__, (SparseProjectWriter, plain), {})()
