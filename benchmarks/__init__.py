"""Benchmarks: run them from the root of the repository with `python -m benchmarks.<name>`; see README.md here."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Models and synthesis results, beside the repository.
DATA = Path(__file__).resolve().parents[2] / 'shared' / 'data'
Weights = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


def random_weights(sizes: Sequence[int], seed: int = 0) -> Weights:
    """Weights (n_in, n_out) and biases (n_out,) of dense layers one after the other, scaled as if trained."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0, n_in**-0.5, (n_in, n_out)).astype(np.float32), rng.normal(0, 0.1, n_out).astype(np.float32))
        for n_in, n_out in pairwise(sizes)
    ]


def hls_config(precision: str, reuse_factor: int, strategy: str = 'Resource') -> dict[str, Any]:
    """Return what stands under `HLSConfig` of a project."""
    return {'Model': {'Precision': precision, 'ReuseFactor': reuse_factor, 'Strategy': strategy}}


def format_table(rows: Sequence[Mapping[str, str]], n_left: int = 2) -> str:
    """Rows with the same keys as a Markdown table; the first `n_left` columns to the left, the others to the right."""
    columns = list(rows[0])
    widths = [max(len(column), *(len(row[column]) for row in rows)) for column in columns]

    def line(cells: Sequence[str]) -> str:
        padded = [c.ljust(w) if i < n_left else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return f'| {" | ".join(padded)} |'

    rule = ['-' * w if i < n_left else '-' * (w - 1) + ':' for i, w in enumerate(widths)]
    return '\n'.join([line(columns), line(rule), *(line([row[column] for column in columns]) for row in rows)])


def versions(*packages: str) -> str:
    """Versions of Python and of the named distributions, in one line."""
    return ', '.join([f'Python {platform.python_version()}', *(f'{name} {version(name)}' for name in packages)])
