"""Work counted in place of seconds, so that a slow or busy machine finds the same."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hls4ml_hwprune.selection.knapsack import branching, solver
from hls4ml_hwprune.selection.knapsack import rounding as settling


def count_calls(function: Callable[..., Any], *arguments: Any, **options: Any) -> int:
    """Calls of Python and C functions that `function` makes, its own included."""
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ('call', 'c_call')

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function(*arguments, **options)
    finally:
        sys.setprofile(before)
    return calls


class Priced:
    """Relaxations that the knapsack solved, and the options that were priced for them.

    Attributes
    ----------
    relaxations, options : int
    """

    def __init__(self) -> None:
        self.relaxations = self.options = 0


@contextmanager
def count_priced(after_each: Callable[[], None] = lambda: None) -> Iterator[Priced]:
    """Count what `solve` does inside; `after_each` is called after each relaxation."""
    priced, original = Priced(), solver.relax

    def counted(*arguments: Any) -> Any:
        found = original(*arguments)
        priced.relaxations += 1
        priced.options += found.work
        after_each()
        return found

    modules = (solver, branching, settling)
    try:
        for module in modules:
            module.relax = counted  # type: ignore[attr-defined]
        yield priced
    finally:
        for module in modules:
            module.relax = original  # type: ignore[attr-defined]
