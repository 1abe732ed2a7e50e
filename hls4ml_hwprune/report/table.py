"""The plan as a table."""

import logging

from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.plan import KernelPlan, Plan

_LOG = logging.getLogger(__name__)
_SHAPE = ('layer', 'n_in', 'n_out', 'RF', 'strategy', 'packing', 'slots', 'kept')
_HEADER = (*_SHAPE, 'DSP', 'BRAM18', 'LUT', 'FF', 'latency', 'II')
_COUNTED = ('dsp', 'bram18', 'lut', 'ff')


def format_plan(plan: Plan) -> str:
    """Lines of a table: a row a kernel, the whole design before and after, the budget and the knapsack's outcome."""
    rows: list[tuple[str, ...]] = [_HEADER]
    for k in plan.kernels:
        used = [f'{getattr(k.after, name):.0f}' for name in _COUNTED]
        chosen = k.reuse_factor != k.configured_reuse_factor
        factor = f'{k.configured_reuse_factor} -> {k.reuse_factor}' if chosen else k.reuse_factor
        shape = (k.layer, k.n_in, k.n_out, factor, k.strategy, k.packing, k.n_slots, k.n_kept)
        rows.append((*map(str, shape), *used, '', ''))
    for title, total, timing in (
        ('whole design, before', plan.before, plan.timing_before),
        ('whole design, after', plan.after, plan.timing_after),
    ):
        used = [f'{getattr(total, name):.0f}' for name in _COUNTED]
        rows.append((title, *[''] * 7, *used, f'{timing.latency_max}', f'{timing.ii}'))
    limits = [f'{plan.budget[name]:.0f}' if name in plan.budget else '-' for name in (*_COUNTED, 'latency', 'ii')]
    rows.append((f'budget ({plan.device})', *[''] * 7, *limits))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = ['  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    goal = f' with the least {" and ".join(plan.minimized)}' if plan.minimized else ''
    lines.append(
        f'{plan.status}{goal}: {plan.percent_kept:.1f} % of the importance kept; resources and cycles are estimated '
        f'({plan.stage})'
    )
    lines += [] if plan.loss is None else [f'loss on the calibration data: {plan.loss:.4g}']
    lines += [] if plan.evaluation is None else [format_evaluation(plan.evaluation)]
    lines += [_removed(kernel) for kernel in plan.kernels if kernel.removed_inputs or kernel.removed_outputs]
    lines += [f'{layer} is not pruned, because {reason}' for layer, reason in plan.not_pruned.items()]
    return '\n'.join(lines)


def _removed(kernel: KernelPlan) -> str:
    inputs, outputs = f'{kernel.removed_inputs} of {kernel.n_in}', f'{kernel.removed_outputs} of {kernel.n_out}'
    return f'{kernel.layer}: {inputs} inputs and {outputs} outputs were dead and are removed'


def format_evaluation(evaluation: Evaluation) -> str:
    """Say in a line how good the answers are."""
    parts = []
    if evaluation.accuracy is not None:
        before = '' if evaluation.reference_accuracy is None else f', {evaluation.reference_accuracy:.4f} before pruning'
        parts.append(f'accuracy {evaluation.accuracy:.4f}{before}')
    if evaluation.agreement is not None:
        parts.append(f'{100 * evaluation.agreement:.2f} % of the answers as before pruning')
    if evaluation.on_values and evaluation.loss is not None:
        parts.append(f'mean squared difference {evaluation.loss:.4g} of the variance before pruning')
    return f'firmware, simulated on {evaluation.n_samples} samples: {"; ".join(parts)}'


def log_plan(plan: Plan) -> None:
    """Log the table."""
    _LOG.info('%s', format_plan(plan))
