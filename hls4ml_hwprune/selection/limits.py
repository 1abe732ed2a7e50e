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
    budget : mapping of str to float
        On resources, by name; those that the user does not limit are absent.
    part : mapping of str to float
        On the others: what the part has, or what the design takes as it is where that is more.
    latency, ii : int, optional
        Of the whole design, in clock cycles.
    """

    budget: Mapping[str, float] = field(default_factory=dict)
    part: Mapping[str, float] = field(default_factory=dict)
    latency: int | None = None
    ii: int | None = None

    @property
    def resources(self) -> dict[str, float]:
        """All bounds on resources."""
        return {**self.part, **self.budget}

    def named(self) -> dict[str, float]:
        """Bounds that the user gave, by name, as plans have them."""
        cycles = {'latency': self.latency, 'ii': self.ii}
        return {**self.budget, **{name: bound for name, bound in cycles.items() if bound is not None}}


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
    latency = None if settings.latency is None else settings.latency.cycles(clock_ns)
    whole = {name: float(getattr(device, name)) for name in NAMES}
    if not settings.budget:
        return Limits({name: whole[name] for name in _OF_PART}, {}, latency, settings.ii)
    budget = {name: bound.resolve(whole[name], getattr(unpruned, name)) for name, bound in settings.budget.items()}
    # A device of nothing stands for an unknown part.
    others = [name for name in _OF_PART if name not in budget] if any(whole.values()) else []
    part = {name: max(whole[name], float(getattr(unpruned, name))) for name in others}
    return Limits(budget, part, latency, settings.ii)
