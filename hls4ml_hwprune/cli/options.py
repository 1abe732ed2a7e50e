"""Options of the subcommands: those of a project, and those of the `HWPrune` block from their declarations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click
import yaml

from hls4ml_hwprune.cli.completion import Completion, file_names, words_of
from hls4ml_hwprune.config import BACKENDS, OPTIONS
from hls4ml_hwprune.config.option import Option
from hls4ml_hwprune.config.project import IO_TYPES, STRATEGIES
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

_Function = TypeVar('_Function', bound=Callable[..., Any])
# Options of this file by the key of hls4ml's configuration, and of its block for the whole network.
_OF_PROJECT = {'backend': 'Backend', 'part': 'Part', 'clock': 'ClockPeriod', 'io': 'IOType'}
_OF_MODEL = {'precision': 'Precision', 'rf': 'ReuseFactor', 'strategy': 'Strategy'}
#: Values of a configuration that is made from a model file alone.
DEFAULTS = {
    'backend': 'Vitis',
    'precision': 'ap_fixed<16,6>',
    'rf': 4,
    'strategy': 'Resource',
    'io': 'io_parallel',
    'clock': 5,
}


def project_options(function: _Function) -> _Function:
    """Give a subcommand its argument MODEL, and options for the keys of hls4ml's configuration."""
    made = [
        click.argument('model', shell_complete=file_names),
        click.option('--weights', metavar='FILE', shell_complete=file_names, help='Weights of a .json architecture.'),
        click.option('--input-shape', metavar='N,...', help='Shape of the input of a PyTorch module, without the batch.'),
        click.option(
            '--backend',
            metavar='NAME',
            shell_complete=words_of(BACKENDS),
            help=f'{", ".join(BACKENDS)} (default {DEFAULTS["backend"]}).',
        ),
        click.option('--part', metavar='PART', help='Part of the FPGA, or board with VivadoAccelerator.'),
        click.option('--clock', type=float, metavar='NS', help=f'Clock period (default {DEFAULTS["clock"]}).'),
        click.option(
            '--io',
            metavar='TYPE',
            shell_complete=words_of(IO_TYPES),
            help=f'io_parallel or io_stream (default {DEFAULTS["io"]}).',
        ),
        click.option('--precision', metavar='TYPE', help=f'Type of numbers (default {DEFAULTS["precision"]}).'),
        click.option('--rf', metavar='N', help=f"hls4ml's ReuseFactor (default {DEFAULTS['rf']})."),
        click.option(
            '--strategy',
            metavar='NAME',
            shell_complete=words_of(STRATEGIES),
            help=f"hls4ml's Strategy (default {DEFAULTS['strategy']}).",
        ),
    ]
    return _decorated(function, made)


def block_options(*without: str) -> Callable[[_Function], _Function]:
    """Give a subcommand the options of the `HWPrune` block, but for some keywords."""

    def decorate(function: _Function) -> _Function:
        made = [
            click.option(
                _flag(one), metavar=_metavar(one), multiple=bool(one.names), shell_complete=_completion(one), help=one.help
            )
            for one in OPTIONS
            if one.keyword not in without
        ]
        return _decorated(function, made)

    return decorate


json_option = click.option('--json', 'as_json', is_flag=True, help='Print JSON.')


def _decorated(function: _Function, decorators: Sequence[Callable[[_Function], _Function]]) -> _Function:
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


def _flag(one: Option) -> str:
    return f'--{one.keyword.replace("_", "-")}'


def _metavar(one: Option) -> str:
    if one.names:
        return f'{one.names[0]}=VALUE,...'
    return '|'.join(one.words) if one.words else 'VALUE'


def _completion(one: Option) -> Completion:
    if one.is_file:
        return file_names
    return words_of((*one.words, *(f'{name}=' for name in one.names)))


def project_keys(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the given keys of hls4ml's configuration, and those of its block for the whole network."""
    return _renamed(options, _OF_PROJECT), _renamed(options, _OF_MODEL)


def _renamed(options: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {key: _scalar(options[name]) for name, key in names.items() if options.get(name) is not None}


def block_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given options of the `HWPrune` block by keyword, values as a YAML file would have them.

    Raises
    ------
    ConfigError
        If a mapping is not written as NAME=VALUE.
    """
    found = {}
    for one in OPTIONS:
        value = options.get(one.keyword)
        if value is not None and value != ():
            found[one.keyword] = _mapping(value, one) if one.names else _plain(value, one)
    return found


def _plain(value: str, one: Option) -> Any:
    return [name.strip() for name in value.split(',')] if one.keyword == 'exclude' else _scalar(value)


def _mapping(values: tuple[str, ...], one: Option) -> Any:
    parts = [part.strip() for value in values for part in value.split(',') if part.strip()]
    if len(parts) == 1 and '=' not in parts[0] and one.words + (one.names if one.keyword == 'device' else ()):
        # One resource to minimise, or a part of the table.
        return parts[0]
    found = {}
    for part in parts:
        name, equals, value = part.partition('=')
        if not equals or not value:
            raise ConfigError(f'{_flag(one)}: {shown(part)} is not NAME=VALUE; the names are {", ".join(one.names)}')
        found[name.strip()] = _scalar(value.strip())
    return found


def _scalar(value: Any) -> Any:
    """Read a number as YAML does; everything else is a word."""
    if not isinstance(value, str):
        return value
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    return read if isinstance(read, int | float) and not isinstance(read, bool) else value


def shape_of(text: str | None) -> tuple[int, ...] | None:
    """Read the shape of an input, such as 3,32,32.

    Raises
    ------
    ConfigError
        If it is none.
    """
    if text is None:
        return None
    sizes = text.replace('x', ',').split(',')
    if not all(size.strip().isdigit() and int(size) > 0 for size in sizes):
        raise ConfigError(f'--input-shape: expected positive whole numbers such as 16 or 3,32,32, got {shown(text)}')
    return tuple(int(size) for size in sizes)
