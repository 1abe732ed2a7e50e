"""Tightening: prices of shared multiplexers start at a lower bound, and become exact for the points that are selected.

Sharing of multiplexers is known once the cycles of the slots are chosen, which takes a search for each point. So a selection
is made at lower bounds of the prices, its slots are laid out, and the selection is repeated at the prices of these layouts,
until they no longer change: no other selection is worth more at the prices of its own layouts.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.alternatives import Alternative
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.lazy import Chosen, choose
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.own_kernels import with_own_kernels

_LUT = NAMES.index('lut')
# Most selections, and most weights laid out for them.
_MOST_ROUNDS, _MOST_WEIGHTS = 6, 20_000


def choose_tightly(design: Design, limits: Limits, goal: Goal, settings: Settings, start: Chosen | None = None) -> Chosen:
    """Choose for every kernel of a design at the prices of finished layouts, as far as the effort reaches.

    Other parameters are as in `lazy.choose`.

    Returns
    -------
    Chosen
        Within the limits; its bound holds for every selection at the prices of its own layouts. Kernels that keep all slots
        are hls4ml's own where the limits leave room for that.
    """
    return with_own_kernels(_choose_tightly(design, limits, goal, settings, start), design, limits, goal)


def _choose_tightly(design: Design, limits: Limits, goal: Goal, settings: Settings, start: Chosen | None) -> Chosen:
    if not luts_decide(design, limits, goal):
        return choose(design, limits, goal, settings, start)
    hopeful = replace(design, alternatives=tuple(tuple(one.at_least for one in row) for row in design.alternatives))
    size = design.n_weights
    for _ in range(min(_MOST_ROUNDS, 1 + _MOST_WEIGHTS // max(size, 1)) if settings.method == 'exact' else 1):
        found = choose(hopeful, limits, goal, settings, start)
        if design.effort.is_spent:
            design.effort.leave_out('prices of shared multiplexers')
            break
        for choice, k in found.points:
            design.effort.spend(choice.layout_work(k))
        looked = [(choice.looked_at(k), k) for choice, k in found.points]
        if all(new is old for (new, _), (old, _) in zip(looked, found.points, strict=True)):
            return found
        hopeful = _with(hopeful, [choice for choice, _ in looked])
    certain = choose(design, limits, goal, settings, start)
    return replace(certain, solution=certain.solution.with_bound(found.solution.bound))


def luts_decide(design: Design, limits: Limits, goal: Goal) -> bool:
    """Whether prices of multiplexers, which are LUTs, can make a difference."""
    if 'lut' in goal.weights:
        return True
    most = sum(max(float(one.option.cost[:, _LUT].max()) for one in row) for row in design.alternatives)
    most += sum(max(one.change[_LUT], 0.0) for one in design.bindings)
    return design.fixed[_LUT] + most > limits.resources.get('lut', np.inf)


def _with(design: Design, chosen: Sequence[Alternative]) -> Design:
    """Replace alternatives of the design by the same ones with exact prices at the chosen points."""
    rows = [
        tuple(new if new.hopeful and one.is_like(new) else one for one in row)
        for row, new in zip(design.alternatives, chosen, strict=True)
    ]
    return replace(design, alternatives=tuple(rows))
