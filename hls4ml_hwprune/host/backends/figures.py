"""Refusal of settings that need figures or simulations which there are none of for a back end."""

from collections.abc import Iterator

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.budget import BOUNDS
from hls4ml_hwprune.config.settings import AUTO
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.backends.base import Backend
from hls4ml_hwprune.quoting import shown_name
from hls4ml_hwprune.tools import tool_named

#: Keys of a budget that work for any back end: multipliers are counted.
COUNTED = ('DSP',)
# Resources of a part.
_OF_PART = ('DSP', 'BRAM', 'LUT', 'FF')
# Packings whose use shows in figures of memories or of constants alone.
_PRICED_PACKINGS = ('bram', 'snapped')


def default_budget(backend: Backend) -> dict[str, str]:
    """Budget where none is given: the whole part, or as many multipliers as the unpruned design has."""
    reported = tool_named(backend.tool).has_reports
    return dict.fromkeys(_OF_PART, '100%') if reported else dict.fromkeys(COUNTED, '1x')


def check_figures(backend: Backend, settings: Settings) -> None:
    """Refuse settings that a back end cannot have.

    Raises
    ------
    ConfigError
        Naming the key, and those that work.
    """
    if not tool_named(backend.tool).has_reports:
        for where in _unknown(settings):
            keys = ' and '.join(f'Budget.{key}' for key in COUNTED)
            raise ConfigError(
                f'HWPrune.{where}: {backend.name} has no estimate of it, for want of reports of {backend.tool}; the bound '
                f'that works is {keys}, which counts multipliers'
            )
        for where, packing in _packings(settings):
            if packing in _PRICED_PACKINGS:
                raise ConfigError(
                    f'{where}HWPrune.Packing: {packing} saves nothing that {backend.name} has an estimate of; use aligned, '
                    'balanced, permuted or auto'
                )
    if not backend.simulated:
        for key, data in (('Calibration', settings.calibration), ('Validation', settings.validation)):
            if data is not None:
                raise ConfigError(
                    f'HWPrune.{key}: firmware of {backend.name} holds its weights in the code, so that it cannot run with '
                    f'others; plan with {key} for Vitis, save the plan, and give it as HWPrune.Plan'
                )


def _unknown(settings: Settings) -> Iterator[str]:
    """Keys of the settings that need figures of reports."""
    known = {BOUNDS[key][0] for key in COUNTED}
    titles = {name: key for key, (name, _) in reversed(BOUNDS.items())}
    yield from (f'Budget.{titles[name]}' for name in settings.budget if name not in known)
    yield from (f'Minimize.{titles[name]}' for name in settings.objective.weights if name not in known)
    yield from (key for key, bound in (('Latency', settings.latency), ('II', settings.ii)) if bound is not None)
    factors = [
        settings.reuse_factor,
        *(own.reuse_factor for own in (*settings.layers.values(), *settings.layer_types.values())),
    ]
    yield from ('ReuseFactor: auto' for factor in factors if factor == AUTO)


def _packings(settings: Settings) -> Iterator[tuple[str, str | None]]:
    """Places of the settings that name a packing, and the packings."""
    yield '', settings.packing
    yield from ((f'LayerName.{shown_name(name)}.', own.packing) for name, own in settings.layers.items())
    yield from ((f'LayerType.{shown_name(name)}.', own.packing) for name, own in settings.layer_types.items())
