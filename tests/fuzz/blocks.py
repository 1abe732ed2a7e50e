"""Random `HWPrune` blocks that are valid, with bounds about the figures of the design."""

from collections.abc import Sequence
from typing import Any

from numpy.random import Generator

from hls4ml_hwprune.resources import Estimate

#: Keys of a budget, and the attribute of the figures that each bounds.
FIGURES = {'DSP': 'dsp', 'BRAM': 'bram18', 'LUT': 'lut', 'FF': 'ff', 'URAM': 'uram'}


def random_block(rng: Generator, unpruned: Estimate, layers: Sequence[str]) -> dict[str, Any]:
    """Make a block for a design that takes `unpruned`; `layers` are the names of those that can be pruned."""
    block: dict[str, Any] = {'Budget': _budget(rng, unpruned)}
    if rng.random() < 0.6:
        block['Packing'] = str(rng.choice(['auto', 'aligned', 'balanced', 'permuted', 'bram', 'snapped']))
    if rng.random() < 0.3:
        block['Importance'] = str(rng.choice(['l1', 'l2', 'auto']))
    if rng.random() < 0.4:
        block['ReuseFactor'] = 'auto'
    if rng.random() < 0.3:
        block['Latency'] = max(1, round(unpruned.design.latency_max * rng.uniform(0.7, 3)))
    if rng.random() < 0.3:
        block['II'] = max(1, round(unpruned.design.ii * rng.uniform(0.7, 4)))
    if rng.random() < 0.15:
        block['Minimize'] = str(rng.choice(list(FIGURES)[:4]))
        block['MinImportance'] = round(float(rng.uniform(0.2, 0.95)), 2)
    if rng.random() < 0.25:
        block['Stage'] = 'csynth'
    if rng.random() < 0.15:
        block['Method'] = 'fast'
    block |= _slot_width(rng)
    if layers and rng.random() < 0.15:
        block['Exclude'] = [str(rng.choice(layers))]
    return block


def _slot_width(rng: Generator) -> dict[str, Any]:
    if rng.random() < 0.7:
        return {}
    return {'SlotWidth': 'auto' if rng.random() < 0.6 else int(rng.integers(2, 8))}


def _budget(rng: Generator, unpruned: Estimate) -> dict[str, Any]:
    names = rng.choice(list(FIGURES), int(rng.integers(1, 4)), replace=False, p=[0.4, 0.15, 0.2, 0.2, 0.05])
    return {str(name): _bound(rng, getattr(unpruned.total, FIGURES[name])) for name in names}


def _bound(rng: Generator, used: float) -> Any:
    share = float(rng.uniform(0.15, 1.1))
    form = rng.random()
    if form < 0.5:
        return f'{share:.2f}x'
    return f'{int(rng.integers(1, 101))}%' if form < 0.6 else round(share * used)


def at_figures(block: dict[str, Any], figures: dict[str, float]) -> dict[str, Any]:
    """Return the block with `figures` (resources, 'latency' and 'ii') for its bounds, and the most importance as the aim."""
    same = {key: value for key, value in block.items() if key not in ('Minimize', 'MinImportance', 'Method')}
    bounds = {key: figures[name] for key, name in FIGURES.items() if name in figures}
    cycles = {key: int(figures[name]) for key, name in (('Latency', 'latency'), ('II', 'ii')) if name in figures}
    return {**same, 'Budget': bounds, **cycles}
