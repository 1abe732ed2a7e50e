"""Bounds on resources, as users write them: a count, a share of the part, or a multiple of the unpruned design."""

import math
import re
from dataclasses import dataclass
from typing import Any

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

#: Names in a budget: the bounded resource, and its units in a count of one.
BOUNDS: dict[str, tuple[str, int]] = {
    'DSP': ('dsp', 1),
    'BRAM': ('bram18', 1),
    'BRAM18': ('bram18', 1),
    'BRAM36': ('bram18', 2),
    'URAM': ('uram', 1),
    'LUT': ('lut', 1),
    'FF': ('ff', 1),
}
_FORMS = 'a count (N), a share of the part ("N%") or a multiple of the unpruned design ("Nx")'
_ROUNDING = 1e-12
_RELATIVE = re.compile(r'\s*(\d+(?:\.\d*)?|\.\d+)\s*([%x]?)\s*', re.IGNORECASE)


def _finite(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


@dataclass(frozen=True)
class Bound:
    """An upper bound: `amount` of `unit`, '' for a count, '%' of the part or 'x' of the unpruned design."""

    amount: float
    unit: str

    def resolve(self, available: float, unpruned: float) -> float:
        """Return the bound as a whole count, for a part with `available` and a design that takes `unpruned`."""
        whole = {'%': available / 100, 'x': unpruned}.get(self.unit, 1)
        # Slack of rounding, so that 0.3 times 190 are 57.
        return float(math.floor(self.amount * whole * (1 + _ROUNDING) + _ROUNDING))


def parse_bound(value: Any, blocks: int, where: str) -> Bound:
    """Read one bound.

    Parameters
    ----------
    value : int, float or str
    blocks : int
        Units of the resource in a count of one (2 for BRAM36).
    where : str
        Key named in errors.

    Raises
    ------
    ConfigError
        If the value is no bound, negative or not finite, or a fractional count.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ConfigError(f'{where}: expected {_FORMS}, got {shown(value)}')
    if isinstance(value, str):
        match = _RELATIVE.fullmatch(value)
        if match is None:
            raise ConfigError(f'{where}: {shown(value)} is not {_FORMS}')
        amount, unit = float(match.group(1)), match.group(2).lower()
    else:
        amount, unit = _finite(value), ''
    if not math.isfinite(amount) or amount < 0:
        raise ConfigError(f'{where}: {shown(value)} is negative or not finite; expected {_FORMS}')
    if not unit and amount != int(amount):
        raise ConfigError(f'{where}: {shown(value)} is no count, which is whole; did you mean {_meant(amount)}?')
    return Bound(amount if unit else amount * blocks, unit)


def _meant(amount: float) -> str:
    """Return likely meanings of a fractional count: a multiple or a share, and above 1 a whole count."""
    return f'{amount:g}x or {100 * amount:g}%' if amount < 1 else f'{amount:.9g}x, {amount:.9g}% or {int(amount)}'
