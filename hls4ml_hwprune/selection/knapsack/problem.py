"""Multiple-choice, multi-dimensional knapsack problem and its solution, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError

# Relative slack within which bounds count as equal.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Curve:
    """One alternative of a kernel: value and cost of keeping its k best groups, for k = 0 ... K.

    Attributes
    ----------
    value : ndarray of float, shape (K + 1,)
        Importance kept.
    cost : ndarray of float, shape (K + 1, n_resources)
        Resources used; any shape of curve, staircases included.
    """

    value: NDArray[np.float64] = field(repr=False)
    cost: NDArray[np.float64] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'value', np.asarray(self.value, float))
        object.__setattr__(self, 'cost', np.asarray(self.cost, float))
        if self.value.ndim != 1 or self.cost.ndim != 2 or len(self.value) != len(self.cost) or not len(self.value):
            raise ConfigError(
                f'a curve needs value (K + 1,) and cost (K + 1, n_resources), got {self.value.shape} and {self.cost.shape}'
            )
        if not (np.isfinite(self.value).all() and np.isfinite(self.cost).all()):
            raise ConfigError('a curve needs finite values and costs')

    @cached_property
    def least(self) -> NDArray[np.float64]:
        """Least use of each resource, shape (n_resources,): problems that share a curve share it."""
        found: NDArray[np.float64] = self.cost.min(axis=0)
        return found

    @cached_property
    def most(self) -> NDArray[np.float64]:
        """Largest use of each resource, shape (n_resources,)."""
        found: NDArray[np.float64] = self.cost.max(axis=0)
        return found

    @cached_property
    def values(self) -> tuple[float, float]:
        """Least and highest value."""
        return float(self.value.min()), float(self.value.max())

    @cached_property
    def digest(self) -> bytes:
        """Digest of the numbers, equal for equal curves."""
        return blake2b(self.value.tobytes() + self.cost.tobytes(), digest_size=32).digest()


@dataclass(frozen=True)
class Problem:
    """Choose one alternative and one k for every kernel, within `budget`, for the highest sum of values.

    Attributes
    ----------
    kernels : sequence of sequence of Curve
        Alternatives of each kernel.
    budget : ndarray of float, shape (n_resources,)
        Upper bounds on the summed costs; infinite where a resource is not limited.
    """

    kernels: Sequence[Sequence[Curve]]
    budget: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, 'budget', np.asarray(self.budget, float))
        if self.budget.ndim != 1 or not (self.budget > -np.inf).all():
            raise ConfigError(f'the budget needs one number a resource, got {self.budget!r}')
        for number, alternatives in enumerate(self.kernels):
            if not alternatives:
                raise ConfigError(f'kernel {number} has no alternative to choose from')
            for curve in alternatives:
                if curve.cost.shape[1] != len(self.budget):
                    raise ConfigError(
                        f'kernel {number} costs {curve.cost.shape[1]} resources, the budget bounds {len(self.budget)}'
                    )

    @property
    def key(self) -> tuple[object, ...]:
        """Key of the problem, equal for equal problems."""
        return self.budget.tobytes(), tuple(tuple(curve.digest for curve in kernel) for kernel in self.kernels)


@dataclass(frozen=True)
class Solution:
    """A selection.

    Attributes
    ----------
    choices : list of (int, int)
        Alternative and its k, for each kernel; empty where there is no solution.
    objective, bound : float
        Value of the choices, and the proven upper bound on the value of any selection.
    status : str
        'optimal', 'feasible, gap g %' where the effort ran out first, or 'infeasible'.
    """

    choices: list[tuple[int, int]]
    objective: float
    bound: float
    status: str

    def with_bound(self, bound: float) -> 'Solution':
        """Weaken the bound, where it was proven for part of the selections only."""
        if bound <= self.bound + _ROUNDING * abs(bound) or self.status == 'infeasible':
            return self
        return replace(self, bound=bound, status=feasible_status(self.objective, bound))


def feasible_status(objective: float, bound: float) -> str:
    """Return the status of a selection with its proven gap."""
    return f'feasible, gap {100 * (bound - objective) / max(abs(bound), 1e-300):.2g} %'
