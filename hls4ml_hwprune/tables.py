"""Layout of text tables: a label and figures a row, notes below it, no line longer than 80 columns."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

#: Columns of a terminal.
WIDTH = 80
_GAP = '  '
_SHORTEST_LABEL = 8


@dataclass(frozen=True)
class Row:
    """A row of a table: its label, its figures as text, and sentences that stand below it."""

    label: str
    cells: Sequence[str] = ()
    notes: Sequence[str] = ()


def layout(header: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table.

    Parameters
    ----------
    header : sequence of str
        Titles of the columns after the label.
    rows : sequence of Row
        Each with a cell a column, or none.

    Returns
    -------
    list of str
        Columns aligned to the right, labels to the left. A label that does not fit stands in a line of its own, shortened
        if need be.
    """
    filled = [row.cells for row in rows if row.cells]
    widths = [max(map(len, column)) for column in zip(header, *filled, strict=True)]
    room = max(_SHORTEST_LABEL, WIDTH - sum(widths) - len(_GAP) * len(widths))
    first = min(room, max((len(row.label) for row in rows), default=0))
    lines = [_line('', header, first, widths)]
    for row in rows:
        own_line = len(row.label) > first
        lines += [_shortened(row.label)] if own_line or not row.cells else []
        lines += [_line('' if own_line else row.label, row.cells, first, widths)] if row.cells else []
        lines += [line for note in row.notes for line in wrapped(note, '  ')]
    return lines


def wrapped(text: str, indent: str = '') -> list[str]:
    """Break a sentence into lines; those after the first stand two columns further in."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f'{indent}  ', break_on_hyphens=False)


def _line(label: str, cells: Sequence[str], first: int, widths: Sequence[int]) -> str:
    aligned = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
    return _GAP.join([label.ljust(first), *aligned]).rstrip()


def _shortened(label: str) -> str:
    half = (WIDTH - 3) // 2
    return label if len(label) <= WIDTH else f'{label[:half]}...{label[-half:]}'
