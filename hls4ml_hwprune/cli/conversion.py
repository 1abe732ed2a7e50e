"""Conversion of a project with hls4ml: plain, or with the flow of this package."""

import copy
import re
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from sys import stderr
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.cli.networks import frontend_of
from hls4ml_hwprune.cli.options import DEFAULTS, block_of, project_keys, shape_of
from hls4ml_hwprune.cli.project import Project, read_project
from hls4ml_hwprune.config import BLOCK, OPTIONS, check_backend, check_project, key_of, parse_settings, respelled_block
from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.quoting import shown

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_MODEL_DEFAULTS = {'Precision': DEFAULTS['precision'], 'ReuseFactor': DEFAULTS['rf'], 'Strategy': DEFAULTS['strategy']}
_PROJECT_DEFAULTS = {'Backend': DEFAULTS['backend'], 'ClockPeriod': DEFAULTS['clock'], 'IOType': DEFAULTS['io']}
_TYPE = re.compile(r'auto|(?:a[pc]_)?(?:u?fixed|u?int)<[\w\s,:+-]+>|xnor\w*|exponent\w*(?:<.*>)?|float|half|bfloat16')
_KEYWORDS = {one.key: one.keyword for one in OPTIONS}


def configured(options: Mapping[str, Any], *, strict: bool = True) -> tuple[Project, Any]:
    """Return the project that the arguments of a subcommand name, with its whole configuration, and the network.

    Parameters
    ----------
    options : mapping
        Arguments and options of a subcommand, by name.
    strict : bool
        Whether strategies that hls4ml does not know are refused.

    Raises
    ------
    ConfigError
        If a file, a key or a value is not allowed.
    """
    project = read_project(options['model'], options.get('weights'))
    keys, model = project_keys(options)
    if project.is_new:
        keys = {**_PROJECT_DEFAULTS, **keys}
    project = project.with_keys(keys)
    project.keys['Backend'] = check_backend(project.backend)
    shape = shape_of(options.get('input_shape'))
    if (part := project.keys.get('Part')) is not None:
        lookup(str(part))
    block = {**_MODEL_DEFAULTS, **model} if project.is_new else {**(project.hls_config.get('Model') or {}), **model}
    checked = block if strict else {key: value for key, value in block.items() if key != 'Strategy'}
    check_project({**project.keys, 'HLSConfig': {'Model': checked}})
    _check_precision(block.get('Precision'))
    if asked := _asked(block, options):
        # Before the network is read, which takes a while.
        parse_settings({'Model': {BLOCK: {key_of(name): value for name, value in asked.items()}}})
    frontend = frontend_of(project.frontend)
    with redirect_stdout(stderr):
        network = frontend.load(project.model, project.weights)
        if project.is_new:
            block = {**_MODEL_DEFAULTS, **frontend.defaults(network), **model}
            project.keys['HLSConfig'] = frontend.configuration(network, project.backend, block, shape)
        else:
            project.hls_config['Model'] = block
    return project, network


def _check_precision(precision: Any) -> None:
    """Refuse types that hls4ml cannot read, with which it ends in an AttributeError.

    Raises
    ------
    ConfigError
        Naming the type.
    """
    for name, value in precision.items() if isinstance(precision, dict) else [('', precision)]:
        if value is not None and not _TYPE.fullmatch(str(value).strip()):
            where = f'Precision.{name}' if name else 'Precision'
            raise ConfigError(f'{where}: expected a type such as ap_fixed<16,6>, ap_uint<8> or auto, got {shown(value)}')


def _asked(model: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of a configuration with the options of a subcommand in it, by keyword."""
    own = model.get(BLOCK) if isinstance(model, dict) else None
    respelled = respelled_block(dict(own))[0] if isinstance(own, Mapping) else {}
    return {_KEYWORDS.get(key, key): value for key, value in respelled.items()} | block_of(options)


def enable_pruning(project: Project, options: Mapping[str, Any]) -> None:
    """Name the flow in a project's configuration, and give its block the options of a subcommand."""
    from hls4ml_hwprune.api import enable

    model = project.hls_config.get('Model')
    asked = _asked(model, options)
    if isinstance(model, dict):
        model.pop(BLOCK, None)
    enable(project.hls_config, backend=project.backend, **asked)


def without_pruning(project: Project) -> None:
    """Take the flow and the blocks of this package out of a project's configuration."""
    flows = project.hls_config.pop('Flows', None) or []
    flows = [flows] if isinstance(flows, str) else flows
    if others := [flow for flow in flows if not str(flow).endswith(':hwprune')]:
        project.hls_config['Flows'] = others
    scopes = [project.hls_config.get('Model'), *(project.hls_config.get('LayerName') or {}).values()]
    for scope in (*scopes, *(project.hls_config.get('LayerType') or {}).values()):
        if isinstance(scope, dict):
            scope.pop(BLOCK, None)


def convert(project: Project, network: Any, folder: str | Path) -> 'ModelGraph':
    """Convert a network; what hls4ml prints goes to standard error.

    Parameters
    ----------
    project : Project
        Its keys stay as they are.
    network : object
        Of the project's framework.
    folder : str or Path
        Output folder, which the conversion itself does not write to.

    Raises
    ------
    ConfigError
        If hls4ml cannot convert the network.
    """
    import hls4ml
    from hls4ml.utils.config import create_config

    keys = copy.deepcopy(project.keys)
    defaults = create_config(
        output_dir=str(folder), project_name=keys.get('ProjectName') or 'myproject', backend=project.backend
    )
    named = {name: value for name, value in keys.items() if value is not None}
    whole = {**defaults, **named, 'OutputDir': str(folder), frontend_of(project.frontend).KEY: network}
    if 'InputShape' in whole['HLSConfig']:
        whole['InputShape'] = whole['HLSConfig']['InputShape']
    try:
        with redirect_stdout(stderr):
            return hls4ml.converters.convert_from_config(whole)
    except HWPruneError:
        raise
    except Exception as error:
        text = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ConfigError(f'hls4ml cannot convert {project.model}: {shown(text, 300)} (--debug shows where)') from error
