"""What users call from Python."""

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401
import numpy as np

from hls4ml_hwprune.config import BLOCK, check_backend, parse_settings
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.ir import read_layers
from hls4ml_hwprune.resources import Estimate, estimate_layers

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def enable(
    config: MutableMapping[str, Any], *, backend: str, budget: Mapping[str, Any] | None = None, **options: Any
) -> None:
    """Turn pruning on in an hls4ml configuration, in place.

    Parameters
    ----------
    config : dict
        What goes to `hls_config` of hls4ml's converters, or stands under `HLSConfig` in a YAML file; stays plain data.
    backend : str
        'Vivado', 'Vitis' or 'VivadoAccelerator'.
    budget : mapping, optional
        Upper bounds by resource (DSP, BRAM, BRAM36, URAM, LUT, FF): a count, "N%" of the part, or "Nx" of the unpruned
        design. None for the whole part.
    **options
        The other keys of the `HWPrune` block, in snake_case: `packing`, `importance`, `reuse_factor`, `latency`, `ii`,
        `minimize`, `min_importance`, `max_loss`, `calibration`, `exclude`, `device`, `stage`, `method`, `time_limit`,
        `plan`.

    Raises
    ------
    ConfigError
        If anything is not what it may be; `config` is unchanged then.
    """
    name = check_backend(backend)
    if not isinstance(config, MutableMapping):
        raise ConfigError(f'config: expected a dict, got {config!r}')
    block = hwprune_block(budget, options)
    model = config.get('Model') or {}
    parse_settings({**config, 'Model': {**model, BLOCK: block} if isinstance(model, Mapping) else model})
    config['Flows'] = [f'{name.lower()}:hwprune', *_other_flows(config)]
    if config.get('Model') is None:
        config['Model'] = {}
    config['Model'][BLOCK] = block


def hwprune_block(budget: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `HWPrune` block that a budget and options in snake_case stand for, as plain data."""
    block = {_key(name): _plain(value) for name, value in options.items()}
    return block if budget is None else {**block, 'Budget': _plain(budget)}


def _key(name: str) -> str:
    return 'II' if name == 'ii' else ''.join(word.capitalize() for word in name.split('_'))


def estimate(hls_model: 'ModelGraph', stage: str = 'csynth') -> Estimate:
    """Estimate what a design takes, pruned or not, without synthesis.

    Parameters
    ----------
    hls_model : ModelGraph
        Any hls4ml model for Vivado, Vitis or VivadoAccelerator.
    stage : {'csynth', 'vsynth'}
        Whose figures: the HLS compiler's report, or those after logic synthesis.

    Returns
    -------
    Estimate
    """
    check_backend(hls_model.config.backend.name)
    return estimate_layers(read_layers(hls_model), stage)


def _other_flows(config: Mapping[str, Any]) -> list[str]:
    """Flows that the user named besides those that the hwprune flow stands for."""
    flows = config.get('Flows') or []
    flows = [flows] if isinstance(flows, str) else flows
    if not isinstance(flows, list | tuple) or not all(isinstance(flow, str) for flow in flows):
        raise ConfigError(f'Flows: expected a list of flow names, got {flows!r}')
    return [flow for flow in flows if not flow.endswith((':hwprune', ':ip'))]


def _plain(value: Any) -> Any:
    """Plain YAML-able data: tuples and mappings of any kind become lists and dicts."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
