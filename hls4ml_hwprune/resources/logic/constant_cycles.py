"""Clock cycles of kernels whose weights are constants (csynth)."""

import numpy as np

# ns of an adder level and of what precedes it. 7-series waits for its inputs, so that no stage is saved at the end.
_FAST_LEVEL_NS, _FAST_START_NS = 0.7, 1.6
_SLOW_LEVEL_NS, _SLOW_MULTIPLIER_NS = 3.65, 3.8
# What follows the last product of a shared multiplier.
_AFTER_SHARED = 3


def constant_stages(n_addends: float, multiplied: bool, stage_ns: float = 4.375, slow_fabric: bool = False) -> int:
    """Clock cycles of a kernel of constants at RF 1.

    Parameters
    ----------
    n_addends : float
        Weights that are not zero, over the number of outputs: leaves of an adder tree.
    multiplied : bool
        Whether any of them is a product of a multiplier.
    stage_ns, slow_fabric
        As for `constant_terms`.

    Returns
    -------
    int
        UltraScale(+): exact on 35 of 36 reports of 6 repositories, the other one less. 7-series: exact on 17 of 27 of 7,
        within 1 on 21; up to 7 too few where widths differ from weight to weight (HGQ), 3 too many on Virtex-7.
    """
    levels = np.log2(max(1.0, n_addends))
    if slow_fabric:
        return int(np.ceil((_SLOW_MULTIPLIER_NS * multiplied + _SLOW_LEVEL_NS * levels) / stage_ns))
    return max(0, int(np.ceil((_FAST_START_NS + _FAST_LEVEL_NS * levels) / stage_ns)) - 1)


def constant_cycles(
    n_addends: float,
    n_multipliers: int,
    limit: int,
    reuse_factor: int = 1,
    stage_ns: float = 4.375,
    slow_fabric: bool = False,
) -> tuple[int, int]:
    """Latency and initiation interval of a kernel of constants (Latency at any RF).

    Parameters
    ----------
    n_addends, stage_ns, slow_fabric
        As for `constant_stages`.
    n_multipliers, limit : int
        Distinct products that are multiplied, and how many multipliers there may be (`multipliers.multiplier_limit`).
    reuse_factor : int

    Returns
    -------
    (latency, ii) : int
        Where products outnumber multipliers, they follow each other: ceil(products / multipliers) + 3 cycles. The interval
        is the reuse factor, or the latency + 1 where that is less: hls4ml's reports at high RF miss RF for that reason.
    """
    latency = constant_stages(n_addends, n_multipliers > 0, stage_ns, slow_fabric)
    if n_multipliers > limit:
        latency = max(latency, -(-n_multipliers // max(1, limit)) + _AFTER_SHARED)
    return latency, max(1, min(reuse_factor, latency + 1))
