"""Cycles by simulated annealing, for multiplexers that are common to all slots: for reuse factors above four."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.layout.holes import Holes
from hls4ml_hwprune.packing.layout.multiplexers import Streamed
from hls4ml_hwprune.packing.layout.placement import Kept

# Swaps tried for each kept weight; and in all, at least and at most.
_STEPS_OF_A_WEIGHT, _STEPS = 25, (2_000, 20_000)
# Outputs of all layouts that are compared at once, at most.
_AT_ONCE = 8_192


def search_steps(n_kept: int) -> int:
    """Count the swaps that are tried for kernels that keep `n_kept` weights."""
    return int(np.clip(_STEPS_OF_A_WEIGHT * n_kept, *_STEPS))


def _layout(has: NDArray[np.bool_], slots: NDArray[np.int64], reuse_factor: int, steps: int) -> NDArray[np.int64]:
    """Assign a cycle to each input, so that each output has as many of its inputs in each cycle as it has slots.

    Simulated annealing over swaps of two inputs; the cost counts slots without an input from the common multiplexers. Fixed
    seed. As most swaps are refused, several are evaluated at once, up to the first that is not.
    """
    n_in = has.shape[1]
    rng, cycle_of = np.random.default_rng(3), np.arange(n_in) % reuse_factor
    counts = np.zeros((reuse_factor, len(has)), np.int32)
    np.add.at(counts, cycle_of, has.T)
    numbers, holes = has.T.astype(np.int32), Holes(slots.astype(np.int32) - counts)
    swaps, patience = rng.integers(n_in, size=(steps, 2)), rng.exponential(size=steps) * np.linspace(0.5, 0.0, steps)
    now, at, together, most = holes.cost(), 0, 1, max(1, _AT_ONCE // len(has))
    while at < steps:
        a, b = swaps[at : at + together].T
        here, there, change = cycle_of[a], cycle_of[b], numbers[a] - numbers[b]
        value = holes.costs(change, here, there)
        accepted = ((here != there) & (value <= now + patience[at : at + together])).nonzero()[0]
        if not accepted.size:
            at, together = at + len(a), min(2 * together, most)
            continue
        first = int(accepted[0])
        now = float(value[first])
        holes.swap(change[first], int(here[first]), int(there[first]))
        cycle_of[[a[first], b[first]]] = there[first], here[first]
        at, together = at + first + 1, max(1, together // 2)
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
