"""Sweep over budgets: a plan for each, and the Pareto front of importance over use."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401
import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.api import hwprune_block
from hls4ml_hwprune.config import BLOCK, OPTIONS, Options, Settings, parse_settings, with_keywords
from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.errors import ConfigError, InfeasibleError, PlanError
from hls4ml_hwprune.host.backends.figures import check_figures
from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.dead_structure.dataflow import read_wiring
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.graph.eligibility import check_layer_types
from hls4ml_hwprune.host.session.device import target_device
from hls4ml_hwprune.host.session.model import check_model
from hls4ml_hwprune.host.session.plan_store import has_plan
from hls4ml_hwprune.jobs import check_jobs, is_spread, packed, results, unpacked
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.progress import progress
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.report.figure import draw_front
from hls4ml_hwprune.report.html_sweep import sweep_fragment
from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.resources.table import columns_of, header_of
from hls4ml_hwprune.selection.design import Design, planned_kernels, read_design
from hls4ml_hwprune.selection.planner import plan_design
from hls4ml_hwprune.tables import Row, layout

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
_MEASURES = (*NAMES, 'latency', 'ii')


@dataclass(frozen=True)
class Point:
    """One budget, and its plan or the reason that there is none."""

    budget: dict[str, Any]
    plan: Plan | None
    reason: str = ''


@dataclass(frozen=True, repr=False)
class Sweep:
    """Plans of one design over several budgets, in the order of the budgets."""

    points: tuple[Point, ...]

    def __str__(self) -> str:
        columns = columns_of([plan.after for plan in self.plans])
        rows = [_row(point, columns) for point in self.points]
        return '\n'.join(layout([*header_of(columns), 'kept'], rows))

    def __repr__(self) -> str:
        return f'<Sweep of {len(self.points)} budgets, {len(self.plans)} of them met>'

    def _repr_html_(self) -> str:
        return sweep_fragment(self.points)

    @property
    def plans(self) -> list[Plan]:
        """Plans of the budgets that can be met."""
        return [point.plan for point in self.points if point.plan is not None]

    def front(self, measure: str = 'dsp') -> list[Plan]:
        """Plans that no other beats: none keeps more importance for the same or less of `measure`, least use first.

        Parameters
        ----------
        measure : str
            'dsp', 'bram18', 'uram', 'lut', 'ff', 'latency' or 'ii'.
        """
        ordered = sorted(self.plans, key=lambda plan: (use_of(plan, measure), -plan.importance))
        best, found = -1.0, []
        for plan in ordered:
            if plan.importance > best:
                best = plan.importance
                found.append(plan)
        return found

    def figure(self, path: str | Path, measure: str = 'dsp') -> None:
        """Draw kept importance over use, every plan and the front, to a file of any format that matplotlib knows.

        Raises
        ------
        HWPruneError
            If matplotlib is not installed, or the file cannot be written.
        ConfigError
            If there is no such measure.
        """
        plans, front = self.plans, self.front(measure)
        points = [(use_of(plan, measure), plan.percent_kept) for plan in plans]
        line = [(use_of(plan, measure), plan.percent_kept) for plan in front]
        draw_front(path, points, line, measure, plans[0].stage if plans else '')


def _row(point: Point, columns: Sequence[str]) -> Row:
    """Return the row of a budget: use and kept importance of its plan, or the reason that there is none."""
    label = ', '.join(f'{name} {bound}' for name, bound in point.budget.items()) or 'the whole part'
    if point.plan is None:
        return Row(label, (), [point.reason])
    unknown, measures = point.plan.unknown, (*columns, 'latency', 'ii')
    figures = ['-' if measure in unknown else f'{use_of(point.plan, measure):.0f}' for measure in measures]
    return Row(label, [*figures, f'{point.plan.percent_kept:.1f} %'])


def use_of(plan: Plan, measure: str) -> float:
    """Estimated use of a plan.

    Raises
    ------
    ConfigError
        If there is no such measure.
    """
    if not isinstance(measure, str) or measure not in _MEASURES:
        near = hint(measure, _MEASURES)
        raise ConfigError(f'measure: {shown(measure)} is not one of {", ".join(_MEASURES)}{near}')
    timing = {'latency': plan.timing_after.latency_max, 'ii': plan.timing_after.ii}
    return float(timing[measure] if measure in timing else getattr(plan.after, measure))


@with_keywords([one for one in OPTIONS if one.key != 'Budget' and 'sweep' not in one.not_for])
def sweep(
    hls_model: 'ModelGraph', budgets: Sequence[Mapping[str, Any]], *, jobs: int = 1, **options: Unpack[Options]
) -> Sweep:
    """Plan a design for each of several budgets; work that does not depend on the budget is done once.

    Parameters
    ----------
    hls_model : ModelGraph
        A model that was converted without an hwprune flow; it is left as it is. `Plan.save` and `HWPrune: {Plan: ...}`
        apply a plan that was found.
    budgets : sequence of mapping
        Upper bounds by resource, as `enable` takes them.
    jobs : int
        Plans made at the same time, through joblib: within `joblib.parallel_config(...)` on the backend that it names, a
        cluster of Dask or Ray for example. -1 for all cores.
    **options
        The other keys of the `HWPrune` block in snake_case, as for `enable`, but for those of samples and plans.

    Returns
    -------
    Sweep
        Budgets that cannot be met have a reason in place of a plan. Resources and cycles are those before dead structure
        is removed.

    Raises
    ------
    ConfigError
        If a budget, an option or an argument is not allowed.
    PlanError
        If the model was pruned already.
    """
    from joblib import delayed

    check_model(hls_model, 'sweep')
    _check_arguments(budgets, jobs)
    if has_plan(hls_model):
        raise PlanError('the model is pruned already: sweep takes one that was converted without an hwprune flow')
    settings = [_settings(hls_model, budget, options) for budget in budgets]
    for one in settings:
        check_figures(backend_of(hls_model), one)
        if one.plan is not None or one.calibration is not None or one.validation is not None:
            raise ConfigError('sweep: Plan, Calibration and Validation are for conversions, not for sweeps')
    for note in dict.fromkeys(note for one in settings for note in one.notes):
        _LOG.warning('%s', note)
    devices = [target_device(hls_model, one) for one in settings]
    layers = read_layers(hls_model)
    check_layer_types(settings[0])
    design = read_design(layers, settings[0], read_wiring(hls_model, planned_kernels(layers, settings[0])))
    pairs = list(zip(settings, devices, strict=True))
    if is_spread(jobs):
        shared = packed(design)
        work = [delayed(_spread_point)(shared, one, device) for one, device in pairs]
    else:
        work = [delayed(_point)(design, one, device) for one, device in pairs]
    found = list(progress(results(work, jobs), 'budgets', len(settings)))
    return Sweep(tuple(Point(dict(b or {}), plan, reason) for b, (plan, reason) in zip(budgets, found, strict=True)))


def _check_arguments(budgets: Any, jobs: Any) -> None:
    """Refuse a single budget, and numbers of jobs that joblib has no meaning for."""
    if isinstance(budgets, Mapping):
        raise ConfigError(f'budgets: expected a list of budgets, got one; did you mean [{shown(dict(budgets))}]?')
    if isinstance(budgets, str) or not isinstance(budgets, Sequence):
        raise ConfigError(f'budgets: expected a list of mappings such as [{{"DSP": "0.5x"}}], got {shown(budgets)}')
    if not budgets:
        raise ConfigError('budgets: expected at least one')
    check_jobs(jobs)


def _settings(hls_model: 'ModelGraph', budget: Mapping[str, Any], options: Mapping[str, Any]) -> Settings:
    hls_config = hls_model.config.config['HLSConfig']
    block = hwprune_block({**options, 'budget': budget})
    return parse_settings({**hls_config, 'Model': {**(hls_config.get('Model') or {}), BLOCK: block}})


def _point(design: Design, settings: Settings, device: Device) -> tuple[Plan | None, str]:
    try:
        return plan_design(design, settings, device), ''
    except InfeasibleError as error:
        return None, str(error)


def _spread_point(shared: NDArray[np.uint8], settings: Settings, device: Device) -> tuple[Plan | None, str]:
    return _point(unpacked(shared), settings, device)
