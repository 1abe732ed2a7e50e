"""Limits of a design: bounds on resources, latency and initiation interval, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.resources import NAMES, Resources

# Resources bounded by the part where the user does not bound them.
_OF_PART = ('dsp', 'bram18', 'lut', 'ff')


@dataclass(frozen=True)
class Limits:
    """Upper bounds.

    Attributes
    ----------
    budget : mapping of str to float
        Bounds of the user on resources, by name.
    part : mapping of str to float
        Bounds on the other resources: those of the part, or of the unpruned design where it takes more.
    latency, ii : int, optional
        Bounds on the whole design, in clock cycles.
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
        """Bounds given by the user, by name, as in plans."""
        cycles = {'latency': self.latency, 'ii': self.ii}
        return {**self.budget, **{name: bound for name, bound in cycles.items() if bound is not None}}


def resolve_limits(settings: Settings, device: Device, unpruned: Resources, clock_ns: float) -> Limits:
    """Convert bounds to counts and cycles.

    Parameters
    ----------
    settings : Settings
    device : Device
        Reference of percentages. It also bounds the resources that the budget does not name: a design must fit its part, or
        where it does not fit unpruned, take no more of them than then.
    unpruned : Resources
        Resources of the unpruned design.
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
