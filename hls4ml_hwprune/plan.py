"""The plan: what is kept of each kernel, and what the design takes before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import SlotTable
from hls4ml_hwprune.resources import Resources


@dataclass(frozen=True)
class KernelPlan:
    """What is kept of one kernel.

    Attributes
    ----------
    layer, role : str
        Name of the layer and of its weights.
    n_in, n_out, reuse_factor : int
    strategy : str
        'resource' or 'latency'.
    packing, importance : str
        How weights were grouped and valued.
    copies : int
        Matrix-vector products side by side (ParallelizationFactor): physical multipliers a slot.
    n_slots, n_kept : int
        Multiplier slots of the dense kernel, and those that are left.
    before, after : Resources
        Estimated resources of the kernel.
    mask : ndarray of bool, shape (n_out, n_in)
        True where the weight is kept.
    slots : SlotTable, optional
        What each kept slot does in each cycle, where that is not hls4ml's own layout.
    values : ndarray of float, shape (n_out, n_in), optional
        New weights, where any moved to a cheaper code; not restored from a model, whose weights they are.
    """

    layer: str
    role: str
    n_in: int
    n_out: int
    reuse_factor: int
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

    @property
    def pruned(self) -> bool:
        """Whether any slot is gone."""
        return self.n_kept < self.n_slots

    def as_dict(self) -> dict[str, Any]:
        """Everything but the arrays, as plain data."""
        plain = {name: value for name, value in vars(self).items() if name not in ('mask', 'slots', 'values')}
        return plain | {'before': self.before.as_dict(), 'after': self.after.as_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], mask: NDArray[np.bool_], slots: SlotTable | None = None) -> 'KernelPlan':
        """Inverse of `as_dict`."""
        resources = {name: Resources(**data[name]) for name in ('before', 'after')}
        return cls(**{**data, **resources}, mask=mask, slots=slots)


@dataclass(frozen=True)
class Plan:
    """The outcome of pruning one design.

    Attributes
    ----------
    kernels : list of KernelPlan
    before, after : Resources
        Estimated resources of the whole design, layers that cannot be pruned included.
    budget : dict of str to float
        Upper bounds in force, by resource; those not limited are absent.
    status : str
        'optimal', or 'feasible, gap g %'.
    objective, bound : float
        Importance kept, and the proven upper bound on what any selection within the budget keeps.
    total_importance : float
        Importance of the unpruned kernels.
    not_pruned : dict of str to str
        Layers with weights that were left alone, and why.
    device : str
        The device that percentages refer to.
    stage : str
        'csynth' or 'vsynth': which tool's figures the resources estimate.
    """

    kernels: list[KernelPlan]
    before: Resources
    after: Resources
    budget: dict[str, float]
    status: str
    objective: float
    bound: float
    total_importance: float
    not_pruned: dict[str, str]
    device: str
    stage: str

    @property
    def pruned(self) -> bool:
        """Whether any kernel lost a slot."""
        return any(kernel.pruned for kernel in self.kernels)

    def as_dict(self) -> dict[str, Any]:
        """Everything but the kernels, as plain data."""
        plain = {name: value for name, value in vars(self).items() if name != 'kernels'}
        return plain | {'before': self.before.as_dict(), 'after': self.after.as_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], kernels: list[KernelPlan]) -> 'Plan':
        """Inverse of `as_dict`."""
        resources = {name: Resources(**data[name]) for name in ('before', 'after')}
        return cls(kernels, **{**data, **resources})
