"""Grids of values that kept weights and biases may have, so that the design takes no more than was planned."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.node.grids import value_range
from hls4ml_hwprune.host.node.weights import bias_role, bias_vector
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.packing import slot_units
from hls4ml_hwprune.reconstruction import Affine, Grid, SlotGrid, round_with_feedback
from hls4ml_hwprune.records import Kernel, KernelKey
from hls4ml_hwprune.selection.constant_codes import free_codes

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class Grids:
    """Grids of the weights and biases of all kernels.

    Parameters
    ----------
    model : ModelGraph
    kernels : mapping of KernelKey to Kernel
    codes : mapping of KernelKey to ndarray of int, shape (n_out, n_in)
        Codes of the plan, of kernels whose weights are constants. Weights of an input may then have these, which are paid
        for, and codes that need no DSP. Kernels that are absent are held to their type alone.
    paired : mapping of KernelKey to SlotGrid
        Grids of kernels whose slots are paired.
    """

    def __init__(
        self,
        model: 'ModelGraph',
        kernels: Mapping[KernelKey, Kernel],
        codes: Mapping[KernelKey, NDArray[np.int64]] | None = None,
        paired: Mapping[KernelKey, SlotGrid] | None = None,
    ) -> None:
        own: dict[KernelKey, Grid | SlotGrid]
        own = {key: _weight_grid(model, kernel, (codes or {}).get(key)) for key, kernel in kernels.items()}
        self._weights = own | dict(paired or {})
        self._biases = {key: _grid(model, key.layer, bias_role(key.role)) for key in kernels}
        self._own = {key: bias_vector(model.graph[key.layer], key.role) for key in kernels}

    def project(self, key: KernelKey, affine: Affine) -> Affine:
        """Nearest weights and biases; biases that cannot change are the model's own."""
        bias = self._biases[key]
        nearest = self._own[key] if bias is None else bias.project(affine.bias)
        return Affine(self._weights[key].project(affine.weights), nearest)

    def rounded(self, key: KernelKey, affine: Affine, kept: NDArray[np.bool_], inputs: NDArray[np.float64]) -> Affine:
        """Weights and biases whose rounding errors make up for each other on inputs of these second moments."""
        return round_with_feedback(affine, kept, inputs, self._weights[key], self._biases[key])


def _grid(model: 'ModelGraph', layer: str, role: str) -> Grid | None:
    found = value_range(model.graph[layer], role)
    return None if found is None else Grid(*found)


def _weight_grid(model: 'ModelGraph', kernel: Kernel, codes: NDArray[np.int64] | None) -> Grid:
    whole = _grid(model, kernel.layer, kernel.role)
    assert whole is not None  # kernels of other types are not pruned
    if codes is None:
        return whole
    free = free_codes(kernel)
    free = free[(free >= whole.low) & (free <= whole.high)]
    if free.size > whole.high - whole.low:
        return whole
    return Grid(whole.unit, whole.low, whole.high, tuple(np.union1d(free, column) for column in codes.T))


def slot_grid(kernel: Kernel, plan: KernelPlan, weights: NDArray[np.float64]) -> SlotGrid:
    """Grid of the weights of paired slots: each slot has the least power of two with which its `weights` fit.

    Parameters
    ----------
    kernel : Kernel
    plan : KernelPlan
        With `slot_bits` and a table of slots.
    weights : ndarray of float, shape (n_out, n_in)
    """
    assert plan.slots is not None  # paired slots have a table
    codes = np.rint(weights / kernel.unit).astype(np.int64)
    units = slot_units(codes, plan.slots.positions, plan.slot_bits) * kernel.unit
    most = 2 ** (plan.slot_bits - 1) - 1
    return SlotGrid(units, -most, most)
