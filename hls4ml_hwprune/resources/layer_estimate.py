"""Estimate of a layer, or of the whole design: resources, cycles and confidence."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hls4ml_hwprune.resources.confidence import UNKNOWN, Confidence
from hls4ml_hwprune.resources.vector import TITLES, Resources


@dataclass(frozen=True)
class LayerEstimate:
    """Estimated resources and timing of a layer, or of the whole design.

    Attributes
    ----------
    resources : Resources
    latency_min, latency_max, ii : int
        Latencies and initiation interval, in clock cycles.
    confidence : mapping of str to Confidence
        Confidence of each figure: 'dsp', 'bram18', 'uram', 'lut', 'ff', 'latency', 'ii'. Of an 'unknown' figure the number
        means nothing.
    weight_bits : int, optional
        Bits of the weights that the firmware holds, where the tool has no reports.
    """

    resources: Resources
    latency_min: int
    latency_max: int
    ii: int
    confidence: Mapping[str, Confidence]
    weight_bits: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        cycles = {'latency_min': self.latency_min, 'latency_max': self.latency_max, 'ii': self.ii}
        sure = {name: {'kind': c.kind, 'spread': c.spread} for name, c in self.confidence.items()}
        bits = {} if self.weight_bits is None else {'weight_bits': self.weight_bits}
        return {**known_figures({**self.resources.as_dict(), **cycles}, self.unknown), **bits, 'confidence': sure}

    def state(self) -> dict[str, Any]:
        """Plain data for plan files: all fields, and no bits where they are not counted."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> 'LayerEstimate':
        """Inverse of `state`."""
        sure = {name: Confidence(**one) for name, one in data['confidence'].items()}
        return cls(**{**data, 'resources': Resources(**data['resources']), 'confidence': sure})

    def __str__(self) -> str:
        figures = {TITLES[name]: value for name, value in vars(self.resources).items() if self.knows(name)}
        figures |= {'latency': self.latency_max} if self.knows('latency') else {}
        figures |= {'II': self.ii} if self.knows('ii') else {}
        return ', '.join(f'{title} {value:.0f}' for title, value in figures.items())

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the figures that there are none of."""
        return tuple(name for name in self.confidence if not self.knows(name))

    def knows(self, figure: str) -> bool:
        """Whether there is such a figure."""
        return self.confidence[figure] != UNKNOWN


def known_figures(figures: Mapping[str, Any], unknown: Collection[str]) -> dict[str, Any]:
    """Return figures by name, None for the `unknown` ones; both ends of a latency go by its name."""
    return {name: None if name.removesuffix('_min').removesuffix('_max') in unknown else x for name, x in figures.items()}
