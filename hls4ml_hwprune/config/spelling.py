"""Spelling of names in a configuration: case-insensitive matches, and nearest matches of unknown names."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

_CLOSE = 0.5
# More letters than any name has twice over.
_LONGEST = 100


def nearest(name: Any, allowed: Iterable[str]) -> str | None:
    """Return the name of `allowed` most similar to `name`, case aside; None if none is similar."""
    folded = {_folded(known): known for known in allowed}
    word = name[:_LONGEST] if isinstance(name, str) else shown(name)
    near = get_close_matches(_folded(word), list(folded), n=1, cutoff=_CLOSE)
    return folded[near[0]] if near else None


def hint(name: Any, allowed: Iterable[str]) -> str:
    """Return the end of a message: the nearest name, or nothing."""
    near = nearest(name, allowed)
    return f'; did you mean {near}?' if near is not None else ''


def respell(mapping: Mapping[Any, Any], allowed: Iterable[str], where: str, notes: list[str]) -> dict[Any, Any]:
    """Change keys that differ from an allowed one in case alone to the allowed spelling; other keys stay.

    Parameters
    ----------
    mapping : mapping
    allowed : iterable of str
    where : str
        Key of the mapping, for messages.
    notes : list of str
        List to which a remark is added for each respelled key.

    Raises
    ------
    ConfigError
        If a key is given in two spellings.
    """
    found: dict[Any, Any] = {}
    for key, value in mapping.items():
        known = respelled_word(key, allowed, where, notes)
        if known in found:
            raise ConfigError(f'{where}: {known} is given twice, once as {shown(key)}')
        found[known] = value
    return found


def respelled_word(word: Any, allowed: Iterable[str], where: str, notes: list[str]) -> Any:
    """Return the allowed spelling of a word that differs from it in case alone, with a note; any other value as it is."""
    allowed = tuple(allowed)
    if not isinstance(word, str) or word in allowed:
        return word
    known = next((name for name in allowed if _folded(name) == _folded(word)), None)
    if known is None:
        return word
    notes.append(f'{where}: {shown(word)} is read as {known}')
    return known


def plain_number(value: Any) -> Any:
    """Return a scalar of numpy as Python's own number; any other value as it is."""
    return value.item() if isinstance(value, np.generic) else value


def _folded(name: str) -> str:
    return name.strip().lower().replace('_', '').replace('-', '')
