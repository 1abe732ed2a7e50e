"""Network as a list of its layers with their connections beside it, and a button for each weight matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.markup import Html, element
from hls4ml_hwprune.report.html.tables import slots_kept

# Pixels of a row, and from one lane of connections to the next; the height is that of style.css.
_ROW, _LANE, _RADIUS = 60, 16, 5
# Lanes of connections that are drawn; more would leave no room for the names.
_MOST_LANES = 8


@dataclass(frozen=True)
class Place:
    """A layer of the network, as a row of the list.

    Attributes
    ----------
    name, kind : str
    inputs : tuple of str
        Layers that it reads.
    """

    name: str
    kind: str = ''
    inputs: tuple[str, ...] = ()


def lanes_of(places: Sequence[Place]) -> dict[str, int]:
    """Assign a lane to each layer, so that no connection runs through a layer that it does not belong to.

    The output of a layer holds its lane as far as the last layer that reads it, which may take the lane over.
    """
    row = {place.name: number for number, place in enumerate(places)}
    last = {place.name: number for number, place in enumerate(places)}
    for number, place in enumerate(places):
        last |= {name: number for name in place.inputs if name in row}
    held: dict[int, str] = {}
    lanes = {}
    for number, place in enumerate(places):
        held = {lane: name for lane, name in held.items() if last[name] >= number}
        ending = [lane for lane, name in held.items() if last[name] == number]
        free = next(lane for lane in range(len(held) + 1) if lane not in held)
        lanes[place.name] = min(ending, default=free)
        held = {lane: name for lane, name in held.items() if last[name] > number}
        held[lanes[place.name]] = place.name
    return lanes


def network(
    places: Sequence[Place], kernels: Sequence[KernelPlan], reasons: Mapping[str, str], drawn: Sequence[bool]
) -> Html:
    """Draw the network.

    Parameters
    ----------
    places : sequence of Place
        Layers in graph order.
    kernels : sequence of KernelPlan
    reasons : mapping of str to str
        Remarks on layers without pruned kernels.
    drawn : sequence of bool
        Whether each kernel has a picture of its weights, which its button opens.
    """
    lanes = {name: min(lane, _MOST_LANES - 1) for name, lane in lanes_of(places).items()}
    buttons: dict[str, list[Html]] = {}
    for number, (kernel, there) in enumerate(zip(kernels, drawn, strict=True)):
        buttons.setdefault(kernel.layer, []).append(_button(kernel, number) if there else _words(slots_kept(kernel)))
    rows = [_row(place, buttons.get(place.name, []), reasons.get(place.name, '')) for place in places]
    width = _LANE * (max(lanes.values(), default=0) + 1) + _RADIUS
    return element('div', _edges(places, lanes, width), element('ol', *rows, class_='plain'), class_='network')


def _row(place: Place, buttons: Sequence[Html], reason: str) -> Html:
    names = element('div', element('strong', place.name), element('span', place.kind, class_='soft'), class_='name')
    content = buttons or ([_words(reason)] if reason else [])
    return element('li', names, element('div', *content, class_='kernels'), title=reason or None)


def _button(kernel: KernelPlan, number: int) -> Html:
    share = kernel.n_kept / kernel.n_slots if kernel.n_slots else 1.0
    meter = element('span', element('span', style=f'width:{100 * share:.1f}%'), class_='meter', aria_hidden='true')
    label = f'weights of {kernel.key}: {slots_kept(kernel)}'
    return element('button', meter, slots_kept(kernel), type='button', data_kernel=number, aria_label=label)


def _words(text: str) -> Html:
    return element('span', text, class_='soft')


def _edges(places: Sequence[Place], lanes: Mapping[str, int], width: int) -> Html:
    row = {place.name: number for number, place in enumerate(places)}
    lines = [
        element('path', d=_path(row[source], lanes[source], row[place.name], lanes[place.name]))
        for place in places
        for source in place.inputs
        if source in row
    ]
    dots = [element('circle', cx=_x(lanes[place.name]), cy=_y(number), r=_RADIUS) for number, place in enumerate(places)]
    return element('svg', *lines, *dots, width=width, height=_ROW * len(places), class_='edges', aria_hidden='true')


def _path(above: int, lane: int, below: int, target: int) -> str:
    """Return a line down the lane of its source, which turns to that of its target in the last row."""
    start, bend, end = _y(above), _y(below - 1), _y(below)
    middle = (bend + end) / 2
    return f'M{_x(lane)} {start}V{bend}C{_x(lane)} {middle:g} {_x(target)} {middle:g} {_x(target)} {end}'


def _x(lane: int) -> int:
    return _LANE * lane + _LANE // 2


def _y(row: int) -> int:
    return _ROW * row + _ROW // 2
