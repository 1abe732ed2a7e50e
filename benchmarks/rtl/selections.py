"""Selections of a random kernel under each packing, as schedules for the Verilog generator."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.rtl.cycles import CHOICES
from benchmarks.rtl.verilog import Schedule
from hls4ml_hwprune.packing import narrowed_matrix, pack, slot_table
from hls4ml_hwprune.packing.layout.multiplexers import streams_of
from hls4ml_hwprune.packing.narrow import most_bits
from hls4ml_hwprune.records import Kernel

# Width of the wide operand of a DSP48E2.
_DSP_BITS = 27


@dataclass(frozen=True)
class Shape:
    """Size, reuse factor and widths of a kernel; `accum_bits` 0 is an accumulator that loses nothing."""

    n_in: int
    n_out: int
    reuse_factor: int
    bits: int = 16
    accum_bits: int = 0

    @property
    def n_slots(self) -> int:
        """Multiplier slots of the dense kernel."""
        return -(-self.n_in * self.n_out // self.reuse_factor)

    @property
    def accumulator(self) -> int:
        """Width of the accumulator."""
        return self.accum_bits or 2 * self.bits + (self.n_in - 1).bit_length()


def random_weights(shape: Shape, seed: int = 0) -> NDArray[np.int64]:
    """Weights (n_out, n_in), normal, none of them zero; their magnitudes are their importances."""
    drawn = np.random.default_rng(seed).normal(0, 2 ** (shape.bits - 4), (shape.n_out, shape.n_in))
    limit = 2 ** (shape.bits - 1) - 1
    codes = np.clip(np.rint(drawn), -limit, limit).astype(np.int64)
    return np.where(codes == 0, 1, codes)


def _schedule(shape: Shape, weights: NDArray[np.int64], index: NDArray[np.int64]) -> Schedule:
    """Schedule of slots that hold the weights at the flat positions `index` (n_kept, RF), -1 for none."""
    there = index >= 0
    return Schedule(
        shape.n_in,
        shape.n_out,
        shape.bits,
        shape.bits,
        shape.accumulator,
        inputs=np.where(there, index % shape.n_in, -1),
        outputs=np.where(there, index // shape.n_in, -1),
        weights=np.where(there, weights.ravel()[index], 0),
        streams=np.zeros((0, shape.reuse_factor), np.int64),
    )


def _aligned_index(shape: Shape) -> NDArray[np.int64]:
    index = np.full(shape.n_slots * shape.reuse_factor, -1, np.int64)
    index[: shape.n_in * shape.n_out] = np.arange(shape.n_in * shape.n_out)
    return index.reshape(shape.n_slots, shape.reuse_factor)


def _best(scores: NDArray[np.int64], n_kept: int) -> NDArray[np.int64]:
    return np.sort(np.argsort(-scores, kind='stable')[:n_kept])


def aligned(shape: Shape, weights: NDArray[np.int64], n_kept: int) -> Schedule:
    """hls4ml's own layout: slot s uses flat weight s * RF + c in cycle c."""
    index = _aligned_index(shape)
    scores = np.append(np.abs(weights).ravel(), 0)[index].sum(axis=1)
    return _schedule(shape, weights, index[_best(scores, n_kept)])


