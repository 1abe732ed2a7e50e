"""Pareto front of a sweep: importance kept over use, with the proven gap of each plan, and the table of budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hls4ml_hwprune.markup import Html, element, figure, joined, table
from hls4ml_hwprune.report.html.bars import FIGURES, HEADINGS
from hls4ml_hwprune.report.html.tables import scrolled

# Size of a figure and of its margins, in units that are pixels where there is room.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 340, 200, 44, 24, 12, 20
# Space beyond the extreme points, as a share of their distance.
_BEYOND = 0.06


@dataclass(frozen=True)
class BudgetPoint:
    """A budget of a sweep and its plan.

    Attributes
    ----------
    label : str
        The budget in words.
    use : mapping of str to float
        Use of the plan by the keys of `FIGURES`; empty where there is no plan.
    kept, bound : float
        Importance kept, and the proven bound on it for any plan of the budget, in percent.
    remark : str
        Status of the plan, or the reason that there is none.
    """

    label: str
    use: Mapping[str, float]
    kept: float
    bound: float
    remark: str


@dataclass(frozen=True)
class _Scale:
    """Linear scale from values between `low` and `high` to pixels between `first` and `last`."""

    low: float
    high: float
    first: float
    last: float

    def __call__(self, value: float) -> float:
        return self.first + (value - self.low) / (self.high - self.low) * (self.last - self.first)


def fronts(points: Sequence[BudgetPoint]) -> Html:
    """Draw a figure for each measure in which plans differ."""
    made = [point for point in points if point.use]
    varied = [name for name in FIGURES if len({point.use[name] for point in made}) > 1]
    drawn = [_front(made, name) for name in varied]
    return element('div', *drawn, class_='fronts') if drawn else Html('')


def budgets_table(points: Sequence[BudgetPoint]) -> Html:
    """Return the table of budgets, each with the use of its plan, and the reasons that some have none."""
    names = [name for name in FIGURES if name != 'uram' or any(point.use.get(name) for point in points)]
    rows = []
    for point in points:
        uses = [figure(point.use[name]) if point.use else '-' for name in names]
        shares = [f'{point.kept:.1f} %', f'{point.bound:.1f} %'] if point.use else ['-', '-']
        rows.append([point.label, *uses, *shares, point.remark if point.use else 'no plan'])
    header = ['budget', *(HEADINGS[name] for name in names), 'importance kept', 'proven bound', 'status']
    reasons = [element('p', element('strong', point.label), f': {point.remark}') for point in points if not point.use]
    return joined([scrolled(table(header, rows, class_='figures'), 'budgets'), *reasons])


def best_points(points: Sequence[BudgetPoint], measure: str) -> list[BudgetPoint]:
    """Return the plans that no other beats in importance for the same or less use, least use first."""
    best, found = -1.0, []
    for point in sorted(points, key=lambda point: (point.use[measure], -point.kept)):
        if point.kept > best:
            best = point.kept
            found.append(point)
    return found


def _front(points: Sequence[BudgetPoint], measure: str) -> Html:
    """Draw one figure: a dot a plan, a line up to its proven bound, and the steps of the front."""
    across, up = _scales(points, measure)
    best = best_points(points, measure)
    steps = ''.join(f'H{across(point.use[measure]):.1f}V{up(point.kept):.1f}' for point in best)
    line = element('path', d=f'M{across(best[0].use[measure]):.1f} {_HEIGHT - _BOTTOM}{steps}', class_='front')
    marks = [mark for point in points for mark in _marks(point, measure, across(point.use[measure]), up)]
    label = f'importance kept over {FIGURES[measure]}: {len(points)} plans'
    content = [*_axes(points, measure), line, *marks]
    drawing = element('svg', *content, viewBox=f'0 0 {_WIDTH} {_HEIGHT}', role='img', aria_label=label)
    return element('figure', element('figcaption', f'importance kept (%) over {FIGURES[measure]}'), drawing)


def _marks(point: BudgetPoint, measure: str, x: float, up: _Scale) -> list[Html]:
    gap = element('path', d=f'M{x:.1f} {up(point.kept):.1f}V{up(point.bound):.1f}m-4 0h8', class_='gap')
    dot = element('circle', _hint(point, measure), cx=f'{x:.1f}', cy=f'{up(point.kept):.1f}', r=4)
    return [gap, dot] if point.bound > point.kept else [dot]


def _axes(points: Sequence[BudgetPoint], measure: str) -> list[Html]:
    """Return both axes, with the numbers of their extremes."""
    uses, shares = [p.use[measure] for p in points], [value for p in points for value in (p.kept, p.bound)]
    low, foot = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM + 18
    across, up = _scales(points, measure)
    texts: list[tuple[float, float, str, str]] = [
        (across(x), foot, figure(x), 'middle') for x in dict.fromkeys((min(uses), max(uses)))
    ]
    texts += [(_LEFT - 6, up(y) + 4, f'{y:.1f}', 'end') for y in dict.fromkeys((min(shares), max(shares)))]
    words = [element('text', text, x=f'{x:.1f}', y=f'{y:.1f}', text_anchor=side) for x, y, text, side in texts]
    return [element('path', d=f'M{_LEFT} {_TOP}V{low}H{_WIDTH - _RIGHT}', class_='axis-line'), *words]


def _scales(points: Sequence[BudgetPoint], measure: str) -> tuple[_Scale, _Scale]:
    """Return the scales of use, across, and of importance, upwards."""
    uses, shares = [p.use[measure] for p in points], [value for p in points for value in (p.kept, p.bound)]
    return _scale(uses, _LEFT, _WIDTH - _RIGHT), _scale(shares, _HEIGHT - _BOTTOM, _TOP)


def _scale(values: Sequence[float], first: float, last: float) -> _Scale:
    low, high = min(values), max(values)
    beyond = _BEYOND * (high - low) or 1.0
    return _Scale(low - beyond, high + beyond, first, last)


def _hint(point: BudgetPoint, measure: str) -> Html:
    gap = f', at most {point.bound:.1f} %' if point.bound > point.kept else ''
    return element('title', f'{point.label}: {figure(point.use[measure])}, {point.kept:.1f} % kept{gap} ({point.remark})')
