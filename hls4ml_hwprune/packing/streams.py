"""Cycles chosen for multiplexers that are common to all slots: for reuse factors above four."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.multiplexers import Streamed
from hls4ml_hwprune.packing.placement import Kept


def _layout(has: NDArray[np.bool_], slots: NDArray[np.int64], reuse_factor: int, steps: int) -> NDArray[np.int64]:
    """Give each input a cycle, so that each output finds as many of its inputs in each cycle as it has slots.

    Swaps of two inputs, kept where they lower the slots that need inputs from beside the streams; fixed seed.
    """
    n_in = has.shape[1]
    rng, cycle_of = np.random.default_rng(3), np.arange(n_in) % reuse_factor
    counts = np.zeros((len(has), reuse_factor), np.int64)
    np.add.at(counts.T, cycle_of, has.T)

    def badness(counts: NDArray[np.int64]) -> float:
        holes = np.maximum(slots[:, None] - counts, 0)
        total = holes.sum(axis=1)
        return float(np.maximum(holes.max(axis=1), -(-total // 4)).sum() + 0.1 * total.sum())

    now, numbers = badness(counts), has.T.astype(np.int64)
    for step in range(steps):
        a, b = rng.integers(n_in, size=2)
        if cycle_of[a] == cycle_of[b]:
            continue
        change = numbers[a] - numbers[b]
        counts[:, cycle_of[a]] -= change
        counts[:, cycle_of[b]] += change
        value = badness(counts)
        if value <= now + 0.5 * (1 - step / steps) * rng.exponential():
            now = value
            cycle_of[[a, b]] = cycle_of[[b, a]]
        else:
            counts[:, cycle_of[a]] += change
            counts[:, cycle_of[b]] -= change
    return cycle_of


def _fill(grid: NDArray[np.int64], spare: list[int]) -> None:
    """Put the inputs that found no stream into the holes (slot, cycle) of an output: into few slots, four in each."""
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


def streamed(kept: Kept, n_in: int, reuse_factor: int, steps: int = 20_000) -> Streamed:
    """Let common multiplexers bring every input once in RF cycles; a slot then chooses between few of them.

    For kernels of at most four inputs a cycle, where a slot's multiplexer has one leg a stream.
    """
    slots = np.array([-(-len(inputs) // reuse_factor) for inputs in kept])
    has = np.zeros((len(kept), n_in), bool)
    for output, inputs in enumerate(kept):
        has[output, inputs] = True
    cycle_of = _layout(has, slots, reuse_factor, steps)
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
