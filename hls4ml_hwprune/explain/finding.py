"""A finding: a fact about a layer or the whole design, and the change that would mend it."""

from dataclasses import dataclass
from typing import Any

#: Topics in the order of the text.
TOPICS = {
    'strategy': 'Strategies that hls4ml does not know',
    'zeros': 'Zeros that save nothing',
    'reuse': 'Reuse factors',
    'synthesis': 'Obstacles to synthesis',
    'board': 'Fit on the part',
    'types': 'Types that lose numbers',
    'answers': 'Firmware against the network',
}


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes
    ----------
    topic : str
        One of `TOPICS`.
    layer : str
        Name of the layer; empty for the whole design.
    text : str
        The fact, with figures.
    cure : str
        Change that would mend it; empty for a fact that needs none.
    """

    topic: str
    layer: str
    text: str
    cure: str = ''

    @property
    def is_trouble(self) -> bool:
        """Whether there is something to mend."""
        return bool(self.cure)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {'topic': self.topic, 'layer': self.layer, 'text': self.text, 'cure': self.cure}
