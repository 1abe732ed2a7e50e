"""Plain Python values of numpy scalars, which some frontends leave in the attributes of nodes."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

Record = TypeVar('Record')


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
    if not is_dataclass(record) or isinstance(record, type):
        return record
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    changed = {name: new for name, old in values.items() if (new := _plain(old)) is not old}
    return replace(record, **changed) if changed else record


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return plain_value(value)
    if isinstance(value, tuple):
        items = tuple(_plain(item) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return plain_record(value)
