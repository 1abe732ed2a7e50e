"""Pairs of projects: one pruned by a given selection, one written by plain hls4ml with the same weights set to zero."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hls4ml
import numpy as np
from numpy.typing import NDArray

import hls4ml_hwprune
from hls4ml_hwprune.passes import prune
from hls4ml_hwprune.selection import planner
from hls4ml_hwprune.selection.problem import Solution

Choose = Callable[[str, int], int]


def select(monkeypatch: Any, choose: Choose, seed: int = 0) -> None:
    """Let the flow keep `choose(layer, n_groups)` groups of each kernel, at random, in place of what the knapsack says."""
    rng = np.random.default_rng(seed)
    real = planner.kernel_curves

    def shuffled(kernel, packing, importance, stage):
        curve = real(kernel, packing, importance, stage)[0]
        # Any groups may be the kept ones: the firmware must not depend on their order.
        order = rng.permutation(curve.order)
        return [type(curve)(kernel, packing, importance, curve.groups, order, curve.curve)]

    def solve(problem, time_limit=None):
        curves = [alternatives[0] for alternatives in problem.kernels]
        ks = [choose(name, len(curve.value) - 1) for name, curve in zip(names, curves, strict=True)]
        return Solution([(0, k) for k in ks], 0.0, 0.0, 'optimal')

    names: list[str] = []

    def prunable(layers, settings):
        found = real_prunable(layers, settings)
        names[:] = [kernel.layer for _, kernel in found]
        return found

    real_prunable = planner._prunable
    monkeypatch.setattr(planner, 'kernel_curves', shuffled)
    monkeypatch.setattr(planner, '_prunable', prunable)
    monkeypatch.setattr(planner, 'solve', solve)
    assert prune.make_plan is planner.make_plan


def convert(model: Any, config: dict, output: Path, **options: Any) -> Any:
    """Convert a Keras model."""
    return hls4ml.converters.convert_from_keras_model(model, hls_config=config, output_dir=str(output), **options)


def zero_like(plain: Any, plan: hls4ml_hwprune.plan.Plan) -> None:  # type: ignore[name-defined]
    """Set the weights that a plan prunes to zero in a plain hls4ml model."""
    for kernel in plan.kernels:
        weight = plain.graph[kernel.layer].weights['weight']
        transposed = plain.graph[kernel.layer].get_attr('_weights_transposed', False)
        mask = kernel.mask if transposed else kernel.mask.T
        weight.data = np.where(mask.reshape(weight.data.shape), weight.data, 0)


def outputs(model: Any, x: NDArray | list[NDArray]) -> list[NDArray]:
    """Outputs of the compiled firmware."""
    model.compile()
    y = model.predict(x)
    return y if isinstance(y, list) else [y]
