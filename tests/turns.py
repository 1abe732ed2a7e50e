"""Products of parameters, of which a part is tested every day."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest


def in_turn(*axes: Sequence[Any]) -> list[Any]:
    """All combinations of values; every day each combination of the others with one value of the last axis, in turn.

    Parameters
    ----------
    *axes : sequences
        Values of each parameter.

    Returns
    -------
    list of pytest.param
        For `parametrize`; those that are not everyday ones are marked slow.
    """
    found = []
    for places in product(*(range(len(axis)) for axis in axes)):
        *others, last = places
        values = [axis[place] for axis, place in zip(axes, places, strict=True)]
        marks = [] if last == sum(others) % len(axes[-1]) else [pytest.mark.slow]
        found.append(pytest.param(*values, marks=marks))
    return found
