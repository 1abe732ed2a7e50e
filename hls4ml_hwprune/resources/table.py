"""Table of an estimate: a row a layer and one for the design, each figure with a mark of its confidence."""

from collections.abc import Iterable, Mapping, Sequence

from hls4ml_hwprune.markup import element, figure, joined, table
from hls4ml_hwprune.resources.confidence import FIGURES, UNKNOWN, Confidence, weakest
from hls4ml_hwprune.resources.layer_estimate import LayerEstimate
from hls4ml_hwprune.resources.vector import TITLES, Resources
from hls4ml_hwprune.tables import Row, layout, wrapped

_MARKS = {'exact': ' ', 'fitted': '~', 'rough': '?', 'unseen': '!', 'unknown': ' '}
_DASH, _BITS = '- ', 'weight_bits'
_LEGEND = (
    'A layer is its kernels (matrix-vector products) and all around them; the design is the sum of its layers, but its '
    'latency is that of the slowest path and its II that of the slowest layer. No mark: exact rule; ~: fitted; ?: rough; '
    '!: no report of such kernels by this tool.'
)
_COUNTED = (
    'Counted, nothing was synthesised: DSP counts multipliers, one a slot, and weight bits are those that the firmware '
    'holds. !: no report of such kernels by this tool; -: unknown, as there are no reports of it.'
)
_LISTED = (
    'The report lists a multiplexer for every multiplier; equal ones are built once, so a listing can be ten times the '
    'hardware.'
)


def columns_of(rows: Sequence[Resources], layers: Iterable[LayerEstimate] = ()) -> list[str]:
    """Return the resources in a table of these amounts: UltraRAM only if there is any, bits where `layers` count them."""
    counted = [_BITS] if total_bits(layers) is not None else []
    return counted + [name for name in TITLES if name != 'uram' or any(row.uram for row in rows)]


def total_bits(layers: Iterable[LayerEstimate]) -> int | None:
    """Return the bits of the weights of all layers, None where they are not counted."""
    counted = [layer.weight_bits for layer in layers if layer.weight_bits is not None]
    return sum(counted) if counted else None


def header_of(columns: Sequence[str]) -> list[str]:
    """Return the titles of a table of these resources and the cycles."""
    return [*(TITLES.get(name, name.replace('_', ' ')) for name in columns), 'latency', 'II']


def layer_row(label: str, layer: LayerEstimate, columns: Sequence[str], notes: Sequence[str] = ()) -> Row:
    """Return the row of a layer, or of the whole design."""
    figures = {name: f'{getattr(layer.resources, name):.0f}' for name in columns if name != _BITS}
    low, high = layer.latency_min, layer.latency_max
    figures |= {'latency': f'{high}' if low == high else f'{low}-{high}', 'ii': f'{layer.ii}'}
    bits = [f'{layer.weight_bits or 0} '] if _BITS in columns else []
    cells = [text + _MARKS[layer.confidence[name].kind] if layer.knows(name) else _DASH for name, text in figures.items()]
    return Row(label, [*bits, *cells], notes)


def plain_row(
    label: str, amounts: Mapping[str, float], columns: Sequence[str], sure: Mapping[str, Confidence] | None = None
) -> Row:
    """Return a row of amounts by name, with marks of their confidence `sure`; a dash where there is no amount."""
    figures, sure = (*columns, 'latency', 'ii'), sure or {}
    marks = {name: _MARKS[sure[name].kind] if name in sure else ' ' for name in figures}
    known = [name for name in amounts if sure.get(name) != UNKNOWN]
    return Row(label, [f'{amounts[name]:.0f}{marks[name]}' if name in known else _DASH for name in figures])


def weakest_figures(layers: Iterable[LayerEstimate]) -> dict[str, Confidence]:
    """Return the confidence of the figures of a whole design: each the weakest of its layers."""
    layers = list(layers)
    return {name: weakest(layer.confidence[name] for layer in layers) for name in FIGURES}


def legend(stage: str, layers: Iterable[LayerEstimate] = ()) -> list[str]:
    """Return the lines of the legend of a table of these layers."""
    if total_bits(layers) is not None:
        return wrapped(_COUNTED)
    return wrapped(f'Estimated, nothing was synthesised ({stage}; cycles). {_LEGEND}')


def listing(amounts: Sequence[Resources], when: str, note: str = '') -> list[str]:
    """Return the lines on LUT and FF in the report of HLS, on the reason for other figures in the table, and a note."""
    figures = [f'{TITLES[name]} {" / ".join(f"{getattr(one, name):.0f}" for one in amounts)}' for name in ('lut', 'ff')]
    return [*wrapped(f'HLS report (csynth), {when}: {", ".join(figures)}'), *wrapped(f'{_LISTED} {note}')]


def format_estimate(design: LayerEstimate, layers: Mapping[str, LayerEstimate], stage: str, listed: Resources | None) -> str:
    """Return the table of an estimate."""
    columns = columns_of([design.resources], layers.values())
    rows = [layer_row(f'layer {name}', layer, columns) for name, layer in layers.items()]
    rows.append(layer_row('design', design, columns))
    report = [] if listed is None else listing([listed], 'whole design')
    return '\n'.join([*layout(header_of(columns), rows), *report, *legend(stage, layers.values())])


def html_estimate(design: LayerEstimate, layers: Mapping[str, LayerEstimate], stage: str) -> str:
    """Return the table of an estimate for the output of a notebook; figures have their confidence as a hint."""
    columns = columns_of([design.resources])
    rows = [[name, *html_figures(layer, columns)] for name, layer in [*layers.items(), ('design', design)]]
    return joined([table(['layer', *header_of(columns)], rows), element('p', ' '.join(legend(stage, layers.values())))])


def html_figures(layer: LayerEstimate, columns: Sequence[str]) -> list[str]:
    """Return the figures of a layer as elements, each with the words and the mark of its confidence."""
    amounts = {name: getattr(layer.resources, name) for name in columns}
    amounts |= {'latency': layer.latency_max, 'ii': layer.ii}
    return [joined([figure(amount), confidence_mark(layer.confidence[name])]) for name, amount in amounts.items()]


def confidence_mark(sure: Confidence) -> str:
    """Return the mark of a confidence as an element, with its words for pointers and for readers of screens."""
    sign = _MARKS[sure.kind].strip()
    return element('abbr', sign, title=str(sure), aria_label=str(sure)) if sign else joined([])
