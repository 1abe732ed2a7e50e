"""The plan as a table."""

import logging

from hls4ml_hwprune.plan import Plan

_LOG = logging.getLogger(__name__)
_HEADER = ('layer', 'n_in', 'n_out', 'RF', 'strategy', 'packing', 'slots', 'kept', 'DSP', 'BRAM18', 'LUT', 'FF')
_COUNTED = ('dsp', 'bram18', 'lut', 'ff')


def format_plan(plan: Plan) -> str:
    """Lines of a table: a row a kernel, the whole design before and after, the budget and the knapsack's outcome."""
    rows: list[tuple[str, ...]] = [_HEADER]
    for k in plan.kernels:
        used = [f'{getattr(k.after, name):.0f}' for name in _COUNTED]
        shape = (k.layer, k.n_in, k.n_out, k.reuse_factor, k.strategy, k.packing, k.n_slots, k.n_kept)
        rows.append((*map(str, shape), *used))
    for title, total in (('whole design, before', plan.before), ('whole design, after', plan.after)):
        rows.append((title, *[''] * 7, *[f'{getattr(total, name):.0f}' for name in _COUNTED]))
    limits = [f'{plan.budget[name]:.0f}' if name in plan.budget else '-' for name in _COUNTED]
    rows.append((f'budget ({plan.device})', *[''] * 7, *limits))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = ['  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    share = 100 * plan.objective / plan.total_importance if plan.total_importance else 100.0
    lines.append(f'{plan.status}: {share:.1f} % of the importance kept; resources are estimated ({plan.stage})')
    lines += [f'{layer} is not pruned, because {reason}' for layer, reason in plan.not_pruned.items()]
    return '\n'.join(lines)


def log_plan(plan: Plan) -> None:
    """Log the table."""
    _LOG.info('%s', format_plan(plan))
