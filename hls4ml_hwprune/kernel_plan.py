"""Plan of one kernel: kept weights, their slots and resources; cycles of a whole design."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.plan_arrays import ARRAYS
from hls4ml_hwprune.records import DISTRIBUTED, KernelKey, SlotTable
from hls4ml_hwprune.resources import Estimate, Resources


@dataclass(frozen=True)
class Timing:
    """Latencies and initiation interval of a whole design, in clock cycles."""

    latency_min: int
    latency_max: int
    ii: int


def timing_of(estimate: Estimate) -> Timing:
    """Take the timing out of an estimate."""
    design = estimate.design
    return Timing(design.latency_min, design.latency_max, design.ii)


@dataclass(frozen=True)
class KernelPlan:
    """Plan of one kernel: its kept weights, their slots, and its resources.

    Attributes
    ----------
    layer, role : str
        Name of the layer and of its weights.
    n_in, n_out, reuse_factor, configured_reuse_factor : int
        Size, chosen reuse factor, and reuse factor of hls4ml's configuration.
    strategy : str
        'resource', 'latency' or 'distributed_arithmetic'.
    packing, importance : str
        Names of the grouping and of the importance measure.
    copies : int
        Matrix-vector products side by side (ParallelizationFactor): physical multipliers a slot.
    n_slots, n_kept : int
        Multiplier slots of the dense kernel at `reuse_factor`, and of the finished design.
    before, after : Resources
        Estimated resources of the kernel, as configured and as planned.
    mask : ndarray of bool, shape (n_out, n_in)
        True where the weight is kept.
    slots : SlotTable, optional
        Table of the kept slots, cycle by cycle, where their layout is not hls4ml's own, or where all of them are kept in a
        kernel that shares its input multiplexers, as hls4ml's own does not.
    values : ndarray of float, shape (n_out, n_in), optional
        New weights, where any moved to a cheaper code or make up for others.
    bias : ndarray of float, shape (n_out,), optional
        New biases, where weights make up for others.
    fingerprint : str
        Hash of the weights that `values` were made for.
    removed_inputs, removed_outputs : int
        Inputs and outputs that the finished design does not have, because they were dead. Mask, slots and values are those
        of all inputs and outputs.
    per_channel : bool
        Whether each output has inputs of its own, as `Kernel.per_channel`.
    slot_bits : int
        Bits of the weights where two slots share a multiplier, as `Kernel.slot_bits`.
    """

    layer: str
    role: str
    n_in: int
    n_out: int
    reuse_factor: int
    configured_reuse_factor: int
    strategy: str
    packing: str
    importance: str
    copies: int
    n_slots: int
    n_kept: int
    before: Resources
    after: Resources
    mask: NDArray[np.bool_] = field(repr=False, compare=False)
    slots: SlotTable | None = field(default=None, repr=False, compare=False)
    values: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    bias: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    fingerprint: str = ''
    removed_inputs: int = 0
    removed_outputs: int = 0
    per_channel: bool = False
    slot_bits: int = 0

    @property
    def key(self) -> KernelKey:
        """Name of the kernel in its design."""
        return KernelKey(self.layer, self.role)

    @property
    def pruned(self) -> bool:
        """Whether any slot is gone."""
        return self.n_kept < self.n_slots

    @property
    def replaced(self) -> bool:
        """Whether a kernel of this package is in the place of hls4ml's own; shifts and adders are made of the weights."""
        return self.strategy != DISTRIBUTED and (self.pruned or self.slots is not None)

    @property
    def changed(self) -> bool:
        """Whether the kernel is not hls4ml's own as configured."""
        moved = self.values is not None or self.reuse_factor != self.configured_reuse_factor
        return self.replaced or moved

    @property
    def pairing(self) -> str:
        """Words on slots that share a multiplier, to go after the number of slots; '' where none do."""
        return f', two in a DSP at {self.slot_bits} bits' if self.slot_bits else ''

    def as_dict(self) -> dict[str, Any]:
        """Everything but the arrays, as plain data."""
        plain = {name: value for name, value in vars(self).items() if name not in ARRAYS}
        return plain | {'before': self.before.as_dict(), 'after': self.after.as_dict()}

    @classmethod
    def from_dict(
        cls,
        data: Mapping[str, Any],
        mask: NDArray[np.bool_],
        slots: SlotTable | None = None,
        values: NDArray[np.float64] | None = None,
        bias: NDArray[np.float64] | None = None,
    ) -> 'KernelPlan':
        """Inverse of `as_dict`."""
        resources = {name: Resources(**data[name]) for name in ('before', 'after')}
        return cls(**{**data, **resources}, mask=mask, slots=slots, values=values, bias=bias)
