"""Progress of long work: a bar on a terminal, lines in the log elsewhere."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from tqdm import tqdm

_LOG = logging.getLogger(__name__)
# Seconds between two lines of a log.
_EVERY = 10.0
Item = TypeVar('Item')


def progress(items: Iterable[Item], title: str, total: int | None = None, delay: float = 2.0) -> Iterable[Item]:
    """Iterate over items, and show the progress.

    Parameters
    ----------
    items : iterable
    title : str
    total : int, optional
        Number of items, where they have no length.
    delay : float
        Seconds before anything is shown.
    """
    if _on_terminal():
        return tqdm(items, desc=title, total=total, leave=False, delay=delay)
    return _with_lines(items, title, total if total is not None else len(items), delay)  # type: ignore[arg-type]


@contextmanager
def meter(title: str) -> Iterator[Callable[[float, str], None]]:
    """Show a share of work, from 0 to 1, and a word about it, as often as the yielded function is called."""
    if not _on_terminal():
        yield lambda share, text: _LOG.info('%s: %.0f %%, %s', title, 100 * share, text)
        return
    with tqdm(total=1.0, desc=title, bar_format='{l_bar}{bar}| {elapsed}{postfix}') as bar:

        def show(share: float, text: str) -> None:
            bar.n = share
            bar.set_postfix_str(text)

        yield show


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _with_lines(items: Iterable[Item], title: str, total: int, delay: float) -> Iterator[Item]:
    due = monotonic() + delay
    for number, item in enumerate(items):
        if number and monotonic() >= due:
            _LOG.info('%s: %d of %d', title, number, total)
            due = monotonic() + _EVERY
        yield item
