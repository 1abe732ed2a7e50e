"""HTML report of a plan, one file that works offline: `hwprune_report.html` beside a project, and `write_html`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hls4ml_hwprune.devices import known_devices
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.files import write_whole
from hls4ml_hwprune.kernel_map import kernels_by_key
from hls4ml_hwprune.markup import element, joined
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.records import Layer
from hls4ml_hwprune.report.html.bars import FIGURES, amounts_of, bars, bars_of
from hls4ml_hwprune.report.html.gantt import gantt
from hls4ml_hwprune.report.html.graph import Place, network
from hls4ml_hwprune.report.html.page import Section, code, page, paragraphs
from hls4ml_hwprune.report.html.slots import is_drawn, kernel_data
from hls4ml_hwprune.report.html.tables import kernels_table, layers_table, left_alone, quality_table, reported_table
from hls4ml_hwprune.report.html_sweep import Points, sweep_content
from hls4ml_hwprune.resources import check_stage, estimate_layers
from hls4ml_hwprune.resources.vector import TITLES

_MARKS = (
    'Figures are estimated, nothing was synthesised. No mark: exact rule; ~: fitted; ?: rough; !: no report of such kernels '
    'by this tool. An arrow stands between before and after where they differ; latency and interval are in cycles.'
)


def write_html(
    plan: Plan,
    path: str | Path,
    *,
    layers: Sequence[Layer] = (),
    unpruned: Sequence[Layer] = (),
    sweep: Points | None = None,
    evaluation: Evaluation | None = None,
    reports: Mapping[str, Mapping[str, float]] | None = None,
    command: str = '',
    project: Mapping[str, Any] | None = None,
) -> None:
    """Write the report of a plan as one HTML file, whole or not at all; the same arguments give the same file.

    Parameters
    ----------
    plan : Plan
    path : str or Path
    layers, unpruned : sequence of Layer
        The design as finished, with which the report shows connections and the cycles of layers, and as it was before
        pruning, with which it shows the figures of layers before, and moved weights.
    sweep : Sweep, optional
    evaluation : Evaluation, optional
        Measured quality. Default: that of the plan, if it has one.
    reports : mapping, optional
        Reported figures of the finished design by stage, to stand beside the estimates: `{'csynth': {'dsp': 80, ...}}`, with
        the names 'dsp', 'bram18', 'uram', 'lut', 'ff', 'latency' and 'ii'.
    command : str
        Lines that make the plan again.
    project : mapping, optional
        Facts of the project by name; 'project' is the title.

    Raises
    ------
    HWPruneError
        If the file cannot be written; a file that is there stays as it is. A `ConfigError`, if `reports` name another stage
        or figure, or there is no plan.
    """
    if not isinstance(plan, Plan):
        raise ConfigError(f'write_html: expected a Plan, got {shown(plan)}')
    _check_reports(reports or {})
    facts = dict(project or {})
    title = f'Pruning of {facts.pop("project", "")}' if 'project' in facts else 'Pruning'
    sections = [
        *_design(plan),
        *_network(plan, layers),
        *_layers(plan, unpruned),
        *_cycles(plan, layers),
        _quality(plan, evaluation),
        Section('Layers left alone', left_alone(plan.not_pruned, plan.in_luts)),
        *(
            [
                Section(
                    'Budgets',
                    sweep_content(sweep.points),
                    'Estimated; red lines reach from a plan to the proven bound on the importance.',
                )
            ]
            if sweep
            else []
        ),
        *([Section('Reported figures', reported_table(_predicted(plan), reports))] if reports else []),
        *([Section('Make it again', code(command))] if command else []),
    ]
    text = page(title, _summary(plan, facts), sections, {'kernels': _kernels(plan, unpruned)})
    write_whole(path, text, 'the report')


def _check_reports(reports: Mapping[str, Mapping[str, float]]) -> None:
    """Refuse stages and figures that there are none of."""
    for stage, amounts in reports.items():
        check_stage(stage)
        for name, amount in amounts.items():
            if name not in FIGURES:
                raise ConfigError(f'reports.{stage}: {shown(name)} is not one of {", ".join(FIGURES)}')
            if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < math.inf:
                raise ConfigError(f'reports.{stage}.{name}: expected a number from 0 on, got {shown(amount)}')


def _summary(plan: Plan, facts: Mapping[str, Any]) -> list[str]:
    about = ', '.join(f'{name.replace("_", " ")} {value}' for name, value in facts.items() if value is not None)
    goal = f' with the least {" and ".join(plan.minimized)}' if plan.minimized else ''
    kept = f'{plan.percent_kept:.1f} % of the importance kept (a score of the weights, not the accuracy)'
    estimated = f'Figures are estimated, nothing was synthesised (stage {plan.stage}, device {plan.device}).'
    return [*([about] if about else []), f'Plan: {plan.status}{goal}; {kept}.', estimated]


def _design(plan: Plan) -> list[Section]:
    designs = [amounts_of(plan.before, plan.timing_before), amounts_of(plan.after, plan.timing_after)]
    device = next((one for one in known_devices() if one.name == plan.device), None)
    part = None if device is None else {name: getattr(device, name) for name in TITLES}
    content = [bars(bars_of(designs, plan.budget, plan.part_bounds, part))]
    if plan.listed_before is not None and plan.listed_after is not None:
        pairs = [(title, getattr(plan.listed_before, n), getattr(plan.listed_after, n)) for n, title in TITLES.items()]
        listed = ', '.join(f'{title} {before:,.0f} → {after:,.0f}' for title, before, after in pairs if before or after)
        content.append(element('p', f'HLS report (csynth, estimated): {listed}.', class_='soft'))
    return [Section('Design', joined(content))]


def _network(plan: Plan, layers: Sequence[Layer]) -> list[Section]:
    """Return the network; without its layers the names that the plan has, and no connections."""
    names = dict.fromkeys([*plan.layers, *(kernel.layer for kernel in plan.kernels)])
    places = [Place(one.name, one.kind, one.inputs) for one in layers] or [Place(name) for name in names]
    drawn = [is_drawn(kernel) for kernel in plan.kernels]
    content = network(places, plan.kernels, _reasons(plan), drawn)
    return [Section('Network', content, 'A button opens the weights of a kernel.')] if places else []


def _layers(plan: Plan, unpruned: Sequence[Layer]) -> list[Section]:
    before = estimate_layers(unpruned, plan.stage).layers if unpruned else {}
    short = {**dict.fromkeys(plan.not_pruned, 'not pruned'), **dict.fromkeys(plan.in_luts, 'products built from LUTs')}
    found = []
    if plan.layers:
        found.append(Section('Layers', layers_table(plan.layers, before, plan.kernels, short), _MARKS))
    if plan.kernels:
        found.append(Section('Kernels', kernels_table(plan.kernels)))
    return found


def _cycles(plan: Plan, layers: Sequence[Layer]) -> list[Section]:
    if not plan.layers or not layers:
        return []
    note = 'Estimated cycles in which each layer works on one input; layers of a stream overlap.'
    return [Section('Cycles', gantt(layers, plan.layers, plan.timing_after.latency_max), note)]


def _quality(plan: Plan, evaluation: Evaluation | None) -> Section:
    measured = evaluation or plan.evaluation
    loss = [] if plan.loss is None else [f'Loss on the calibration data: {plan.loss:.4g}.']
    unknown = 'It was not measured: give Validation inputs and labels, or call hls4ml_hwprune.evaluate(hls_model, x, y).'
    if measured is None:
        return Section('Quality', paragraphs(loss or [unknown]))
    return Section('Quality', joined([paragraphs(loss), quality_table(measured)]))


def _kernels(plan: Plan, unpruned: Sequence[Layer]) -> list[dict[str, Any] | None]:
    """Return the data of kernels that are drawn, None for the others."""
    # `Kernel.values` may have more digits than the weights of the firmware.
    weights = {key: kernel.codes * kernel.unit for key, kernel in kernels_by_key(unpruned).items()}
    return [kernel_data(kernel, weights.get(kernel.key)) if is_drawn(kernel) else None for kernel in plan.kernels]


def _predicted(plan: Plan) -> dict[str, dict[str, float]]:
    """Return the estimates of the finished design by stage; cycles are the same in all."""
    found = {plan.stage: amounts_of(plan.after, plan.timing_after)}
    if plan.listed_after is not None:
        found['csynth'] = amounts_of(plan.listed_after, plan.timing_after)
    return found


def _reasons(plan: Plan) -> dict[str, str]:
    reasons = {name: f'not pruned, because {reason}' for name, reason in plan.not_pruned.items()}
    return {**reasons, **dict.fromkeys(plan.in_luts, 'products built from LUTs')}
