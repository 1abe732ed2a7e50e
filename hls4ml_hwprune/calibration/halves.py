"""Gradients of a batch by halves, in two threads: numpy does not hold Python's lock in large operations."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.network import Affines
from hls4ml_hwprune.reconstruction import Affine
from hls4ml_hwprune.reconstruction.refine import GradientOf
from hls4ml_hwprune.records import KernelKey


@contextmanager
def side_by_side(gradient_of: GradientOf[KernelKey], threaded: bool) -> Iterator[GradientOf[KernelKey]]:
    """Yield the same gradients, calculated for both halves of the samples at the same time if `threaded`.

    The number of threads is the same on all machines, and so are the sums.
    """
    if not threaded:
        yield gradient_of
        return
    with ThreadPoolExecutor(2) as pool:

        def of_halves(parameters: Affines, samples: NDArray[np.int64]) -> Affines:
            halves = [half for half in np.array_split(samples, 2) if half.size]
            found = list(pool.map(gradient_of, [parameters] * len(halves), halves))
            shares = [half.size / samples.size for half in halves]
            return {name: _mean([one[name] for one in found], shares) for name in found[0]}

        yield of_halves


def _mean(parts: list[Affine], shares: list[float]) -> Affine:
    weights = sum(share * part.weights for part, share in zip(parts, shares, strict=True))
    bias = sum(share * part.bias for part, share in zip(parts, shares, strict=True))
    return Affine(np.asarray(weights), np.asarray(bias))
