"""`hwprune plan`: a plan within a budget, shown and saved; no project is written."""

from typing import Any

import click

from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.conversion import configured, convert, enable_pruning
from hls4ml_hwprune.cli.options import block_options, json_option, project_options
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.temporary import temporary_folder


@click.command()
@project_options
@block_options()
@click.option(
    '--output', '-o', metavar='FILE', shell_complete=file_names, help='File for the plan, which `convert --plan` reads.'
)
@json_option
def plan(output: str | None, as_json: bool, **options: Any) -> None:
    """Plan a design within a budget, and save the plan.

    Without a budget the whole part is the budget. Example:

        hwprune plan model.h5 --part xcvu13p-flga2577-2-e
            --budget DSP=0.5x,LUT=20% -o plan.json
    """
    from hls4ml_hwprune import get_plan
    from hls4ml_hwprune.report.json_report import report

    project, network = configured(options)
    enable_pruning(project, options)
    with temporary_folder() as folder:
        found = get_plan(convert(project, network, folder))
    if output is not None:
        found.save(output)
    show(str(found), report(found, {}), as_json=as_json)
