"""`l2`: squares of weights, their energy."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel


def score(kernel: Kernel) -> NDArray[np.float64]:
    """Square of each weight, shape (n_out, n_in)."""
    return np.square(kernel.values)
