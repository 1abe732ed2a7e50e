"""Resources of one kernel, dense or pruned."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import DISTRIBUTED, Kernel
from hls4ml_hwprune.resources.cost_model import cost_model
from hls4ml_hwprune.resources.counted import counted_table
from hls4ml_hwprune.resources.logic import constant_terms, evaluate, multiplexed_synthesis
from hls4ml_hwprune.resources.logic.distributed import distributed_curve, distributed_logic
from hls4ml_hwprune.resources.logic.operators import multiplexer_lut
from hls4ml_hwprune.resources.logic.synthesis import multiplexer_blocks
from hls4ml_hwprune.resources.memories import bram18, index_memory, memory_ff, memory_lut
from hls4ml_hwprune.resources.multipliers import (
    allocated_dsp,
    constant_bits,
    constant_dsp,
    first_sums,
    first_uses,
    multiplier_dsp,
    multiplier_limit,
)
from hls4ml_hwprune.resources.stages import at_stage
from hls4ml_hwprune.resources.vector import NAMES, Resources

# Points of a cached table, at most.
_FEW_POINTS = 1024
_NO_VALUES, _NO_CODES = np.zeros((0, 0)), np.zeros((0, 0), np.int64)


def kernel_resources(kernel: Kernel, stage: str = 'csynth') -> Resources:
    """Resources of `kernel` as it stands, at `stage`: all slots if unpruned, else the kept ones."""
    if kernel.multiplexed:
        if kernel.slots is not None:
            lanes = np.array([whole_multiplexers(kernel, kernel.slots.legs, stage)])
            found = _multiplexed(kernel, np.array([kernel.n_kept]), stage, lanes, _multipliers(kernel))[0]
            return Resources.from_array(np.minimum(found, _before_removal(kernel, stage)))
        slots, own = np.array([kernel.n_kept]), _own_lanes(kernel)
        return Resources.from_array(_multiplexed(kernel, slots, stage, own)[0])
    if kernel.external:
        return Resources.from_array(_external(kernel, stage))
    if kernel.strategy == DISTRIBUTED:
        lut, ff = at_stage(*distributed_logic(kernel), stage)
        return Resources(lut=kernel.copies * int(np.ceil(lut)), ff=kernel.copies * int(np.ceil(ff)))
    return Resources.from_array(_constant(kernel, np.flatnonzero(kernel.codes), stage)[-1])


def _own_lanes(kernel: Kernel) -> NDArray[np.float64] | None:
    """Multiplexers of slots of hls4ml's layout, one a block of inputs; None where its own loop reads the inputs."""
    if kernel.kept is None or kernel.in_turn or kernel.n_kept == kernel.n_slots:
        return None
    first = np.unique(np.flatnonzero(kernel.kept) // kernel.group_reuse) * kernel.group_reuse
    return np.array([np.unique(first % kernel.n_in).size], np.float64)


def _before_removal(kernel: Kernel, stage: str) -> NDArray[np.float64]:
    """Resources of the same slots before removal of dead inputs and outputs, where they had hls4ml's layout; else inf.

    In that case each block of inputs has become at most one lane, so that nothing was added.
    """
    if kernel.designed is None or kernel.slots is None:
        return np.full(len(NAMES), np.inf)
    n_out, n_in = kernel.designed
    if kernel.reuse_factor <= n_in and len(kernel.slots.legs) > -(-n_in // kernel.reuse_factor):
        return np.full(len(NAMES), np.inf)
    whole = replace(kernel, n_in=n_in, n_out=n_out, slots=None)
    lanes = None if whole.in_turn else np.array([len(kernel.slots.legs)], np.float64)
    return _multiplexed(whole, np.array([kernel.n_kept]), stage, lanes, _multipliers(kernel))[0]


def _multipliers(kernel: Kernel) -> NDArray[np.int64] | None:
    """Multipliers of a kernel whose slots are paired, shape (1,); None where each slot is one."""
    return np.array([kernel.n_multipliers]) if kernel.slot_bits else None


def selection_costs(
    kernel: Kernel,
    index: NDArray[np.int64],
    slots: NDArray[np.int64],
    stage: str = 'csynth',
    *,
    lanes: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Resources of `kernel` for every number of groups kept in a given order.

    Parameters
    ----------
    kernel : Kernel
    index : ndarray of int, shape (K, size)
        Flat weight positions of the groups, in the order in which they are kept.
    slots : ndarray of int, shape (K,)
        Multiplier slots of each group.
    stage : {'csynth', 'vsynth'}
    lanes : ndarray of float, shape (K + 1,), optional
        Input multiplexers of min(RF, n_in) inputs, where slots choose their inputs. Default: hls4ml's layout.

    Returns
    -------
    ndarray of float, shape (K + 1, 5)
        Row k: resources, in the order of `NAMES`, with the first k groups kept.
    """
    if kernel.multiplexed:
        n_slots = np.concatenate([[0], np.cumsum(slots)])
        # A group of paired slots is a multiplier.
        multipliers = np.arange(n_slots.size) if kernel.slot_bits else None
        return _multiplexed(kernel, n_slots, stage, lanes, multipliers)
    if kernel.strategy == DISTRIBUTED:
        lut, ff = at_stage(*distributed_curve(kernel, index[:, 0]), stage)
        none = np.zeros(lut.shape)
        costs = _table(dsp=none, bram=none, lut=kernel.copies * np.ceil(lut), ff=kernel.copies * np.ceil(ff))
        return np.maximum.accumulate(costs)
    # The limit of multipliers grows with the weights, so that fewer may share: costs must not fall with more weights.
    return np.maximum.accumulate(_constant(kernel, index[:, 0], stage))


def snapping_costs(
    kernel: Kernel, n_weights: int, blocks: NDArray[np.int64], stage: str = 'csynth', n_in_luts: int = 0
) -> NDArray[np.float64]:
    """Resources of a kernel of constants for every number of codes in DSPs; the other weights are shifts and sums.

    Parameters
    ----------
    kernel : Kernel
    n_weights : int
        Number of nonzero weights.
    blocks : ndarray of int, shape (K,)
        DSP blocks of each code, in the order in which codes are paid.
    stage : {'csynth', 'vsynth'}
    n_in_luts : int
        Upper bound on the products that are multiplied in LUTs.

    Returns
    -------
    ndarray of float, shape (K + 1, 5)
        Upper bound: products that turn out equal share an adder.
    """
    n_dsp, n_blocks = np.arange(blocks.size + 1), _running(blocks)
    weights = np.full(n_dsp.shape, n_weights)
    n_multipliers = np.minimum(n_dsp + n_in_luts, np.maximum(weights, n_dsp))
    counts = (weights, n_multipliers, n_blocks, n_dsp, np.maximum(weights - n_dsp, 0))
    return np.maximum.accumulate(_constant_table(kernel, counts, stage))


def constant_counts(kernel: Kernel, positions: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Kept weights, and their distinct products that need a multiplier, for every number of constants kept in an order.

    Parameters
    ----------
    kernel : Kernel
    positions : ndarray of int, shape (K,)
        Flat positions of the weights.

    Returns
    -------
    (n_weights, n_multipliers) : ndarray of int, shape (K + 1,)
    """
    multiplied = first_uses(kernel.codes.ravel()[positions], positions % kernel.n_in)
    return np.arange(positions.size + 1), _running(multiplied)


def constants_in_dsp(kernel: Kernel, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """DSP blocks of a product of `kernel`'s inputs and each constant, same shape as `codes`."""
    unsigned = kernel.target.facts.unsigned_constants and not kernel.target.seven_series
    return constant_dsp(codes, kernel.input_bits, sign_bit=not unsigned)


def whole_multiplexers(kernel: Kernel, legs: NDArray[np.int64], stage: str) -> float:
    """Multiplexers of min(RF, n_in) inputs with the same cost as multiplexers of `legs`, shape (n_multiplexers,)."""
    whole = min(kernel.reuse_factor, kernel.n_in)
    if stage == 'csynth':
        return float(multiplexer_lut(legs).sum() / max(float(multiplexer_lut(whole)), 1.0))
    return sum(multiplexer_blocks(int(ways)) for ways in legs) / max(multiplexer_blocks(whole), 1)


def _multiplexed(
    kernel: Kernel,
    n_slots: NDArray[np.int64],
    stage: str,
    n_lanes: NDArray | None = None,
    multipliers: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Resources of slots of RF weights each, from a memory RF deep that holds the kept slots side by side."""
    same_bits = _constant_top(kernel) if _is_whole(kernel, n_slots, n_lanes).any() else 0
    like = None if n_slots.size > _FEW_POINTS else _without_weights(kernel)
    if like is None or (kernel.slots is not None and (n_lanes is None or like.in_turn != kernel.in_turn)):
        return _multiplexed_table(kernel, n_slots, stage, n_lanes, same_bits, multipliers)
    lanes = None if n_lanes is None else np.asarray(n_lanes, float).tobytes()
    shared = None if multipliers is None else multipliers.tobytes()
    return _known_table(like, n_slots.tobytes(), stage, lanes, same_bits, shared).copy()


def _is_whole(kernel: Kernel, n_slots: NDArray[np.int64], n_lanes: NDArray | None) -> NDArray[np.bool_]:
    """Whether a kernel stays hls4ml's own: it keeps all slots, and has no table of slots and no shared multiplexers."""
    whole: NDArray[np.bool_] = (n_slots >= kernel.n_slots) & (
        kernel.slots is None and n_lanes is None and not kernel.slot_bits
    )
    return whole


@lru_cache(maxsize=4096)
def _known_table(
    kernel: Kernel, n_slots: bytes, stage: str, n_lanes: bytes | None, same_bits: int, multipliers: bytes | None
) -> NDArray[np.float64]:
    """Cache of tables that searches use repeatedly."""
    lanes = None if n_lanes is None else np.frombuffer(n_lanes, float)
    shared = None if multipliers is None else np.frombuffer(multipliers, np.int64)
    return _multiplexed_table(kernel, np.frombuffer(n_slots, np.int64), stage, lanes, same_bits, shared)


def _without_weights(kernel: Kernel) -> Kernel:
    """Drop everything irrelevant to prices of slots, so that equal kernels share one table.

    Of a table of slots, beside the number of slots and multiplexers, prices go by the turns that slots take alone.
    """
    return replace(kernel, layer='', role='', values=_NO_VALUES, codes=_NO_CODES, kept=None, slots=None, statistics=None)


def _multiplexed_table(
    k: Kernel,
    n_slots: NDArray[np.int64],
    stage: str,
    n_lanes: NDArray | None,
    same_bits: int,
    multipliers: NDArray[np.int64] | None,
) -> NDArray[np.float64]:
    """Resources of slots; `same_bits` of the memory's word of hls4ml's own kernel are the same in all cycles.

    Paired slots have `multipliers`, a DSP block and a word of two weights each.
    """
    if not k.target.facts.has_reports:
        return counted_table(k, n_slots)
    tool, whole = cost_model(k.target), _is_whole(k, n_slots, n_lanes)
    lut, ff = (tool.logic if stage == 'csynth' else multiplexed_synthesis)(k, n_slots, n_lanes)
    # Memories of the weights, and of the outputs that the slots add to in turn.
    bits = n_slots * k.weight_bits if multipliers is None else multipliers * 2 * k.slot_bits
    weights = 0 * n_slots if k.external else np.maximum(bits - whole * same_bits, 0)
    outputs = index_memory(k.n_in, k.reuse_factor) if k.in_turn else (0, 0)
    kept = n_slots > 0
    in_block = kept & whole & tool.block_rom & (not k.external)
    return _table(
        dsp=k.copies * (tool.slot_dsp(k, n_slots) if multipliers is None else multipliers),
        bram=bram18(k.reuse_factor, weights, forced=in_block) + kept * bram18(*outputs),
        lut=k.copies * lut + ~in_block * memory_lut(k.reuse_factor, weights) + kept * memory_lut(*outputs),
        ff=k.copies * ff + ~in_block * memory_ff(k.reuse_factor, weights) + kept * memory_ff(*outputs),
    )


def _constant_top(kernel: Kernel) -> int:
    """Top bits of the memory's word that are the same in all cycles: spare bits of the last slot's weights."""
    last = kernel.codes.ravel()[-kernel.reuse_factor :]
    if not last.any():
        return 0
    return max(kernel.weight_bits - int(constant_bits(last).max()), 0)


def _constant(kernel: Kernel, positions: NDArray[np.int64], stage: str) -> NDArray[np.float64]:
    """Resources of constant weights, kept in the order of their flat `positions`."""
    return _constant_table(kernel, _constant_counts(kernel, positions), stage)


def _constant_counts(kernel: Kernel, positions: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the counts for `_constant_table` of the first k weights at `positions`, for every k."""
    codes, inputs = kernel.codes.ravel()[positions], positions % kernel.n_in
    multiplied = first_uses(codes, inputs)
    blocks = constants_in_dsp(kernel, codes) * multiplied
    marks = (np.ones(positions.size, np.int64), multiplied, blocks, blocks > 0, first_sums(codes, inputs))
    return [_running(mark) for mark in marks]


def ends_of_constants(kernel: Kernel, stage: str) -> NDArray[np.float64]:
    """Upper bound on the resources of a kernel of constants for its inputs and outputs, whatever its weights; shape (5,)."""
    positions = np.flatnonzero(kernel.codes)
    smallest = replace(kernel, n_in=1, n_out=1, designed=kernel.designed or (kernel.n_out, kernel.n_in))
    counts = _constant_counts(kernel, positions)
    ends: NDArray[np.float64] = _constant_table(kernel, counts, stage) - _constant_table(smallest, counts, stage)
    return ends.max(axis=0)


def _external(kernel: Kernel, stage: str) -> NDArray[np.float64]:
    """Resources of weights from a port, all used at once: products of two variables, none known to be zero."""
    each = multiplier_dsp(kernel.input_bits, kernel.weight_bits)
    n = kernel.n_weights
    return _constant_table(kernel, [np.array([count]) for count in (n, n, n * each, n * (each > 0), 0)], stage)[0]


def _constant_table(kernel: Kernel, counts: Sequence[NDArray[np.int64]], stage: str) -> NDArray[np.float64]:
    """Costs by counts: weights, distinct products with a multiplier, their DSPs, products in DSPs, sums of two powers."""
    k, (n_weights, n_multipliers, n_blocks, n_dsp, n_sums) = kernel, counts
    if not k.target.facts.has_reports:
        return counted_table(k, n_weights)
    # Averages are over all designed outputs, so that nothing seems larger once dead ones are removed.
    n_out, _ = k.designed or (k.n_out, k.n_in)
    # hls4ml limits the multipliers of Latency kernels to the products of one of RF cycles.
    limit = multiplier_limit(k.n_weights, 1, k.reuse_factor, k.n_weights - n_weights)
    terms = constant_terms(
        n_out,
        n_weights,
        n_dsp,
        k.input_bits,
        int(constant_bits(k.codes).max(initial=1)),
        k.accum_bits,
        k.reuse_factor,
        n_multipliers=n_multipliers,
        n_sums=n_sums,
        limit=limit,
        stage_ns=k.target.stage_ns,
        slow_fabric=k.target.seven_series,
        resource=k.strategy == 'resource',
    )
    shared = cost_model(k.target).shared_constants if k.reuse_factor > 1 and k.strategy == 'latency' else None
    logic = evaluate('constant', terms) if shared is None else shared(k, n_weights, np.minimum(n_multipliers, limit))
    lut, ff = at_stage(*logic, stage)
    if k.source == 'port':
        # A design registers its inputs, whatever time remains in the cycle.
        ff = np.where(n_weights > 0, np.maximum(ff, k.n_in * k.input_bits), ff)
    dsp = allocated_dsp(n_multipliers, n_blocks, limit)
    return _table(dsp=k.copies * dsp, bram=np.zeros(n_weights.shape), lut=k.copies * lut, ff=k.copies * ff)


def _running(marks: NDArray) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(marks)])


def _table(*, dsp: NDArray, bram: NDArray, lut: NDArray, ff: NDArray) -> NDArray[np.float64]:
    """Columns in the order of `NAMES`; logic rounded up to whole LUTs and flip-flops."""
    return np.stack([dsp, bram, np.zeros(np.shape(dsp)), np.ceil(lut), np.ceil(ff)], axis=1).astype(float)
