"""`l1`: sum of magnitudes."""

import numpy as np
from numpy.typing import NDArray


def score(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of magnitudes of each row of `weights` (n_groups, size)."""
    return np.abs(weights).sum(axis=1)
