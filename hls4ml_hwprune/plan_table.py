"""A plan as a table: measured quality first, then layers with their kernels, the design before and after, the budget."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.resources.table import columns_of, header_of, layer_row, legend, listing, plain_row, weakest_figures
from hls4ml_hwprune.tables import layout, wrapped

if TYPE_CHECKING:
    from hls4ml_hwprune.plan import KernelPlan, Plan, Timing
    from hls4ml_hwprune.resources import Resources

_NOT_MEASURED = (
    'Accuracy was not measured: give Calibration inputs, or Validation inputs and labels, or call '
    'hls4ml_hwprune.evaluate(hls_model, x, y).'
)


def format_plan(plan: 'Plan') -> str:
    """Return the table of a plan."""
    columns = columns_of([plan.before, plan.after])
    kernels: dict[str, list[str]] = {}
    for kernel in plan.kernels:
        kernels.setdefault(kernel.layer, []).extend([_kernel(kernel), *_dead(kernel)])
    rows = []
    for name, layer in plan.layers.items():
        reason = plan.not_pruned.get(name)
        notes = [*kernels.get(name, ()), *([] if reason is None else [f'not pruned, because {reason}'])]
        rows.append(layer_row(f'layer {name}', layer, columns, notes))
    # Kernels without slots are the less sure ones, so the design before is marked no surer than it is.
    marks = weakest_figures(plan.layers.values()) if plan.layers else {}
    rows.append(plain_row('whole design, before', _amounts(plan.before, plan.timing_before), columns, marks))
    rows.append(plain_row('whole design, after', _amounts(plan.after, plan.timing_after), columns, marks))
    rows.append(plain_row(f'budget ({plan.device})', plan.budget, columns))
    table = layout(header_of(columns), rows)
    lines = [*_quality(plan), *table, *_listed(plan), *_outcome(plan), *legend(plan.stage)]
    return '\n'.join(lines)


def _amounts(resources: 'Resources', timing: 'Timing') -> dict[str, float]:
    return {**resources.as_dict(), 'latency': timing.latency_max, 'ii': timing.ii}


def _quality(plan: 'Plan') -> list[str]:
    """Return the measured quality of the answers, or the ways to measure it."""
    found = [] if plan.loss is None else [f'loss on the calibration data: {plan.loss:.4g}']
    found += [] if plan.evaluation is None else [str(plan.evaluation)]
    return [line for text in found or [_NOT_MEASURED] for line in wrapped(text)]


def _listed(plan: 'Plan') -> list[str]:
    """Return the listing of HLS before and after; nothing where the table is that, or no listing was made."""
    if plan.listed_before is None or plan.listed_after is None:
        return []
    note = f'The budget refers to {plan.stage} alone.'
    return listing([plan.listed_before, plan.listed_after], 'before / after', note)


def _outcome(plan: 'Plan') -> list[str]:
    goal = f' with the least {" and ".join(plan.minimized)}' if plan.minimized else ''
    kept = f'{plan.percent_kept:.1f} % of the importance kept (a score of the weights, not the accuracy)'
    return wrapped(f'{plan.status}{goal}: {kept}')


def _kernel(kernel: 'KernelPlan') -> str:
    chosen = kernel.reuse_factor != kernel.configured_reuse_factor
    factor = f'{kernel.configured_reuse_factor} -> {kernel.reuse_factor}' if chosen else f'{kernel.reuse_factor}'
    copies = f', {kernel.copies} copies' if kernel.copies > 1 else ''
    share = 100 * kernel.n_kept / kernel.n_slots if kernel.n_slots else 100.0
    shared = ', with shared input multiplexers' if kernel.replaced and not kernel.pruned else ''
    return (
        f'kernel {kernel.n_in} x {kernel.n_out}{copies}, {kernel.strategy}, RF {factor}, {kernel.packing}: '
        f'{kernel.n_kept} of {kernel.n_slots} slots kept ({share:.0f} %){shared}'
    )


def _dead(kernel: 'KernelPlan') -> list[str]:
    if not (kernel.removed_inputs or kernel.removed_outputs):
        return []
    inputs, outputs = f'{kernel.removed_inputs} of {kernel.n_in}', f'{kernel.removed_outputs} of {kernel.n_out}'
    return [f'dead and removed: {inputs} inputs, {outputs} outputs']
