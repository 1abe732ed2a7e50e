"""The group of subcommands, which are imported when they are named, and the errors of all of them in one line."""

import logging
import os
import sys
from importlib import import_module
from typing import Any

import click

import hls4ml_hwprune
from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import HWPruneError, InfeasibleError

#: Subcommands in the order of `hwprune --help`, each a module of `cli.commands` with a function of the same name.
COMMANDS = {
    'init': 'Write a commented configuration for a model file.',
    'estimate': 'Estimate resources and cycles of a design as it is.',
    'explain': 'Tell why a design is large, slow or wrong, and what to change.',
    'plan': 'Plan a design within a budget, and save the plan.',
    'convert': 'Prune a design to a budget and write its project.',
    'sweep': 'Plan a design for many budgets.',
    'evaluate': 'Compare the compiled firmware of a design with the network.',
    'diff': 'Show the differences of two plans.',
    'build': 'Synthesise a project with the tool of its back end.',
    'report': 'Lay reports of a tool beside the estimates.',
    'qualify': 'Write small designs whose synthesis checks the estimates.',
    'parts': 'List parts and their resources.',
}
#: Exit codes: input that is not allowed, and a budget that cannot be met; click's own for a wrong usage is 2.
REFUSED, INFEASIBLE = 1, 3


class _Lazy(click.Group):
    """Group that imports a subcommand once it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the subcommand of a name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f'hls4ml_hwprune.cli.commands.{cmd_name}')
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section('Commands'):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Name the nearest subcommand where there is none of the name."""
        if args and args[0] not in COMMANDS and not args[0].startswith('-'):
            ctx.fail(f'there is no command {args[0]!r}; there are {", ".join(COMMANDS)}{hint(args[0], COMMANDS)}')
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand, and show its errors in one line each."""
        if ctx.params.get('debug'):
            return super().invoke(ctx)
        try:
            return super().invoke(ctx)
        except InfeasibleError as error:
            _stop(error, INFEASIBLE)
        except HWPruneError as error:
            _stop(error, REFUSED)


def _stop(error: Exception, code: int) -> None:
    click.echo(f'hwprune: {error}', err=True)
    sys.exit(code)


@click.group(cls=_Lazy, context_settings={'help_option_names': ['-h', '--help'], 'max_content_width': 80})
@click.option('--debug', is_flag=True, help='Show where an error was raised.')
@click.option('--quiet', '-q', is_flag=True, help='Show warnings and results alone.')
@click.version_option(hls4ml_hwprune.__version__)
def hwprune(debug: bool, quiet: bool) -> None:
    """Prune neural networks inside hls4ml to the budget of an FPGA.

    A MODEL is a Keras .h5, .keras or .json file (QKeras, HGQ2 and proxies of HGQ too), an
    .onnx file (QONNX too), a PyTorch .pt file, an hls4ml configuration .yml,
    or the folder of an hls4ml project. Results go to standard output,
    messages to standard error.

    Exit codes: 0 done, 1 input refused, 2 wrong usage, 3 budget out of reach.
    """
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter('%(message)s'))
    package = logging.getLogger('hls4ml_hwprune')
    package.addHandler(handler)
    package.setLevel(logging.WARNING if quiet else logging.INFO)
