"""Fitted formulas: sums of hardware terms times nonnegative coefficients; monotone, and linear beyond the fitted rows.

`benchmarks/fit_logic.py` fits the coefficients and writes them, with their errors, to `coefficients.json`.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Logic = tuple[Array, Array]


@cache
def coefficients() -> Mapping[str, Any]:
    """Fitted models by name, each with its 'lut' and 'ff' coefficients, rows and errors."""
    models: Mapping[str, Any] = json.loads(files(__package__).joinpath('coefficients.json').read_text('utf-8'))['models']
    return models


def present(count: Array) -> Array:
    """1 where `count` is positive."""
    return np.asarray(count > 0, dtype=np.float64)


def evaluate(model: str, terms: Mapping[str, Array]) -> Logic:
    """LUT and FF of `terms` under a fitted model."""
    fitted = coefficients()[model]
    lut, ff = (sum((fitted[y]['coefficients'][t] * v for t, v in terms.items()), np.float64(0)) for y in ('lut', 'ff'))
    return np.asarray(lut), np.asarray(ff)
