"""First occurrences of whole numbers in an array."""

import numpy as np
from numpy.typing import NDArray

# Longest table of first places, for each number in the array, and where these are few.
_ENTRIES_OF_A_NUMBER, _FEW_ENTRIES = 16, 65_536


def first_places(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the flat position of the first occurrence of each number, by rising number.

    A table by number takes less time than a sort, unless it is far longer than the array.
    """
    flat = numbers.ravel()
    low = int(flat.min(initial=0))
    length = int(flat.max(initial=0)) - low + 1
    if length > max(_FEW_ENTRIES, _ENTRIES_OF_A_NUMBER * flat.size):
        return np.unique(flat, return_index=True)[1]
    table = np.full(length, flat.size)
    # Backwards, so that the first occurrence is written last.
    table[flat[::-1] - low] = np.arange(flat.size - 1, -1, -1)
    return table[table < flat.size]
