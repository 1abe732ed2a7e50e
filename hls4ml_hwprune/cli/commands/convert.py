"""`hwprune convert`: a design pruned to a budget, and its project written."""

from pathlib import Path
from typing import Any

import click

from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.conversion import configured, enable_pruning
from hls4ml_hwprune.cli.conversion import convert as converted
from hls4ml_hwprune.cli.options import block_options, json_option, project_options
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.errors import ConfigError


@click.command()
@project_options
@block_options()
@click.option(
    '--output',
    '-o',
    metavar='FOLDER',
    shell_complete=file_names,
    help="Folder of the project (default: that of the configuration, or 'project').",
)
@click.option('--compile', 'compiled', is_flag=True, help='Compile the firmware with g++ for simulation.')
@json_option
def convert(output: str | None, compiled: bool, as_json: bool, **options: Any) -> None:
    """Prune a design to a budget and write its project.

    Without a budget the whole part is the budget. Example:

        hwprune convert model.h5 --part xcvu13p-flga2577-2-e
            --budget DSP=0.5x -o project
    """
    from contextlib import redirect_stdout
    from sys import stderr

    from hls4ml_hwprune import get_plan
    from hls4ml_hwprune.report.json_report import report

    project, network = configured(options)
    folder = str(output or project.keys.get('OutputDir') or 'project')
    if Path(folder).is_file():
        raise ConfigError(f'--output: {folder} is a file, not a folder')
    enable_pruning(project, options)
    model = converted(project, network, folder)
    with redirect_stdout(stderr):
        model.compile() if compiled else model.write()
    found = get_plan(model)
    show(f'{found}\nproject written: {folder}', report(found, {'folder': folder}), as_json=as_json)
