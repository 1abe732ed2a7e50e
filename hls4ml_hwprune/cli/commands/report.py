"""`hwprune report`: reports of a tool beside the estimates of the same design."""

import json
from pathlib import Path
from typing import Any

import click

from hls4ml_hwprune.cli.options import json_option
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.report.tool_reports import ToolReport, find_tool_reports, read_tool_report
from hls4ml_hwprune.tables import Row, layout

_TITLES = {
    'dsp': 'DSP',
    'bram18': 'BRAM18',
    'uram': 'URAM',
    'lut': 'LUT',
    'ff': 'FF',
    'latency_max': 'latency',
    'ii': 'II',
}


@click.command()
@click.argument('project')
@click.argument('reports', nargs=-1)
@json_option
def report(project: str, reports: tuple[str, ...], as_json: bool) -> None:
    """Lay reports of a tool beside the estimates.

    PROJECT is the folder of a pruned or estimated project. REPORTS are csynth
    .xml files or texts of report_utilization; those of the folder by default.
    """
    folder = Path(project)
    name, estimated = _estimates(folder)
    paths = [Path(one) for one in reports] or find_tool_reports(folder, name)
    if not paths:
        raise ConfigError(f'{project}: no report of a tool is below it; run its build_prj.tcl, or name the files of reports')
    found = [read_tool_report(path) for path in paths]
    compared = {str(one.path): _compared(one, estimated.get(one.stage, {})) for one in found}
    parts = [
        f'{one.path} ({one.stage}, {one.tool or "unknown version"})\n{_table(compared[str(one.path)])}' for one in found
    ]
    show('\n\n'.join(parts), compared, as_json=as_json)


def _estimates(folder: Path) -> tuple[str, dict[str, dict[str, float]]]:
    """Name of a project, and its estimated figures by stage."""
    # Late: passes load hls4ml.
    from hls4ml_hwprune.passes.names import ESTIMATE, REPORT

    for file in (REPORT, ESTIMATE):
        if (folder / file).is_file():
            content = json.loads((folder / file).read_text('utf-8'))
            return str(content.get('project', 'myproject')), _stages(content)
    raise ConfigError(f'{folder}: no {REPORT} or {ESTIMATE} is there; `hwprune convert` writes one')


def _stages(content: dict[str, Any]) -> dict[str, dict[str, float]]:
    if 'estimates' in content:
        return {one['stage']: {name: one['design'][name] for name in _TITLES} for one in content['estimates']}
    timing = {'latency_max': content['timing_after']['latency_max'], 'ii': content['timing_after']['ii']}
    found = {content['stage']: {**content['after'], **timing}}
    if content.get('listed_after'):
        found['csynth'] = {**content['listed_after'], **timing}
    return found


def _compared(one: ToolReport, estimated: dict[str, float]) -> dict[str, dict[str, float | None]]:
    return {
        name: {'estimated': estimated.get(name), 'reported': one.figures[name]} for name in _TITLES if name in one.figures
    }


def _table(compared: dict[str, dict[str, float | None]]) -> str:
    rows = []
    for name, pair in compared.items():
        estimated, reported = pair['estimated'], pair['reported'] or 0.0
        ratio = '-' if not estimated or not reported else f'{estimated / reported:.2f}'
        cells = ['-' if estimated is None else f'{estimated:.0f}', f'{reported:.0f}', ratio]
        rows.append(Row(_TITLES[name], cells))
    return '\n'.join(layout(['estimated', 'reported', 'ratio'], rows))
