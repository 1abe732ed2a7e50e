"""Plans and estimates in the log: their tables, and a line for every figure that a plan makes worse."""

import logging

from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import Estimate
from hls4ml_hwprune.resources.vector import TITLES

_LOG = logging.getLogger(__name__)
# Least growth that is reported.
_WORSE = 1.1


def log_plan(plan: Plan) -> None:
    """Log the table of a finished plan, and a warning for each figure that it makes worse by more than a tenth."""
    _LOG.info('%s', plan)
    for line in worse_figures(plan):
        _LOG.warning('%s', line)


def log_estimate(estimate: Estimate) -> None:
    """Log the table of an estimate."""
    _LOG.info('%s', estimate)


def worse_figures(plan: Plan) -> list[str]:
    """Return a line for each resource, and for latency and interval, more than a tenth above that of the unpruned design."""
    figures = {title: (getattr(plan.before, name), getattr(plan.after, name)) for name, title in TITLES.items()}
    before, after = plan.timing_before, plan.timing_after
    figures |= {'latency': (before.latency_max, after.latency_max), 'II': (before.ii, after.ii)}
    unknown = [{'latency': 'latency', 'ii': 'II', **TITLES}[name] for name in plan.unknown]
    return [_line(title, *pair) for title, pair in figures.items() if title not in unknown and pair[1] > _WORSE * pair[0]]


def _line(title: str, before: float, after: float) -> str:
    growth = f'{100 * (after / before - 1):+.0f} %' if before else 'none before'
    cycles = ' cycles' if title in ('latency', 'II') else ''
    key = {'latency': 'Latency', 'BRAM18': 'BRAM'}.get(title, title)
    return (
        f'the plan makes {title} worse: {after:.0f}{cycles} in place of {before:.0f} ({growth}); bound {key} if it matters'
    )
