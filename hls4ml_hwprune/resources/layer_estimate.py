"""Estimate of a layer, or of the whole design: resources, cycles and confidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hls4ml_hwprune.resources.confidence import Confidence
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
        Confidence of each figure: 'dsp', 'bram18', 'uram', 'lut', 'ff', 'latency', 'ii'.
    """

    resources: Resources
    latency_min: int
    latency_max: int
    ii: int
    confidence: Mapping[str, Confidence]

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        cycles = {'latency_min': self.latency_min, 'latency_max': self.latency_max, 'ii': self.ii}
        sure = {name: {'kind': c.kind, 'spread': c.spread} for name, c in self.confidence.items()}
        return {**self.resources.as_dict(), **cycles, 'confidence': sure}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> 'LayerEstimate':
        """Inverse of `dataclasses.asdict`."""
        sure = {name: Confidence(**one) for name, one in data['confidence'].items()}
        return cls(**{**data, 'resources': Resources(**data['resources']), 'confidence': sure})

    def __str__(self) -> str:
        amounts = [f'{title} {getattr(self.resources, name):.0f}' for name, title in TITLES.items()]
        return f'{", ".join(amounts)}, latency {self.latency_max}, II {self.ii}'
