"""Rounding of the relaxation to a selection: first one curve a kernel, then a point on it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.options import Options
from hls4ml_hwprune.selection.knapsack.relaxation import Relaxation, relax


def settled(options: Options, budget: NDArray[np.float64], relaxation: Relaxation) -> Iterator[NDArray[np.int64]]:
    """Yield selections within the budget, each on one of the curves that the relaxation mixes for a kernel.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    relaxation : Relaxation
        Relaxation over `options`.

    Yields
    ------
    ndarray of int, shape (n_kernels,)
    """
    curve = options.curve_of()
    seen: set[bytes] = set()
    for pick in (_most_used(options, relaxation), relaxation.rounded):
        curves = curve[pick]
        if curves.tobytes() in seen:
            continue
        seen.add(curves.tobytes())
        positions = np.flatnonzero(np.isin(curve, curves))
        part = options.at(positions)
        assert part is not None
        along = positions[relax(part, budget, [relaxation.prices]).rounded]
        if options.fits(budget, along):
            yield along


def _most_used(options: Options, relaxation: Relaxation) -> NDArray[np.int64]:
    """Option of the largest share, for each kernel."""
    order = np.lexsort((-relaxation.share, options.owner(relaxation.used)))
    used = relaxation.used[order]
    _, first = np.unique(options.owner(used), return_index=True)
    return used[first]
