"""Resource vector: amounts of DSP, BRAM18, URAM, LUT and FF."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Resources:
    """Amounts of FPGA resources; `bram18` counts blocks of 18 Kb.

    Vectors add, subtract and compare element by element: `a <= b` means that `a` fits in `b`.
    """

    dsp: float = 0
    bram18: float = 0
    uram: float = 0
    lut: float = 0
    ff: float = 0

    def __add__(self, other: 'Resources') -> 'Resources':
        return Resources(*(a + b for a, b in zip(self._amounts, other._amounts, strict=True)))

    def __sub__(self, other: 'Resources') -> 'Resources':
        return Resources(*(a - b for a, b in zip(self._amounts, other._amounts, strict=True)))

    def __le__(self, other: 'Resources') -> bool:
        return all(a <= b for a, b in zip(self._amounts, other._amounts, strict=True))

    @property
    def _amounts(self) -> tuple[float, float, float, float, float]:
        """Amounts in the order of the fields: `dataclasses.astuple` takes ten times as long."""
        return self.dsp, self.bram18, self.uram, self.lut, self.ff

    def as_array(self) -> NDArray[np.float64]:
        """Return the amounts in the order of `NAMES`, shape (5,)."""
        return np.array(self._amounts, dtype=float)

    def as_dict(self) -> dict[str, float]:
        """Return the amounts by name, whole numbers as int."""
        return {name: int(value) if value == int(value) else float(value) for name, value in vars(self).items()}

    @classmethod
    def from_array(cls, amounts: Iterable[float]) -> 'Resources':
        """Build from amounts in the order of `NAMES`."""
        return cls(*(int(a) if a == int(a) else float(a) for a in amounts))

    @classmethod
    def total(cls, parts: Iterable['Resources']) -> 'Resources':
        """Sum of `parts`."""
        return sum(parts, start=cls())


NAMES: tuple[str, ...] = tuple(f.name for f in fields(Resources))
#: Titles of the resources in tables.
TITLES = {'dsp': 'DSP', 'bram18': 'BRAM18', 'uram': 'URAM', 'lut': 'LUT', 'ff': 'FF'}
