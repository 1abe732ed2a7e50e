"""Effort: work on one plan, counted in operations, so that all machines stop at the same place.

An operation takes a nanosecond or ten: one group score evaluated, one option priced. Searches stop once the effort is spent,
and the log names those left out.
"""

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

_LOG = logging.getLogger(__name__)
_Result = TypeVar('_Result')

#: Operations of one plan, a minute at most; networks of no more than `FEW_WEIGHTS` weights are not limited.
MOST_OPERATIONS, FEW_WEIGHTS = 3_000_000_000, 20_000
#: Operations of the search along savings, some seconds, by the method of the settings.
OF_SAVINGS = {'exact': 10_000_000_000, 'fast': 1_000_000_000}
#: Operations for each weight: to read a curve of its kernel, and to carry out a selection on a copy of the network.
OF_CURVE, OF_CANDIDATE = 20, 40
#: The same, however small the kernel and the network are.
OF_ANY_CURVE, OF_ANY_CANDIDATE = 500_000, 30_000_000
#: Operations of an integer program for any selection within the budget, half a second or so.
OF_PROGRAM = 500_000_000
#: Operations for each point of a curve, to put it into a problem and price it, and for any problem.
OF_POINT, OF_ANY_PROBLEM = 100, 3_000_000


@dataclass
class Effort:
    """Operations spent on a plan.

    Attributes
    ----------
    limit : int, optional
        Operations after which no more searches begin; None for no limit.
    spent : int
    left_out : list of str
        Searches that did not begin, in the order in which they were due.
    """

    limit: int | None = None
    spent: int = 0
    left_out: list[str] = field(default_factory=list)
    _known: set[object] = field(default_factory=set, repr=False)
    # Results of searches that were made in full, and their operations.
    _results: dict[Hashable, tuple[Any, int]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, n_weights: int) -> 'Effort':
        """Return the effort for a network of `n_weights` that can be pruned."""
        return cls(None if n_weights <= FEW_WEIGHTS else MOST_OPERATIONS)

    def spend(self, operations: int) -> None:
        """Count work that is done."""
        self.spent += operations

    def spend_once(self, key: object, operations: int) -> None:
        """Count work whose result is remembered under a `key`."""
        if key not in self._known:
            self._known.add(key)
            self.spend(operations)

    def remembered(self, key: Hashable, made: Callable[[], _Result]) -> _Result:
        """Return the result of a search, `made` once; its work counts each time, so that searches end where they would."""
        if key in self._results:
            result, operations = self._results[key]
            if self.limit is None or self.spent + operations < self.limit:
                self.spend(operations)
                return result
        before = self.spent
        result = made()
        if not self.is_spent:
            self._results[key] = result, self.spent - before
        return result

    @property
    def is_spent(self) -> bool:
        """Whether no more searches may begin."""
        return self.limit is not None and self.spent >= self.limit

    @property
    def is_exhausted(self) -> bool:
        """Whether even a search for a first plan has to end."""
        return self.limit is not None and self.spent >= 2 * self.limit

    def leave_out(self, search: str) -> None:
        """Remember a search that does not begin."""
        if search not in self.left_out:
            self.left_out.append(search)

    def log(self) -> None:
        """Log the searches that were left out."""
        if self.left_out and self.limit is not None:
            searches = ', '.join(self.left_out)
            _LOG.warning(
                'the effort of a plan, %.1f billion operations, is spent: left out are %s', self.limit / 1e9, searches
            )
