"""`hwprune qualify`: small designs with a script that synthesises them, for reports to hold the estimates against."""

from pathlib import Path

import click

from hls4ml_hwprune.cli.completion import file_names, words_of
from hls4ml_hwprune.cli.options import DEFAULTS
from hls4ml_hwprune.qualification.cases import BACKENDS


@click.command()
@click.argument('folder', shell_complete=file_names)
@click.option(
    '--backend',
    metavar='NAME',
    shell_complete=words_of(BACKENDS),
    default='Vitis',
    show_default=True,
    help=f'{" or ".join(BACKENDS)}.',
)
@click.option('--part', metavar='PART', default='xcvu13p-flga2577-2-e', show_default=True, help='Part of the FPGA.')
@click.option('--clock', type=float, metavar='NS', default=DEFAULTS['clock'], show_default=True, help='Clock period.')
def qualify(folder: str, backend: str, part: str, clock: float) -> None:
    """Write small designs whose synthesis checks the estimates.

    FOLDER is new or empty. It gets projects of dense layers and a streamed
    convolution, pruned and plain, and run.sh, which synthesises all of them with
    the tool on the PATH. Rows of their reports:

        hwprune report FOLDER --rows rows.csv
    """
    from contextlib import redirect_stdout
    from sys import stderr

    from hls4ml_hwprune.qualification.folder import SCRIPT, write_qualification

    with redirect_stdout(stderr):
        cases = write_qualification(Path(folder), backend, part, clock)
    click.echo(f'{len(cases)} designs written: {folder}; sh {Path(folder) / SCRIPT} synthesises them')
