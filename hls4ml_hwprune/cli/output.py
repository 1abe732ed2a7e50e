"""Results of subcommands on standard output: tables of 80 columns, or JSON."""

import json
from collections.abc import Sequence
from typing import Any

import click

from hls4ml_hwprune.plain import plain_value


def show(text: str, data: Any, *, as_json: bool) -> None:
    """Print a text, or the same as data."""
    click.echo(json.dumps(data, indent=2, default=plain_value) if as_json else text)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table: the first column to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        return '  '.join([row[0].ljust(widths[0]), *cells[1:]]).rstrip()

    return '\n'.join(line(row) for row in (header, *rows))
