"""HTML report of a model in its project: its layers and those before pruning, and the lines that make the plan again."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.config import BLOCK, OPTIONS, entries_of
from hls4ml_hwprune.host.graph.reader import read_layers
from hls4ml_hwprune.host.session.reference import reference_of
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.report.html_report import write_html

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_KEYWORDS = {one.key: one.keyword for one in OPTIONS}
_PLAIN = (str, int, float, bool, type(None))
_SCOPES = ('LayerName', 'LayerType')
# Words that the flow leaves in a configuration in place of objects.
_HELD = re.compile(r'a plan of \d+ kernels|an array of \d+ samples')


def write_page(model: 'ModelGraph', plan: Plan, project: Mapping[str, Any], path: Path) -> None:
    """Write the HTML report of a pruned model; one that was loaded from a file has forgotten its layers before pruning."""
    reference = reference_of(model)
    unpruned = () if reference is None else read_layers(reference)
    command = python_lines(model.config.config['HLSConfig'], str(project['backend']))
    write_html(plan, path, layers=read_layers(model), unpruned=unpruned, command=command, project=project)


def python_lines(hls_config: Mapping[str, Any], backend: str) -> str:
    """Return the lines of Python that turn the pruning of a configuration on.

    Samples and plans that were given as objects, not as names of files, stand as variables of the option's name.
    """
    block = entries_of(hls_config, 'Model').get(BLOCK) or {}
    options = [_option(_KEYWORDS[key], value) for key, value in block.items() if key in _KEYWORDS]
    lines = ['import hls4ml_hwprune', '']
    for scope in _SCOPES:
        for name, entries in entries_of(hls_config, scope).items():
            if isinstance(entries, Mapping) and BLOCK in entries:
                own = _shown(entries[BLOCK], 'block')
                lines.append(f'config.setdefault({scope!r}, {{}}).setdefault({name!r}, {{}})[{BLOCK!r}] = {own}')
    lines += ['# config: the hls_config of the model, given to the converter afterwards.']
    return '\n'.join([*lines, 'hls4ml_hwprune.enable(', '    config,', f'    backend={backend!r},', *options, ')'])


def _option(keyword: str, value: Any) -> str:
    held = isinstance(value, str) and _HELD.fullmatch(value)
    return f'    {keyword}={keyword},  # {value}' if held else f'    {keyword}={_shown(value, keyword)},'


def _shown(value: Any, name: str) -> str:
    """Return plain data as Python has them; of anything else a name."""
    if isinstance(value, Mapping):
        return f'{{{", ".join(f"{key!r}: {_shown(item, name)}" for key, item in value.items())}}}'
    if isinstance(value, list | tuple):
        return f'[{", ".join(_shown(item, name) for item in value)}]'
    return repr(value) if isinstance(value, _PLAIN) else name
