"""`hwprune evaluate`: answers of the compiled firmware against those before pruning, and against labels."""

from typing import Any

import click

from hls4ml_hwprune.cli.cluster import jobs_option, on_cluster, scheduler_option
from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.conversion import configured, convert, enable_pruning
from hls4ml_hwprune.cli.options import block_of, block_options, json_option, project_options
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.temporary import temporary_folder


@click.command()
@project_options
@click.option(
    '--samples',
    metavar='FILE',
    shell_complete=file_names,
    required=True,
    help='Inputs (.npy), or inputs x and labels y (.npz).',
)
@jobs_option
@scheduler_option
@block_options()
@json_option
def evaluate(samples: str, jobs: int, scheduler: str | None, as_json: bool, **options: Any) -> None:
    """Compare the compiled firmware of a design with the network.

    The design is pruned as its configuration or the options say; with none of
    both its accuracy alone is measured, which needs labels. Example:

        hwprune evaluate model.h5 --plan plan.json --samples test.npz
    """
    from contextlib import redirect_stdout
    from sys import stderr

    from hls4ml_hwprune import evaluate as evaluated

    project, network = configured(options)
    if block_of(options):
        enable_pruning(project, options)
    with temporary_folder() as folder, redirect_stdout(stderr), on_cluster(scheduler):
        found = evaluated(convert(project, network, folder), samples, jobs=jobs)
    show(str(found), dict(vars(found)), as_json=as_json)
