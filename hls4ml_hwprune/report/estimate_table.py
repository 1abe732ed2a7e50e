"""An estimate as a table."""

import logging

from hls4ml_hwprune.resources import Estimate, LayerEstimate

_LOG = logging.getLogger(__name__)
_RESOURCES = ('dsp', 'bram18', 'uram', 'lut', 'ff')
_HEADER = ('layer', 'DSP', 'BRAM18', 'URAM', 'LUT', 'FF', 'latency', 'II')
_MARKS = {'exact': ' ', 'fitted': '~', 'rough': '?'}
_LEGEND = 'no mark: exact rule, ~: fitted, ?: rough'


def format_estimate(estimate: Estimate) -> str:
    """Lines of a table: a row a layer and one for the whole design, each figure marked by how sure it is."""
    rows = [_HEADER, *(_row(name, layer) for name, layer in estimate.layers.items())]
    rows.append(_row('whole design', estimate.design))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = [_line(row, widths) for row in rows]
    return '\n'.join([*lines, f'estimated, nothing was synthesised ({estimate.stage}; cycles; {_LEGEND})'])


def log_estimate(estimate: Estimate) -> None:
    """Log the table."""
    _LOG.info('%s', format_estimate(estimate))


def _row(name: str, layer: LayerEstimate) -> tuple[str, ...]:
    amounts = {figure: f'{getattr(layer.resources, figure):.0f}' for figure in _RESOURCES}
    low, high = layer.latency_min, layer.latency_max
    amounts |= {'latency': f'{low}' if low == high else f'{low} to {high}', 'ii': f'{layer.ii}'}
    return (name, *(text + _MARKS[layer.confidence[figure].kind] for figure, text in amounts.items()))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
    return '  '.join(cells).rstrip()
