"""Cost models by tool: figures of kernels that differ between the reports of Vivado HLS and of Vitis HLS (csynth).

Tools without reports have none: their figures are counted (`counted.py`).

hls4ml 1.x gives both tools the same kernels. Reports of Vitis HLS from hls4ml 0.8 and before are of other kernels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hls4ml_hwprune.records import Kernel, Target
from hls4ml_hwprune.resources.logic import vitis
from hls4ml_hwprune.resources.logic.fitted import Logic
from hls4ml_hwprune.resources.logic.multiplexed import multiplexed_logic
from hls4ml_hwprune.resources.multipliers import multiplier_dsp
from hls4ml_hwprune.resources.timing.layers import loop_depth
from hls4ml_hwprune.tools import VITIS_HLS, VIVADO_HLS

# Reports of Vitis HLS behind the bill of materials: 7 series, reuse factors from 8 on.
_FEWEST_SEEN = 8


@dataclass(frozen=True)
class CostModel:
    """Figures of a tool's reports for kernels whose multipliers are shared in time.

    Attributes
    ----------
    logic : callable
        LUT and FF of one copy of a kernel, for numbers of slots and of input multiplexers.
    shared_constants : callable, optional
        LUT and FF of one copy of a Latency kernel with RF > 1, for numbers of weights and of multipliers; None where the
        general formula of kernels of constants holds.
    slot_dsp : callable
        DSP blocks of one copy, for numbers of slots.
    depth : callable
        Cycles of one step of the loop: the latency is the reuse factor, and one less than this.
    block_rom : bool
        Whether weights of hls4ml's own kernels are in block RAM, however few.
    is_seen : callable
        Whether there are reports of kernels like this one.
    """

    logic: Callable[[Kernel, ArrayLike, ArrayLike | None], Logic]
    shared_constants: Callable[[Kernel, ArrayLike, ArrayLike], Logic] | None
    slot_dsp: Callable[[Kernel, ArrayLike], NDArray[np.float64]]
    depth: Callable[[Kernel], int]
    block_rom: bool
    is_seen: Callable[[Kernel], bool]


def cost_model(target: Target) -> CostModel:
    """Return the cost model of a target's tool."""
    return _MODELS[target.tool]


def _vivado_dsp(kernel: Kernel, n_slots: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(n_slots, dtype=np.float64) * multiplier_dsp(kernel.input_bits, kernel.weight_bits)


def _is_seen_of_vitis(kernel: Kernel) -> bool:
    return kernel.target.seven_series and kernel.reuse_factor >= _FEWEST_SEEN


_VIVADO = CostModel(
    logic=multiplexed_logic,
    shared_constants=None,
    slot_dsp=_vivado_dsp,
    depth=lambda kernel: loop_depth(kernel.target),
    block_rom=False,
    is_seen=lambda kernel: True,
)
_VITIS = CostModel(
    logic=vitis.vitis_multiplexed,
    shared_constants=vitis.vitis_shared_constants,
    slot_dsp=vitis.slot_dsp,
    depth=vitis.depth,
    block_rom=True,
    is_seen=_is_seen_of_vitis,
)
_MODELS = {VIVADO_HLS: _VIVADO, VITIS_HLS: _VITIS}
