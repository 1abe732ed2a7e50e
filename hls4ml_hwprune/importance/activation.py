"""`activation`: magnitudes of weights times the size of their inputs.

Sun et al., "A Simple and Effective Pruning Approach for Large Language Models", ICLR 2024.
"""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance.calibrated import statistics_of
from hls4ml_hwprune.records import Kernel


def score(kernel: Kernel) -> NDArray[np.float64]:
    """Magnitude of each weight times the root mean square of its input, shape (n_out, n_in)."""
    return np.abs(kernel.values) * np.sqrt(np.diag(statistics_of(kernel).second_moment))
