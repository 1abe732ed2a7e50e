"""`hwprune sweep`: a plan for each of many budgets, and the front of importance over use."""

from typing import Any

import click

from hls4ml_hwprune.cli.cluster import jobs_option, on_cluster, scheduler_option
from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.conversion import configured, convert, without_pruning
from hls4ml_hwprune.cli.options import block_of, block_options, json_option, project_options
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.config import OPTIONS
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.temporary import temporary_folder

_NOT_HERE = ('budget', *(one.keyword for one in OPTIONS if 'sweep' in one.not_for))


@click.command()
@project_options
@click.option('--over', metavar='RESOURCE', default='DSP', show_default=True, help='Resource with the bounds of --at.')
@click.option('--at', 'bounds', metavar='BOUND,...', default='0.1x,0.2x,0.3x,0.5x,0.7x', show_default=True, help='Bounds.')
@jobs_option
@scheduler_option
@click.option('--figure', metavar='FILE', shell_complete=file_names, help='Figure of the front; needs matplotlib.')
@block_options(*_NOT_HERE)
@json_option
def sweep(
    over: str, bounds: str, jobs: int, scheduler: str | None, figure: str | None, as_json: bool, **options: Any
) -> None:
    """Plan a design for many budgets.

    Nothing is written but the figure. Example:

        hwprune sweep model.h5 --part xcvu13p --over DSP --at 1%,2%,5%
    """
    from hls4ml_hwprune.pareto import sweep as swept

    wanted = [bound.strip() for bound in bounds.split(',') if bound.strip()]
    if not wanted:
        raise ConfigError('--at: no bound is given; such are 100, 5% of the part, 0.5x of the design')
    project, network = configured(options)
    without_pruning(project)
    with temporary_folder() as folder, on_cluster(scheduler):
        model = convert(project, network, folder)
        found = swept(model, [{over: _bound(one)} for one in wanted], jobs=jobs, **block_of(options))
    if figure is not None:
        found.figure(figure, _measure(over))
    data = [
        {'budget': point.budget, 'reason': point.reason, 'plan': None if point.plan is None else point.plan.as_dict()}
        for point in found.points
    ]
    show(str(found), data, as_json=as_json)


def _bound(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _measure(resource: str) -> str:
    return {'bram': 'bram18'}.get(resource.lower(), resource.lower())
