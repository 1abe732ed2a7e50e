"""A plan as a table: measured quality first, then layers with their kernels, the design before and after, the budget."""

from collections.abc import Collection, Mapping, Sequence

from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.kernel_plan import KernelPlan, Timing
from hls4ml_hwprune.resources import LayerEstimate, Resources
from hls4ml_hwprune.resources.table import columns_of, header_of, layer_row, listing, plain_row, total_bits, weakest_figures
from hls4ml_hwprune.tables import layout, wrapped

_NOT_MEASURED = (
    'Accuracy was not measured: give Calibration inputs, or Validation inputs and labels, or call '
    'hls4ml_hwprune.evaluate(hls_model, x, y).'
)


def quality(loss: float | None, evaluation: Evaluation | None) -> list[str]:
    """Return the measured quality of the answers, or the ways to measure it."""
    found = [] if loss is None else [f'loss on the calibration data: {loss:.4g}']
    found += [] if evaluation is None else [str(evaluation)]
    return [line for text in found or [_NOT_MEASURED] for line in wrapped(text)]


def design_table(
    layers: Mapping[str, LayerEstimate],
    kernels: Sequence[KernelPlan],
    not_pruned: Mapping[str, str],
    in_luts: Sequence[str],
    designs: Sequence[tuple[Resources, Timing]],
    budget: tuple[str, Mapping[str, float]],
) -> list[str]:
    """Return the lines of layers with their kernels, of the designs before and after, and of the budget of a device."""
    columns = columns_of([resources for resources, _ in designs], layers.values())
    notes: dict[str, list[str]] = {}
    for kernel in kernels:
        notes.setdefault(kernel.layer, []).extend([_kernel(kernel), *_dead(kernel)])
    for name, reason in not_pruned.items():
        alone = f'not pruned, because {reason}'
        notes.setdefault(name, []).append('its products are built from LUTs' if name in in_luts else alone)
    rows = [layer_row(f'layer {name}', layer, columns, notes.get(name, ())) for name, layer in layers.items()]
    # Kernels without slots are the less sure ones, so the design before is marked no surer than it is.
    marks = weakest_figures(layers.values()) if layers else {}
    for when, (resources, timing) in zip(('before', 'after'), designs, strict=True):
        amounts = {**resources.as_dict(), 'latency': timing.latency_max, 'ii': timing.ii}
        if when == 'after' and (bits := total_bits(layers.values())) is not None:
            amounts['weight_bits'] = bits
        rows.append(plain_row(f'whole design, {when}', amounts, columns, marks))
    device, bounds = budget
    rows.append(plain_row(f'budget ({device})', bounds, columns))
    return layout(header_of(columns), rows)


def reports(before: Resources | None, after: Resources | None, stage: str) -> list[str]:
    """Return the listing of HLS before and after; nothing where the table is that, or no listing was made."""
    if before is None or after is None:
        return []
    return listing([before, after], 'before / after', f'The budget refers to {stage} alone.')


def outcome(status: str, minimized: Collection[str], percent_kept: float) -> list[str]:
    """Return the status of a plan, its goal and the importance that it keeps."""
    goal = f' with the least {" and ".join(minimized)}' if minimized else ''
    kept = f'{percent_kept:.1f} % of the importance kept (a score of the weights, not the accuracy)'
    return wrapped(f'{status}{goal}: {kept}')


def _kernel(kernel: KernelPlan) -> str:
    chosen = kernel.reuse_factor != kernel.configured_reuse_factor
    factor = f'{kernel.configured_reuse_factor} -> {kernel.reuse_factor}' if chosen else f'{kernel.reuse_factor}'
    copies = f', {kernel.copies} copies' if kernel.copies > 1 else ''
    share = 100 * kernel.n_kept / kernel.n_slots if kernel.n_slots else 100.0
    shared = ', with shared input multiplexers' if kernel.replaced and not kernel.pruned and not kernel.slot_bits else ''
    role = '' if kernel.role == 'weight' else f'{kernel.role} '
    return (
        f'kernel {role}{kernel.n_in} x {kernel.n_out}{copies}, {kernel.strategy}, RF {factor}, {kernel.packing}: '
        f'{kernel.n_kept} of {kernel.n_slots} slots kept ({share:.0f} %){shared}{kernel.pairing}'
    )


def _dead(kernel: KernelPlan) -> list[str]:
    if not (kernel.removed_inputs or kernel.removed_outputs):
        return []
    inputs, outputs = f'{kernel.removed_inputs} of {kernel.n_in}', f'{kernel.removed_outputs} of {kernel.n_out}'
    return [f'dead and removed: {inputs} inputs, {outputs} outputs']
