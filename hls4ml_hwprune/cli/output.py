"""Results of subcommands on standard output: text, or JSON."""

import json
from typing import Any

import click

from hls4ml_hwprune.plain import plain_value


def show(text: str, data: Any, *, as_json: bool) -> None:
    """Print a text, or the same as data."""
    click.echo(json.dumps(data, indent=2, default=plain_value) if as_json else text)
