"""`l2`: sum of squares, the energy that a group carries."""

import numpy as np
from numpy.typing import NDArray


def score(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of squares of each row of `weights` (n_groups, size)."""
    return np.square(weights).sum(axis=1)
