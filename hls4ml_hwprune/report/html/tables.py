"""Tables of the report: layers before and after, kernels, layers left alone, quality, reported figures."""

from collections.abc import Mapping, Sequence

from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.markup import Html, element, figure, joined, table
from hls4ml_hwprune.report.html.bars import FIGURES, HEADINGS
from hls4ml_hwprune.resources import LayerEstimate
from hls4ml_hwprune.resources.table import confidence_mark

Estimates = Mapping[str, LayerEstimate]


def layers_table(after: Estimates, before: Estimates, kernels: Sequence[KernelPlan], remarks: Mapping[str, str]) -> Html:
    """Return the table of layers, each with its figures before and after and with their confidence.

    Parameters
    ----------
    after, before : mapping of str to LayerEstimate
        Estimates by layer, in graph order; `before` may be empty.
    kernels : sequence of KernelPlan
    remarks : mapping of str to str
        Short remarks on layers without pruned kernels.
    """
    names = list(dict.fromkeys([*before, *after]))
    estimates = [*before.values(), *after.values()]
    shown = [n for n in FIGURES if n != 'uram' or any(one.resources.uram for one in estimates)]
    rows = [[name, *(_change(before.get(name), after.get(name), key) for key in shown)] for name in names]
    notes = dict(remarks)
    for kernel in kernels:
        notes[kernel.layer] = '; '.join([*filter(None, [notes.get(kernel.layer)]), slots_kept(kernel)])
    header = ['layer', *(HEADINGS[name] for name in shown), 'pruning']
    return scrolled(table(header, [[*row, notes.get(row[0], '')] for row in rows], class_='figures'), 'layers')


def slots_kept(kernel: KernelPlan) -> str:
    """Return the slots that a kernel keeps, in words."""
    share = f' ({100 * kernel.n_kept / kernel.n_slots:.0f} %)' if kernel.n_slots else ''
    role = '' if kernel.role == 'weight' else f'{kernel.role}: '
    return f'{role}{figure(kernel.n_kept)} of {figure(kernel.n_slots)} slots kept{share}{kernel.pairing}'


def kernels_table(kernels: Sequence[KernelPlan]) -> Html:
    """Return the table of kernels: size, choices, slots, dead inputs and outputs."""
    header = ['kernel', 'inputs x outputs', 'strategy', 'reuse factor', 'packing', 'slots', 'weights kept', 'dead']
    rows = []
    for kernel in kernels:
        chosen = kernel.reuse_factor != kernel.configured_reuse_factor
        factor = f'{kernel.configured_reuse_factor} → {kernel.reuse_factor}' if chosen else f'{kernel.reuse_factor}'
        size = f'{kernel.n_in} x {kernel.n_out}' + (f', {kernel.copies} copies' if kernel.copies > 1 else '')
        dead = [(kernel.removed_inputs, 'inputs'), (kernel.removed_outputs, 'outputs')]
        gone = ', '.join(f'{number} {side}' for number, side in dead if number) or '-'
        slots = f'{figure(kernel.n_kept)} of {figure(kernel.n_slots)}{kernel.pairing}'
        kept = figure(float(kernel.mask.sum()))
        rows.append([str(kernel.key), size, kernel.strategy, factor, kernel.packing, slots, kept, gone])
    return scrolled(table(header, rows, class_='figures'), 'kernels')


def left_alone(not_pruned: Mapping[str, str], in_luts: Sequence[str]) -> Html:
    """Return the layers that were not pruned, each with the reason, and the layers whose products are built from LUTs."""
    rows = [[name, f'not pruned, because {reason}'] for name, reason in not_pruned.items()]
    rows += [[name, 'products are built from LUTs, without DSP blocks'] for name in in_luts]
    if not rows:
        return element('p', 'No layer with weights was left alone.')
    return scrolled(table(['layer', 'remark'], rows, class_='words'), 'layers left alone')


def quality_table(evaluation: Evaluation) -> Html:
    """Return the measured quality of the firmware."""
    return scrolled(table(['measure', 'firmware, simulated'], evaluation.rows(), class_='figures'), 'quality')


def reported_table(predicted: Mapping[str, Mapping[str, float]], reported: Mapping[str, Mapping[str, float]]) -> Html:
    """Return predicted beside reported figures of the finished design, by stage."""
    rows = []
    for stage, amounts in reported.items():
        for name in (name for name in FIGURES if name in amounts):
            ours = predicted.get(stage, {}).get(name)
            text = '-' if ours is None else figure(ours)
            error = f'{100 * (ours / amounts[name] - 1):+.0f} %' if ours is not None and amounts[name] else '-'
            rows.append([f'{FIGURES[name]}, {stage}', text, figure(amounts[name]), error])
    return scrolled(table(['figure', 'estimated', 'reported', 'difference'], rows, class_='figures'), 'reported figures')


def scrolled(content: Html, name: str) -> Html:
    """Return a region of its own for content that may be wider than the page, which the keyboard can scroll."""
    return element('div', content, class_='scrolled', tabindex='0', role='region', aria_label=name)


def _change(before: LayerEstimate | None, after: LayerEstimate | None, name: str) -> Html:
    """Return a figure before and after, once where both are the same, with the confidence of the figure after."""
    old, new = _amount(before, name), _amount(after, name)
    known = after or before
    assert known is not None
    mark = confidence_mark(known.confidence[name])
    if before is None or (after is not None and old == new):
        return joined([new, mark])
    return joined([element('span', old, class_='soft'), ' → ', new, mark])


def _amount(layer: LayerEstimate | None, name: str) -> str:
    if layer is None:
        return '-'
    return figure({'latency': layer.latency_max, 'ii': layer.ii}.get(name, getattr(layer.resources, name, 0.0)))
