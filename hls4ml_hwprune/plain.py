"""Plain Python values of numpy scalars, which some frontends leave in the attributes of nodes."""

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar, cast

import numpy as np

Record = TypeVar('Record')
# Classes of most values, which stay as they are.
_PLAIN = frozenset({int, float, str, bool, type(None), np.ndarray})


def plain_value(value: Any) -> Any:
    """Return the Python value of a numpy scalar or array; the `default` of JSON encoders.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f'{type(value).__name__} is no plain data')


def plain_record(record: Record) -> Record:
    """Return a frozen dataclass whose scalars are Python's own, in the records and tuples within it too."""
    found, kind = cast(Any, record), cast(Any, type(record))
    changed = {}
    for name in _field_names(kind):
        old = getattr(found, name)
        if type(old) not in _PLAIN and (new := _plain(old)) is not old:
            changed[name] = new
    return replace(found, **changed) if changed else record


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    """Names of the fields of a dataclass; none of any other class."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return plain_value(value)
    if isinstance(value, tuple):
        items = tuple(_plain(item) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return plain_record(value)
