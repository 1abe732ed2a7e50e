"""Sweeps as HTML: figures of the Pareto front and the table of budgets, for reports and notebooks."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from hls4ml_hwprune.markup import Html, joined
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.report.html.bars import amounts_of
from hls4ml_hwprune.report.html.front import BudgetPoint, budgets_table, fronts
from hls4ml_hwprune.report.html.page import fragment


class Point(Protocol):
    """A budget of a sweep, with its plan or the reason that there is none."""

    @property
    def budget(self) -> Mapping[str, Any]:
        """Upper bounds by resource."""
        ...

    @property
    def plan(self) -> Plan | None:
        """Plan, if there is one."""
        ...

    @property
    def reason(self) -> str:
        """Reason that there is no plan."""
        ...


class Points(Protocol):
    """A sweep over budgets."""

    @property
    def points(self) -> Sequence[Point]:
        """Budgets in their order."""
        ...


def sweep_content(points: Sequence[Point]) -> Html:
    """Return the figures and the table of a sweep."""
    found = [_budget_point(point) for point in points]
    return joined([fronts(found), budgets_table(found)])


def sweep_fragment(points: Sequence[Point]) -> str:
    """Return a sweep for the output of a notebook."""
    return fragment(sweep_content(points))


def _budget_point(point: Point) -> BudgetPoint:
    label = ', '.join(f'{name} {bound}' for name, bound in point.budget.items()) or 'the whole part'
    plan = point.plan
    if plan is None:
        return BudgetPoint(label, {}, 0.0, 0.0, point.reason)
    known = plan.total_importance and not plan.minimized
    bound = min(100.0, 100 * plan.bound / plan.total_importance) if known else plan.percent_kept
    use = amounts_of(plan.after, plan.timing_after)
    return BudgetPoint(label, use, plan.percent_kept, max(bound, plan.percent_kept), plan.status)
