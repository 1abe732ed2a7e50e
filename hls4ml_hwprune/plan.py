"""The plan: kept weights of each kernel, and resources and cycles of the design before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.kernel_plan import KernelPlan, Timing
from hls4ml_hwprune.plan_check import LISTED
from hls4ml_hwprune.plan_file import read_plan, write_plan
from hls4ml_hwprune.plan_table import design_table, outcome, quality, reports
from hls4ml_hwprune.report.html.bars import amounts_of, bars, bars_of
from hls4ml_hwprune.report.html.page import fragment, paragraphs
from hls4ml_hwprune.report.html.tables import kernels_table, layers_table
from hls4ml_hwprune.resources import LayerEstimate, Resources
from hls4ml_hwprune.resources.confidence import FIGURES
from hls4ml_hwprune.resources.table import legend


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
    in_luts : list of str
        Layers without a kernel whose products are bound to LUTs.
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
    in_luts: list[str] = field(default_factory=list)
    layers: dict[str, LayerEstimate] = field(default_factory=dict, compare=False)
    listed_before: Resources | None = field(default=None, compare=False)
    listed_after: Resources | None = field(default=None, compare=False)

    def __str__(self) -> str:
        designs = [(self.before, self.timing_before), (self.after, self.timing_after)]
        lines = [
            *quality(self.loss, self.evaluation),
            *design_table(self.layers, self.kernels, self.not_pruned, self.in_luts, designs, (self.device, self.budget)),
            *reports(self.listed_before, self.listed_after, self.stage),
            *outcome(self.status, self.minimized, self.percent_kept),
            *legend(self.stage, self.layers.values()),
        ]
        return '\n'.join(lines)

    def __repr__(self) -> str:
        before = {**self.before.as_dict(), **vars(self.timing_before)}
        after = {**self.after.as_dict(), **vars(self.timing_after)}
        names = {'dsp': 'DSP', 'bram18': 'BRAM18', 'lut': 'LUT', 'ff': 'FF', 'latency_max': 'latency', 'ii': 'II'}
        known = [name for name in names if name.removesuffix('_max') not in self.unknown]
        used = ', '.join(f'{names[name]} {after[name]:.0f} of {before[name]:.0f}' for name in known)
        return f'<Plan of {len(self.kernels)} kernels, {self.status}: {used}>'

    def _repr_html_(self) -> str:
        designs = [amounts_of(self.before, self.timing_before), amounts_of(self.after, self.timing_after)]
        remarks = dict.fromkeys(self.not_pruned, 'not pruned')
        tables = [layers_table(self.layers, {}, self.kernels, remarks)] if self.layers else []
        said = quality(self.loss, self.evaluation), outcome(self.status, self.minimized, self.percent_kept)
        return fragment(
            paragraphs([' '.join(' '.join(lines).split()) for lines in said]),
            bars(bars_of(designs, self.budget, self.part_bounds)),
            *tables,
            kernels_table(self.kernels),
            paragraphs([f'Estimated, nothing was synthesised ({self.stage}).']),
        )

    @property
    def pruned(self) -> bool:
        """Whether any kernel lost a slot."""
        return any(kernel.pruned for kernel in self.kernels)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the figures that the tool has no reports of; their numbers mean nothing."""
        return tuple(name for name in FIGURES if any(not layer.knows(name) for layer in self.layers.values()))

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
        plain['layers'] = {name: layer.state() for name, layer in self.layers.items()}
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
