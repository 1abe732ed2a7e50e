"""Designs of a qualification: networks of fixed random weights, each pruned, and beside it as hls4ml has it."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

#: Back ends whose tools' reports are read.
BACKENDS = ('Vivado', 'Vitis')
_SEED = 0
_BUDGET = {'DSP': '0.5x'}
# Layers without quantizers and with biases, as hls4ml's frontends describe them.
_KERNEL = {'weight_quantizer': None, 'bias_quantizer': None, 'use_bias': True, 'activation': 'linear'}


@dataclass(frozen=True)
class Case:
    """One design.

    Attributes
    ----------
    network : str
        Name of a network of `networks.json`.
    io_type, strategy : str
    reuse_factor : int
    packing : str, optional
        None for the design as hls4ml has it.
    """

    network: str
    io_type: str
    strategy: str
    reuse_factor: int
    packing: str | None = None

    @property
    def name(self) -> str:
        """Name of the design's folder."""
        return f'{self.network}_{self.strategy.lower()}_rf{self.reuse_factor}_{self.packing or "plain"}'

    @property
    def block(self) -> dict[str, Any] | None:
        """Keyword arguments of `enable`; None for the design as hls4ml has it."""
        return None if self.packing is None else {'budget': _BUDGET, 'packing': self.packing}


def _with_twin(network: str, io_type: str, strategy: str, reuse_factor: int, *packings: str) -> list[Case]:
    return [Case(network, io_type, strategy, reuse_factor, packing) for packing in (None, *packings)]


#: Designs in the order of their synthesis.
CASES: tuple[Case, ...] = (
    *_with_twin('dense', 'io_parallel', 'Resource', 4, 'aligned', 'balanced', 'permuted'),
    *_with_twin('dense', 'io_parallel', 'Resource', 8, 'aligned', 'balanced', 'permuted'),
    *_with_twin('dense', 'io_parallel', 'Latency', 1, 'aligned'),
    *_with_twin('conv', 'io_stream', 'Resource', 4, 'aligned', 'balanced'),
)


def layers_of(network: str) -> list[dict[str, Any]]:
    """Layers of a network as hls4ml's frontends hand them over; weights and biases are the same in each call."""
    rng = np.random.default_rng(_SEED)
    layers = json.loads(files(__package__).joinpath('networks.json').read_text('utf-8'))[network]
    return [_with_weights(layer, rng) if 'weights' in layer else layer for layer in layers]


def _with_weights(layer: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    shape = layer.pop('weights')
    values = rng.choice((-1.0, 1.0), shape) * rng.uniform(0.05, 1.0, shape)
    bias = rng.uniform(-1.0, 1.0, shape[-1])
    return {**layer, **_KERNEL, 'weight_data': values.astype(np.float32), 'bias_data': bias.astype(np.float32)}
