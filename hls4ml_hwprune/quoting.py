"""Values of users in messages: one short line for any value."""

import re
from math import log10
from pathlib import PurePath
from reprlib import Repr
from typing import Any

import numpy as np

_MOST = 80
# Whole numbers of more digits are shown by their count; Python itself prints no more than 4,300.
_MOST_DIGITS = 40
_ADDRESS = re.compile(r' at 0x[0-9a-f]+')
_SPACE = re.compile(r'\s+')


class _Short(Repr):
    """`repr` in bounded time and length: of large values only the beginning and the end are looked at."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = most

    def repr_int(self, x: int, level: int) -> str:
        """Return the digits of a number, or their count."""
        n_digits = int(log10(abs(x))) + 1 if x else 1
        return repr(x) if n_digits <= _MOST_DIGITS else f'a whole number of about {n_digits} digits'

    def repr_bytes(self, x: bytes, level: int) -> str:
        """Return the beginning of some bytes."""
        return repr(x[: self.maxstring])

    def repr_ndarray(self, x: np.ndarray, level: int) -> str:
        """Return the shape of an array in place of its elements."""
        return f'an array of shape {x.shape}' if x.ndim else f'array({self.repr1(x.item(), level)})'

    def repr_instance(self, x: Any, level: int) -> str:
        """Return the `repr` of anything else, which may raise or run over several lines."""
        try:
            text = repr(x)
        except Exception:  # the code of a stranger's class
            return f'a {type(x).__name__}'
        return _SPACE.sub(' ', _ADDRESS.sub('', text))


def shown(value: Any, most: int = _MOST) -> str:
    """Return a value as messages show it: its `repr` in one line, cut in the middle where it is long; never an error.

    Parameters
    ----------
    value : Any
        Paths are shown as the words that they are.
    most : int
        Characters, quotes included.
    """
    try:
        text = _Short(most).repr(str(value) if isinstance(value, PurePath) else value)
    except Exception:  # a stranger's class that is named as one of Python's own, or whose attributes raise
        text = f'a {type(value).__name__}'
    if len(text) <= most:
        return text
    head = (most - 3) * 2 // 3
    return f'{text[:head]}...{text[len(text) - (most - 3 - head) :]}'


def shown_name(name: Any) -> str:
    """Return a key of a user for the place at the start of messages: unquoted if it is a short word."""
    short = isinstance(name, str) and name.isprintable() and 0 < len(name) <= _MOST
    return name if short else shown(name)
