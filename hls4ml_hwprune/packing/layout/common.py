"""Cycles by simulated annealing, for multiplexers that are common to all slots: for reuse factors above four."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.layout.multiplexers import Streamed
from hls4ml_hwprune.packing.layout.placement import Kept

# Swaps tried for each kept weight; and in all, at least and at most.
_STEPS_OF_A_WEIGHT, _STEPS = 25, (2_000, 20_000)


def search_steps(n_kept: int) -> int:
    """Count the swaps that are tried for kernels that keep `n_kept` weights."""
    return int(np.clip(_STEPS_OF_A_WEIGHT * n_kept, *_STEPS))


def _layout(has: NDArray[np.bool_], slots: NDArray[np.int64], reuse_factor: int, steps: int) -> NDArray[np.int64]:
    """Assign a cycle to each input, so that each output has as many of its inputs in each cycle as it has slots.

    Simulated annealing over swaps of two inputs; the cost counts slots without an input from the common multiplexers. Fixed
    seed.
    """
    n_in = has.shape[1]
    rng, cycle_of = np.random.default_rng(3), np.arange(n_in) % reuse_factor
    counts = np.zeros((reuse_factor, len(has)), np.int64)
    np.add.at(counts, cycle_of, has.T)
    numbers = has.T.astype(np.int64)

    def badness(holes: NDArray[np.int64], total: NDArray[np.int64]) -> float:
        return float(np.maximum(holes.max(axis=0), (total + 3) // 4).sum() + 0.1 * total.sum())

    holes = np.maximum(slots - counts, 0)
    total = holes.sum(axis=0)
    now = badness(holes, total)
    swaps, patience = rng.integers(n_in, size=(steps, 2)), rng.exponential(size=steps) * np.linspace(0.5, 0.0, steps)
    for (a, b), worse in zip(swaps.tolist(), patience.tolist(), strict=True):
        pair = [cycle_of[a], cycle_of[b]]
        if pair[0] == pair[1]:
            continue
        change = numbers[a] - numbers[b]
        before, new = holes[pair], counts[pair]
        new[0] -= change
        new[1] += change
        holes[pair] = after = np.maximum(slots - new, 0)
        sum_after = total + (after - before).sum(axis=0)
        value = badness(holes, sum_after)
        if value <= now + worse:
            now, total, counts[pair] = value, sum_after, new
            cycle_of[[a, b]] = cycle_of[[b, a]]
        else:
            holes[pair] = before
    return cycle_of


def _fill(grid: NDArray[np.int64], spare: list[int]) -> None:
    """Put the `spare` inputs of an output into its holes (slot, cycle): into few slots, four in each."""
    n_slots = len(grid)
    taken = np.zeros(n_slots, np.int64)
    holes = (grid < 0).sum(axis=0)
    for cycle in np.argsort(-holes, kind='stable'):
        number = int(holes[cycle])
        if not number:
            break
        order = sorted(range(n_slots), key=lambda slot: (taken[slot] >= 4, -taken[slot]))
        column = [int(i) for i in grid[:, cycle] if i >= 0]
        for slot in order[:number]:
            grid[slot, cycle] = spare.pop() if spare else -1
            taken[slot] += 1
        for slot in order[number:]:
            grid[slot, cycle] = column.pop(0)


def streamed(kept: Kept, n_in: int, reuse_factor: int) -> Streamed:
    """Let common multiplexers bring every input once in RF cycles; a slot then chooses between few of them.

    For kernels of at most four inputs a cycle, where a slot's multiplexer has one leg for each common one.
    """
    slots = np.array([-(-len(inputs) // reuse_factor) for inputs in kept])
    has = np.zeros((len(kept), n_in), bool)
    for output, inputs in enumerate(kept):
        has[output, inputs] = True
    cycle_of = _layout(has, slots, reuse_factor, search_steps(int(has.sum())))
    members = [np.flatnonzero(cycle_of == cycle) for cycle in range(reuse_factor)]
    streams = np.full((max(len(m) for m in members), reuse_factor), -1, np.int64)
    for cycle, inputs in enumerate(members):
        streams[: len(inputs), cycle] = inputs
    rows = []
    for row, n_slots in zip(has, slots, strict=True):
        grid, spare = np.full((n_slots, reuse_factor), -1, np.int64), []
        for cycle, inputs in enumerate(members):
            here = inputs[row[inputs]].tolist()
            grid[: min(n_slots, len(here)), cycle] = here[:n_slots]
            spare += here[n_slots:]
        if n_slots:
            _fill(grid, spare)
        rows.append(grid)
    return Streamed(np.concatenate(rows), np.repeat(np.arange(len(kept)), slots), streams)
