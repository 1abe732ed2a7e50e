"""`hwprune report`: reports of a tool beside the estimates of the same design."""

import csv
import io
from pathlib import Path

import click

from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.options import json_option
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.cli.tool_estimates import COLUMNS, TITLES, find_projects, project_rows, read_estimates
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.files import write_whole
from hls4ml_hwprune.report.tool_reports import ToolReport, find_tool_reports, read_tool_report
from hls4ml_hwprune.tables import Row, layout


@click.command()
@click.argument('project', shell_complete=file_names)
@click.argument('reports', shell_complete=file_names, nargs=-1)
@click.option(
    '--rows',
    metavar='FILE',
    shell_complete=file_names,
    help='Write a CSV file of all reports of PROJECT, or of the projects below it.',
)
@json_option
def report(project: str, reports: tuple[str, ...], rows: str | None, as_json: bool) -> None:
    """Lay reports of a tool beside the estimates.

    PROJECT is the folder of a pruned or estimated project. REPORTS are csynth
    .xml files or texts of report_utilization; those of the folder by default.
    """
    folder = Path(project)
    if rows is not None:
        _write_rows(folder, reports, Path(rows))
        return
    name, estimated = read_estimates(folder)
    paths = [Path(one) for one in reports] or find_tool_reports(folder, name)
    if not paths:
        raise ConfigError(f'{project}: no report of a tool is below it; run its build_prj.tcl, or name the files of reports')
    found = [read_tool_report(path) for path in paths]
    compared = {str(one.path): _compared(one, estimated.get(one.stage, {})) for one in found}
    parts = [
        f'{one.path} ({one.stage}, {one.tool or "unknown version"})\n{_table(compared[str(one.path)])}' for one in found
    ]
    show('\n\n'.join(parts), compared, as_json=as_json)


def _write_rows(folder: Path, reports: tuple[str, ...], path: Path) -> None:
    """Write a row a report, predicted beside reported figures."""
    if reports:
        raise ConfigError(f'--rows: rows are made of all reports of {folder}; leave {reports[0]} out')
    projects = find_projects(folder)
    found = [row for one in projects for row in project_rows(one, one.name or one.resolve().name)]
    if not found:
        raise ConfigError(
            f'{folder}: no report of a tool is below it; `sh run.sh` or build_prj.tcl of each project makes them'
        )
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(found)
    write_whole(path, text.getvalue(), 'the rows')
    without = [one.name for one in projects if one.name not in {row['design'] for row in found}]
    missing = f'; no reports of {", ".join(without)}' if without else ''
    click.echo(f'{len(found)} rows of {len(projects) - len(without)} designs written: {path}{missing}')


def _compared(one: ToolReport, estimated: dict[str, float]) -> dict[str, dict[str, float | None]]:
    return {
        name: {'estimated': estimated.get(name), 'reported': one.figures[name]} for name in TITLES if name in one.figures
    }


def _table(compared: dict[str, dict[str, float | None]]) -> str:
    rows = []
    for name, pair in compared.items():
        estimated, reported = pair['estimated'], pair['reported'] or 0.0
        ratio = '-' if not estimated or not reported else f'{estimated / reported:.2f}'
        cells = ['-' if estimated is None else f'{estimated:.0f}', f'{reported:.0f}', ratio]
        rows.append(Row(TITLES[name], cells))
    return '\n'.join(layout(['estimated', 'reported', 'ratio'], rows))
