"""A limit on the memory that Python and numpy allocate."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

#: Bytes: several hundred times of the small designs of these cases.
LIMIT = 100_000_000


@contextmanager
def little_memory() -> Iterator[None]:
    """Fail if more than `LIMIT` bytes are allocated within."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < LIMIT, f'{peak / 1e6:.0f} MB were allocated'
