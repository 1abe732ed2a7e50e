"""Enumeration of all selections whose value can be within the gap, kernel by kernel."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.options import TOLERANCE, Options

# Partial selections kept at a time; beyond that another method has to prove optimality.
_MAX_PARTIAL = 50_000


def best_within_gap(
    options: Options, reduced: NDArray[np.float64], budget: NDArray[np.float64], gap: float
) -> NDArray[np.int64] | None:
    """Find the best selection that the relaxation does not rule out.

    The value of a selection is at most the relaxation's bound less the sum of its options' reduced values. So a selection
    better than the best known has a sum below the gap, and partial selections over it, or over the budget with the
    cheapest completion, are dropped.

    Parameters
    ----------
    options : Options
    reduced : ndarray, shape (n_options,)
        Fall of the bound if an option is chosen (see `Relaxation`).
    budget : ndarray, shape (n_resources,)
    gap : float
        Bound less the value of the best selection known.

    Returns
    -------
    ndarray of int, shape (n_kernels,), or None
        Empty if no selection is within the gap; None if there are too many partial selections to tell.
    """
    pools = [a + np.flatnonzero(reduced[a:b] <= gap + TOLERANCE) for a, b in pairwise(options.starts)]
    if not all(pool.size for pool in pools):
        return np.zeros(0, np.int64)
    # The largest pools first: later ones multiply the number of partial selections.
    order = sorted(range(options.n_kernels), key=lambda kernel: -pools[kernel].size)
    cheapest = np.array([options.cost[pools[kernel]].min(axis=0) for kernel in order])
    to_come = cheapest.sum(axis=0) - np.cumsum(cheapest, axis=0)
    chosen = np.zeros((1, 0), np.int64)
    spent, cost = np.zeros(1), np.zeros((1, len(budget)))
    for kernel, completion in zip(order, to_come, strict=True):
        pool = pools[kernel][np.argsort(reduced[pools[kernel]], kind='stable')]
        reach = np.searchsorted(reduced[pool], gap + TOLERANCE - spent, side='right')
        if reach.sum() > _MAX_PARTIAL:
            return None
        partial = np.repeat(np.arange(len(spent)), reach)
        option = pool[np.arange(len(partial)) - np.repeat(np.cumsum(reach) - reach, reach)]
        total = cost[partial] + options.cost[option]
        fits = (total + completion <= budget + TOLERANCE).all(axis=1)
        partial, option = partial[fits], option[fits]
        chosen = np.column_stack([chosen[partial], option])
        spent, cost = spent[partial] + reduced[option], total[fits]
    if not len(chosen):
        return np.zeros(0, np.int64)
    return np.sort(chosen[np.argmax(options.value[chosen].sum(axis=1))])
