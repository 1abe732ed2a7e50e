"""What a design may take: bounds on resources, latency and initiation interval, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.resources import NAMES, Resources

# What a part bounds where the user does not.
_OF_PART = ('dsp', 'bram18', 'lut', 'ff')


@dataclass(frozen=True)
class Limits:
    """Upper bounds.

    Attributes
    ----------
    resources : mapping of str to float
        By name; those not limited are absent.
    latency, ii : int, optional
        Of the whole design, in clock cycles.
    """

    resources: Mapping[str, float] = field(default_factory=dict)
    latency: int | None = None
    ii: int | None = None

    def as_dict(self) -> dict[str, float]:
        """All bounds by name, as reports have them."""
        cycles = {'latency': self.latency, 'ii': self.ii}
        return {**self.resources, **{name: bound for name, bound in cycles.items() if bound is not None}}


def resolve_limits(settings: Settings, device: Device, unpruned: Resources, clock_ns: float) -> Limits:
    """Turn bounds into counts and cycles.

    Parameters
    ----------
    settings : Settings
    device : Device
        What percentages refer to. It bounds the resources that the budget does not name, too: a design must fit its part, or
        where it does not as it is, take no more of them than now.
    unpruned : Resources
        What the design takes as it is.
    clock_ns : float
        Clock period.
    """
    whole = {name: getattr(device, name) for name in NAMES}
    # A device of nothing stands for an unknown part.
    rest = {name: float(whole[name]) for name in _OF_PART} if any(whole.values()) else {}
    if settings.budget:
        rest = {name: max(amount, float(getattr(unpruned, name))) for name, amount in rest.items()}
    asked = {name: bound.resolve(whole[name], getattr(unpruned, name)) for name, bound in settings.budget.items()}
    bounds = {name: asked.get(name, rest.get(name)) for name in NAMES}
    latency = None if settings.latency is None else settings.latency.cycles(clock_ns)
    return Limits({name: bound for name, bound in bounds.items() if bound is not None}, latency, settings.ii)
