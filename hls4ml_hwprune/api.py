"""What users call from Python."""

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

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
        The other keys of the `HWPrune` block, in snake_case: `packing`, `importance`, `exclude`, `device`, `stage`,
        `time_limit`.

    Raises
    ------
    ConfigError
        If anything is not what it may be; `config` is unchanged then.
    """
    name = check_backend(backend)
    if not isinstance(config, MutableMapping):
        raise ConfigError(f'config: expected a dict, got {config!r}')
    block = {''.join(word.capitalize() for word in key.split('_')): _plain(value) for key, value in options.items()}
    if budget is not None:
        block['Budget'] = _plain(budget)
    model = dict(config.get('Model') or {}) | {BLOCK: block}
    parse_settings({**config, 'Model': model})
    config.setdefault('Model', {})
    if config['Model'] is None:
        config['Model'] = {}
    config['Model'][BLOCK] = block
    flow = f'{name.lower()}:hwprune'
    others = [f for f in config.get('Flows') or () if not f.endswith((':hwprune', ':ip'))]
    config['Flows'] = [flow, *others]


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


def _plain(value: Any) -> Any:
    """Plain YAML-able data: tuples and mappings of any kind become lists and dicts."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return value