def permuted(shape: Shape, weights: NDArray[np.int64], n_kept: int, swaps: int = 2000, seed: int = 1) -> Schedule:
    """`aligned` after one permutation of the inputs, from random swaps that raise the kept importance."""
    rng = np.random.default_rng(seed)
    index, order = _aligned_index(shape), np.arange(shape.n_in)

    def scores(order: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.append(np.abs(weights)[:, order].ravel(), 0)[index].sum(axis=1)

    best = np.sort(scores(order))[-n_kept:].sum()
    for _ in range(swaps):
        tried = order.copy()
        a, b = rng.integers(shape.n_in, size=2)
        tried[[a, b]] = tried[[b, a]]
        value = np.sort(scores(tried))[-n_kept:].sum()
        if value > best:
            best, order = value, tried
    schedule = _schedule(shape, weights[:, order], index[_best(scores(order), n_kept)])
    return replace(schedule, inputs=np.where(schedule.inputs >= 0, order[schedule.inputs], -1))


def turns(shape: Shape, weights: NDArray[np.int64], n_kept: int) -> Schedule:
    """`permuted` of more cycles than inputs: a slot serves outputs of like importance, one after the other."""
    if shape.reuse_factor <= shape.n_in:
        raise ValueError(f'slots serve outputs in turn above a reuse factor of {shape.n_in}, not at {shape.reuse_factor}')
    sizes, bits = (shape.n_in, shape.n_out, shape.reuse_factor), (shape.bits, shape.bits, shape.accumulator)
    kernel = Kernel('twin', 'weight', *sizes, 'resource', 1, weights.astype(float), weights, *bits)
    index = pack(kernel, 'permuted', np.abs(weights).astype(float)).index
    scores = np.append(np.abs(weights).ravel(), 0)[index].sum(axis=1)
    return _schedule(shape, weights, index[_best(scores, n_kept)])


def kept_inputs(shape: Shape, weights: NDArray[np.int64], n_kept: int) -> list[NDArray[np.int64]]:
    """Return the inputs that each output keeps under `balanced`: the most important ones, RF for each of its slots."""
    rf, importance = shape.reuse_factor, np.abs(weights)
    order = np.argsort(-importance, axis=1, kind='stable')
    per_output = -(-shape.n_in // rf)
    padded = np.zeros((shape.n_out, per_output * rf), np.int64)
    padded[:, : shape.n_in] = np.take_along_axis(importance, order, axis=1)
    groups = padded.reshape(shape.n_out, per_output, rf).sum(axis=2)
    chosen = np.zeros(groups.size, bool)
    chosen[_best(groups.ravel(), n_kept)] = True
    counts = chosen.reshape(groups.shape).sum(axis=1)
    return [np.sort(row[: count * rf]) for row, count in zip(order, counts, strict=True)]


def balanced(shape: Shape, weights: NDArray[np.int64], n_kept: int, cycles: str = 'random') -> Schedule:
    """Any RF weights of one output share a slot; `cycles` names the way in which slot and cycle are chosen."""
    if shape.reuse_factor > shape.n_in:
        raise ValueError(f'balanced needs a reuse factor of at most {shape.n_in}, not {shape.reuse_factor}')
    placement = CHOICES[cycles](kept_inputs(shape, weights, n_kept), shape.n_in, shape.reuse_factor)
    index = np.where(placement.inputs >= 0, placement.outputs[:, None] * shape.n_in + placement.inputs, -1)
    return replace(_schedule(shape, weights, index), streams=streams_of(placement))


def paired(shape: Shape, weights: NDArray[np.int64], n_kept: int, slot_bits: int = 0) -> Schedule:
    """`n_kept` slots of outputs that choose their inputs two by two, rounded to `slot_bits`, with a multiplier each if 0."""
    bits = slot_bits or most_bits(shape.bits, _DSP_BITS)
    sizes, widths = (shape.n_in, shape.n_out, shape.reuse_factor), (shape.bits, shape.bits, shape.accumulator)
    kernel = Kernel('twin', 'weight', *sizes, 'resource', 1, weights.astype(float), weights, *widths, slot_bits=bits)
    scores = np.abs(weights).astype(float)
    groups = pack(kernel, 'balanced', scores)
    worth = groups.per_weight(scores.ravel()).sum(axis=1)
    slots = slot_table(kernel, 'balanced', groups, np.sort(np.argsort(-worth, kind='stable')[: n_kept // 2]))
    narrow = narrowed_matrix(weights, slots.positions, bits)
    return replace(_schedule(shape, narrow, slots.positions), slot_bits=slot_bits)
