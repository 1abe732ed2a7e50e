"""Gantt chart of the layers of a design, in estimated clock cycles of one input."""

from collections.abc import Mapping, Sequence

from hls4ml_hwprune.markup import Html, element, figure
from hls4ml_hwprune.records import Layer
from hls4ml_hwprune.resources import LayerEstimate, layer_spans, mark_multiplexers

_TICKS = 4
# Share of the axis that has room for numbers beside that of the last cycle.
_ROOM = 0.75


def gantt(layers: Sequence[Layer], estimates: Mapping[str, LayerEstimate], latency: int) -> Html:
    """Draw the cycles in which each layer works on one input.

    Parameters
    ----------
    layers : sequence of Layer
        The finished design, in graph order.
    estimates : mapping of str to LayerEstimate
        Estimates of these layers.
    latency : int
        Largest latency of the design.
    """
    known = [layer for layer in mark_multiplexers(layers) if layer.name in estimates]
    spans = layer_spans(known, {layer.name: estimates[layer.name].latency_max for layer in known})
    last = max([latency, *(end for _, end in spans.values())]) or 1
    rows = [_row(name, span, estimates[name], last) for name, span in spans.items()]
    return element('div', element('ol', *rows, class_='plain'), _axis(last), class_='gantt')


def _row(name: str, span: tuple[int, int], estimate: LayerEstimate, last: int) -> Html:
    start, end = span
    place = f'left:{100 * start / last:.2f}%;width:{100 * (end - start) / last:.2f}%'
    cycles = f'{figure(start)} to {figure(end)}, interval {figure(estimate.ii)}'
    track = element('div', element('span', class_='span', style=place), class_='track', aria_hidden='true')
    label = element('div', element('span', name, class_='name', title=name), element('span', cycles, class_='soft'))
    return element('li', label, track)


def _axis(last: int) -> Html:
    """Return the numbers of some cycles, at most one for each cycle."""
    step = max(1, -(-last // _TICKS))
    numbers = [
        element('span', figure(at), style=f'left:{100 * at / last:.2f}%')
        for at in range(0, last, step)
        if at <= _ROOM * last
    ]
    numbers.append(element('span', f'{figure(last)} cycles', class_='last'))
    return element('div', *numbers, class_='axis', aria_hidden='true')
