"""`l2`: squares, the energy that a weight carries."""

import numpy as np
from numpy.typing import NDArray


def score(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square of each weight, of the shape of `weights`."""
    return np.square(weights)
