"""`hwprune estimate`: resources and cycles of a design as it is configured, before any synthesis."""

from typing import Any

import click

from hls4ml_hwprune.cli.conversion import configured, convert
from hls4ml_hwprune.cli.options import json_option, project_options
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.resources import STAGES
from hls4ml_hwprune.temporary import temporary_folder


@click.command()
@project_options
@click.option(
    '--stage', metavar='|'.join(STAGES), help='Report that the figures estimate (default csynth; vsynth of a plan).'
)
@json_option
def estimate(stage: str | None, as_json: bool, **options: Any) -> None:
    """Estimate resources and cycles of a design as it is.

    Nothing is synthesised or written. A configuration with a flow of this
    package is estimated as its plan has it.
    """
    from hls4ml_hwprune.api import estimate as estimated
    from hls4ml_hwprune.resources import check_stage

    if stage is not None:
        check_stage(stage)
    project, network = configured(options)
    with temporary_folder() as folder:
        found = estimated(convert(project, network, folder), stage)
    show(str(found), found.as_dict(), as_json=as_json)
