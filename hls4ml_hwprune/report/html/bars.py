"""Bars of resources and cycles: the design before and after, and the bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hls4ml_hwprune.kernel_plan import Timing
from hls4ml_hwprune.markup import Html, element, figure, joined
from hls4ml_hwprune.resources import Resources
from hls4ml_hwprune.resources.vector import TITLES

#: Titles of all figures of a design.
FIGURES = {**TITLES, 'latency': 'latency (cycles)', 'ii': 'interval (cycles)'}
#: The same, as short as columns of tables need it.
HEADINGS = {**TITLES, 'latency': 'latency', 'ii': 'interval'}
# A bound that is more than so many times the larger bar stands beside the bars, as a number.
_IN_SIGHT = 2.5


@dataclass(frozen=True)
class Bar:
    """A figure of a design: its amounts before and after, and the bound on it.

    Attributes
    ----------
    title : str
    before, after : float
    bound : float, optional
    of_part : bool
        Whether the bound is one of the part, which the user did not give.
    part : float, optional
        Amount of the whole part.
    """

    title: str
    before: float
    after: float
    bound: float | None = None
    of_part: bool = False
    part: float | None = None


def amounts_of(resources: Resources, timing: Timing) -> dict[str, float]:
    """Return resources and cycles of a design by the keys of `FIGURES`."""
    return {**resources.as_dict(), 'latency': timing.latency_max, 'ii': timing.ii}


def bars_of(
    designs: Sequence[Mapping[str, float]],
    budget: Mapping[str, float],
    of_part: Mapping[str, float],
    part: Mapping[str, float] | None = None,
) -> list[Bar]:
    """Return a bar for every figure; UltraRAM only if there is any.

    Parameters
    ----------
    designs : sequence of two mappings
        Amounts before and after.
    budget, of_part : mapping of str to float
        Bounds of the user, and of the part.
    part : mapping of str to float, optional
        Amounts of the whole part.
    """
    before, after = designs
    bounds, whole = {**of_part, **budget}, part or {}
    used = [name for name in FIGURES if name != 'uram' or before[name] or after[name]]
    return [
        Bar(FIGURES[name], before[name], after[name], bounds.get(name), name not in budget, whole.get(name)) for name in used
    ]


def bars(found: Sequence[Bar]) -> Html:
    """Draw bars with their legend, each with all its figures as text."""
    samples = (element('span', element('i', class_=name), name) for name in ('before', 'after', 'bound'))
    rows = element('div', *(_row(bar) for bar in found), class_='bars')
    return joined([element('div', *samples, class_='legend'), rows])


def _row(bar: Bar) -> Html:
    largest = max(bar.before, bar.after)
    inside = bar.bound is not None and not (bar.of_part and bar.bound > largest) and bar.bound <= _IN_SIGHT * largest
    scale = max(largest, bar.bound if inside and bar.bound is not None else 0.0) or 1.0
    marks = [_bar('before', bar.before / scale), _bar('after', bar.after / scale)]
    if inside and bar.bound is not None:
        marks.append(element('span', class_='bound', style=f'left:{100 * bar.bound / scale:.2f}%'))
    head = [element('strong', bar.title), element('span', _amounts(bar), class_='amounts')]
    foot = element('div', '; '.join(_notes(bar)), class_='soft')
    track = element('div', *marks, class_='track', aria_hidden='true')
    return element('div', element('div', *head, class_='head'), track, foot, class_='bar')


def _bar(when: str, share: float) -> Html:
    return element('span', class_=when, style=f'width:{100 * share:.2f}%')


def _amounts(bar: Bar) -> str:
    if bar.before == bar.after:
        return f'{figure(bar.after)}, as before'
    change = f' ({100 * (bar.after / bar.before - 1):+.0f} %)' if bar.before else ''
    return f'{figure(bar.before)} → {figure(bar.after)}{change}'


def _notes(bar: Bar) -> list[str]:
    notes = []
    if bar.bound is not None:
        notes.append(f'{"the part has" if bar.of_part else "bound"} {figure(bar.bound)}')
    if bar.part and not bar.of_part:
        notes.append(f'the part has {figure(bar.part)}')
    if bar.part:
        notes.append(f'{100 * bar.after / bar.part:.2g} % of the part after')
    return notes or ['no bound']
