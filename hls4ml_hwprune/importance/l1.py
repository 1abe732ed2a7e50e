"""`l1`: magnitudes of weights."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel


def score(kernel: Kernel) -> NDArray[np.float64]:
    """Magnitude of each weight, shape (n_out, n_in)."""
    return np.abs(kernel.values)
