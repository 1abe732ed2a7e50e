"""Binding of products to LUTs: layers without kernels whose multipliers may be built without DSP blocks.

Nothing is lost by it, so that such a choice is a row of the knapsack without a value: DSP blocks for LUTs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.records import Layer
from hls4ml_hwprune.resources import NAMES, layer_resources
from hls4ml_hwprune.selection.knapsack.problem import Curve


@dataclass(frozen=True)
class Binding:
    """A layer whose products may be bound to LUTs.

    Attributes
    ----------
    layer : str
    change : ndarray of float, shape (5,)
        Resources of the layer with its products in LUTs, less those of the layer as it is.
    """

    layer: str
    change: NDArray[np.float64] = field(repr=False)

    def curves(self, columns: Sequence[int], beside: int, weights: NDArray[np.float64]) -> list[Curve]:
        """Alternatives of the row in a problem: the tool chooses, or LUTs.

        Parameters
        ----------
        columns : sequence of int
            Resources of the problem that a plan uses, in the order of `NAMES`.
        beside : int
            Further resources of the problem, which the choice does not touch.
        weights : ndarray of float, shape (5,)
            Weight of a unit of each minimised resource.
        """
        ways = (np.zeros(len(NAMES)), self.change)
        costs = (np.concatenate([way[list(columns)], np.zeros(beside)]) for way in ways)
        return [Curve(np.array([-weights @ way]), cost[None]) for way, cost in zip(ways, costs, strict=True)]


def bindings_of(layers: Sequence[Layer], settings: Settings) -> tuple[Binding, ...]:
    """List the layers that take fewer DSP blocks with their products in LUTs, but for the excluded ones."""
    found = []
    for layer, bound in zip(layers, with_bound(layers, [layer.name for layer in layers]), strict=True):
        change = layer_resources(bound, settings.stage).as_array() - layer_resources(layer, settings.stage).as_array()
        if change[NAMES.index('dsp')] < 0 and not settings.for_layer(layer.name, layer.kind).exclude:
            found.append(Binding(layer.name, change))
    return tuple(found)


def with_bound(layers: Sequence[Layer], names: Collection[str]) -> tuple[Layer, ...]:
    """Bind the products of the named layers to LUTs, where a layer has any that can be."""
    return tuple(_bound(layer) if layer.name in names and is_bindable(layer) else layer for layer in layers)


def is_bindable(layer: Layer) -> bool:
    """Whether a layer has products that can be bound to LUTs."""
    return any(operation.bindable for operation in layer.operations)


def _bound(layer: Layer) -> Layer:
    return replace(layer, operations=tuple(replace(one, in_fabric=one.bindable) for one in layer.operations))


def total_change(bindings: Sequence[Binding], names: Collection[str]) -> NDArray[np.float64]:
    """Sum the changes of the named layers, shape (5,)."""
    return np.sum([np.zeros(len(NAMES)), *(one.change for one in bindings if one.layer in names)], axis=0)
