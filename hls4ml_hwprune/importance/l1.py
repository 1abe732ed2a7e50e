"""`l1`: magnitudes."""

import numpy as np
from numpy.typing import NDArray


def score(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Magnitude of each weight, of the shape of `weights`."""
    return np.abs(weights)
