"""Clock cycles of kernels whose weights are constants (csynth)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

# ns of an adder level, and of the logic before. 7-series waits for its inputs, so that no stage is saved at the end.
_FAST_LEVEL_NS, _FAST_START_NS = 0.7, 1.6
_SLOW_LEVEL_NS, _SLOW_MULTIPLIER_NS = 3.65, 3.8
# Cycles after the last product of a shared multiplier.
_AFTER_SHARED = 3


def constant_stages(
    n_addends: ArrayLike, multiplied: ArrayLike, stage_ns: float = 4.375, slow_fabric: bool = False
) -> NDArray[np.int64]:
    """Clock cycles of a kernel of constants at RF 1.

    Parameters
    ----------
    n_addends : float or array of float, any shape
        Nonzero weights over the number of outputs: leaves of an adder tree.
    multiplied : bool or array of bool, broadcastable
        Whether any addend comes from a multiplier.
    stage_ns, slow_fabric
        As for `constant_terms`.

    Returns
    -------
    ndarray of int
        UltraScale(+): exact on 35 of 36 reports of 6 repositories, the other one less. 7-series: exact on 17 of 27 of 7,
        within 1 on 21; up to 7 too few where widths differ from weight to weight (HGQ), 3 too many on Virtex-7.
    """
    if slow_fabric:
        levels = np.log2(np.maximum(1.0, n_addends))
        delay = _SLOW_MULTIPLIER_NS * np.asarray(multiplied) + _SLOW_LEVEL_NS * levels
        return np.ceil(delay / stage_ns).astype(np.int64)
    return np.maximum(0, np.ceil(constant_delay(n_addends) / stage_ns).astype(np.int64) - 1)


def constant_delay(n_addends: ArrayLike) -> NDArray[np.float64]:
    """Delay in ns of a kernel of constants on UltraScale(+), its stages end to end; arguments as above."""
    return np.asarray(_FAST_START_NS + _FAST_LEVEL_NS * np.log2(np.maximum(1.0, n_addends)))


def constant_cycles(
    n_addends: ArrayLike,
    n_multipliers: ArrayLike,
    limit: ArrayLike,
    reuse_factor: int = 1,
    stage_ns: float = 4.375,
    slow_fabric: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Latency and initiation interval of a kernel of constants (Latency at any RF).

    Parameters
    ----------
    n_addends, stage_ns, slow_fabric
        As for `constant_stages`.
    n_multipliers, limit : int or array of int, broadcastable
        Distinct products with a multiplier, and the limit of multipliers (`multipliers.multiplier_limit`).
    reuse_factor : int

    Returns
    -------
    (latency, ii) : ndarray of int
        Where products outnumber multipliers, they follow each other: ceil(products / multipliers) + 3 cycles. The interval
        is the reuse factor, or the latency + 1 where that is less: hls4ml's reports at high RF miss RF for that reason.
    """
    products, multipliers = np.asarray(n_multipliers, np.int64), np.asarray(limit, np.int64)
    latency = constant_stages(n_addends, products > 0, stage_ns, slow_fabric)
    in_turn = -(-products // np.maximum(1, multipliers)) + _AFTER_SHARED
    latency = np.where(products > multipliers, np.maximum(latency, in_turn), latency)
    return latency, np.maximum(1, np.minimum(reuse_factor, latency + 1))
