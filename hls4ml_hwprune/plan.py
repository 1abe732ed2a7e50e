"""The plan: kept weights of each kernel, and resources and cycles of the design before and after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.plan_arrays import ARRAYS
from hls4ml_hwprune.plan_check import LISTED
from hls4ml_hwprune.plan_file import read_plan, write_plan
from hls4ml_hwprune.plan_table import format_plan
from hls4ml_hwprune.records import KernelKey, SlotTable
from hls4ml_hwprune.resources import Estimate, LayerEstimate, Resources


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
        'resource' or 'latency'.
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
        """Whether a kernel of this package is in the place of hls4ml's own."""
        return self.pruned or self.slots is not None

    @property
    def changed(self) -> bool:
        """Whether the kernel is not hls4ml's own as configured."""
        moved = self.values is not None or self.reuse_factor != self.configured_reuse_factor
        return self.replaced or moved

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


@dataclass(frozen=True, repr=False)
class Plan:
    """The outcome of pruning one design.

    Attributes
    ----------
    kernels : list of KernelPlan
    before, after : Resources
        Estimated resources of the whole design, layers that cannot be pruned included.
    layers : dict of str to LayerEstimate
        Estimates of the layers of the planned design, which sum up to `after`; empty in plans of older files.
    timing_before, timing_after : Timing
        Estimated cycles of the whole design.
    budget : dict of str to float
        Upper bounds by resource, 'latency' and 'ii'; bounds that were not given are absent.
    part_bounds : dict of str to float
        Upper bounds on the other resources: those of the part, or the use of the unpruned design where that is more.
    minimized : dict of str to float
        Minimized resources, and the weight of a whole part of each; empty where the most importance is kept.
    status : str
        'optimal', which is proven to within a ten-thousandth of the bound, or 'feasible, gap g %'.
    objective, bound : float
        Maximised figure (the importance, or minus the weighted use), and the proven upper bound on it for any selection.
    importance, total_importance : float
        Importance kept, and that of the unpruned kernels.
    loss : float, optional
        Loss on the calibration data, after a search with a bound on it.
    evaluation : Evaluation, optional
        Quality of the firmware on the validation data, or on the calibration data where there are no others.
    not_pruned : dict of str to str
        Layers with weights that were left alone, and the reason.
    device : str
        The device that percentages refer to.
    stage : str
        'csynth' or 'vsynth': the report that the resources estimate.
    listed_before, listed_after : Resources, optional
        The report of HLS (csynth) for the design before and as finished, where that is not the stage; None in plans that
        were not carried out, and of older files.
    """

    kernels: list[KernelPlan]
    before: Resources
    after: Resources
    timing_before: Timing
    timing_after: Timing
    budget: dict[str, float]
    part_bounds: dict[str, float]
    minimized: dict[str, float]
    status: str
    objective: float
    bound: float
    importance: float
    total_importance: float
    not_pruned: dict[str, str]
    device: str
    stage: str
    loss: float | None = None
    evaluation: Evaluation | None = None
    layers: dict[str, LayerEstimate] = field(default_factory=dict, compare=False)
    listed_before: Resources | None = field(default=None, compare=False)
    listed_after: Resources | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return format_plan(self)

    def __repr__(self) -> str:
        before = {**self.before.as_dict(), **vars(self.timing_before)}
        after = {**self.after.as_dict(), **vars(self.timing_after)}
        names = {'dsp': 'DSP', 'bram18': 'BRAM18', 'lut': 'LUT', 'ff': 'FF', 'latency_max': 'latency', 'ii': 'II'}
        used = ', '.join(f'{title} {after[name]:.0f} of {before[name]:.0f}' for name, title in names.items())
        return f'<Plan of {len(self.kernels)} kernels, {self.status}: {used}>'

    @property
    def pruned(self) -> bool:
        """Whether any kernel lost a slot."""
        return any(kernel.pruned for kernel in self.kernels)

    @property
    def percent_kept(self) -> float:
        """Share of the importance that is kept, in percent."""
        return 100 * self.importance / self.total_importance if self.total_importance else 100.0

    def save(self, path: str | Path) -> None:
        """Write the plan to a JSON file, which `load` and `HWPrune: {Plan: ...}` read.

        Raises
        ------
        PlanError
            If it cannot be written; a file that is there stays as it is.
        """
        write_plan(path, self.as_dict(), [(k.as_dict(), k.mask, k.slots, k.values, k.bias) for k in self.kernels])

    @staticmethod
    def load(path: str | Path, most_weights: int | None = None) -> 'Plan':
        """Read a plan that was saved.

        Parameters
        ----------
        path : str or Path
        most_weights : int, optional
            Weights of the design that the plan is for: a much larger one is refused before its arrays are unpacked.

        Raises
        ------
        PlanError
            If the file cannot be read, is no plan, or contradicts itself.
        """
        content, kernels = read_plan(path, Plan, KernelPlan, most_weights)
        return Plan.from_dict(content, [KernelPlan.from_dict(*data) for data in kernels])

    def as_dict(self) -> dict[str, Any]:
        """Everything but the kernels, as plain data."""
        plain = {name: value for name, value in vars(self).items() if name != 'kernels'}
        plain |= {name: getattr(self, name).as_dict() for name in ('before', 'after')}
        listed = {name: getattr(self, name) for name in LISTED}
        plain |= {name: None if amounts is None else amounts.as_dict() for name, amounts in listed.items()}
        plain['layers'] = {name: asdict(layer) for name, layer in self.layers.items()}
        records = {name: getattr(self, name) for name in ('timing_before', 'timing_after', 'evaluation')}
        return plain | {name: None if record is None else dict(vars(record)) for name, record in records.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], kernels: list[KernelPlan]) -> 'Plan':
        """Inverse of `as_dict`."""
        resources = {name: Resources(**data[name]) for name in ('before', 'after')}
        listed = {name: Resources(**data[name]) for name in LISTED if data.get(name) is not None}
        timings = {name: Timing(**data[name]) for name in ('timing_before', 'timing_after')}
        measured = data.get('evaluation')
        evaluation = None if measured is None else Evaluation(**measured)
        layers = {name: LayerEstimate.from_dict(layer) for name, layer in data.get('layers', {}).items()}
        return cls(kernels, **{**data, **resources, **listed, **timings, 'evaluation': evaluation, 'layers': layers})
