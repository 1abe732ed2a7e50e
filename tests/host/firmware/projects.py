"""Pairs of projects: one pruned by a given selection, one written by plain hls4ml with the same weights set to zero."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hls4ml
import numpy as np
from numpy.typing import NDArray

import hls4ml_hwprune
from hls4ml_hwprune.host.node.weights import set_weights, weight_matrix
from hls4ml_hwprune.passes import planning
from hls4ml_hwprune.selection import planner
from hls4ml_hwprune.selection.knapsack.problem import Solution
from hls4ml_hwprune.selection.lazy import Chosen
from tests.host.firmware.precompiled import QUICK, precompiled_header
from tests.host.firmware.unit import compile_together, macros_of, types_of, write_project

Choose = Callable[[str, int], int]


def select(monkeypatch: Any, choose: Choose, seed: int = 0, *, bound: bool = False) -> None:
    """Let the flow keep `choose(kernel, n_groups)` groups of each kernel, at random, in place of what the knapsack says.

    All products that can be bound to LUTs are, if `bound`.
    """
    rng = np.random.default_rng(seed)

    def best(self, limits, goal, *, thorough=True):
        points = []
        for kernel, (first, *_) in zip(self.design.kernels, self.design.alternatives, strict=True):
            curve = replace(first.option, _laid_out={})
            groups, order = curve.groups
            # Any groups may be the kept ones: the firmware must not depend on their order.
            curve.__dict__['groups'] = groups, rng.permutation(order)
            points.append((replace(first, option=curve), choose(str(kernel.key), len(order))))
        in_luts = frozenset(one.layer for one in self.design.bindings if bound)
        chosen = Chosen(tuple(points), Solution([], 0.0, 0.0, 'optimal'), in_luts)
        kept = [choice.option.at(k) for choice, k in points]
        return planner._plan(self.design, chosen, kept, limits, self.settings, self.device)

    monkeypatch.setattr(planner.Planner, 'best', best)
    assert planning.make_plan is planner.make_plan


def convert(model: Any, config: dict, output: Path, **options: Any) -> Any:
    """Convert a Keras model."""
    return hls4ml.converters.convert_from_keras_model(model, hls_config=config, output_dir=str(output), **options)


def zero_like(plain: Any, plan: hls4ml_hwprune.plan.Plan) -> None:  # type: ignore[name-defined]
    """Set the weights that a plan prunes to zero in a plain hls4ml model, and move those that it moves."""
    for kernel in plan.kernels:
        node, role = plain.graph[kernel.layer], kernel.role
        values = weight_matrix(node, kernel.n_in, kernel.n_out, role) if kernel.values is None else kernel.values
        set_weights(node, np.where(kernel.mask, values, 0), role)


def outputs(model: Any, x: NDArray | list[NDArray]) -> list[NDArray]:
    """Outputs of the compiled firmware."""
    compile_quickly(model)
    return predictions(model, x)


def both_outputs(ours: Any, theirs: Any, x: NDArray | list[NDArray]) -> tuple[list[NDArray], list[NDArray]]:
    """Outputs of two projects, compiled as one."""
    compile_together([ours, theirs])
    return predictions(ours, x), predictions(theirs, x)


def predictions(model: Any, x: NDArray | list[NDArray]) -> list[NDArray]:
    """Outputs of compiled firmware, an array for each of the network's."""
    y = model.predict(x)
    return y if isinstance(y, list) else [y]


def compile_quickly(model: Any, optimization: str = '-O0') -> None:
    """Compile as hls4ml does, but without optimization and in C++11: most of the time of these tests is the compiler's.

    Under Vitis the code is that which Vitis HLS reads.
    """
    write_project(model)
    script = Path(model.config.get_output_dir()) / 'build_lib.sh'
    text = script.read_text()
    standard = f'-std=c++11 -fno-gnu-unique {QUICK}'
    header = precompiled_header(f'{optimization} -fPIC {standard}', types=types_of(model))
    # Without the questions which flags the compiler knows.
    start, end = text.index('# Include -'), text.index('LDFLAGS=')
    macros = ' '.join(macros_of(model.config.backend.name))
    flags = f'CFLAGS+=" {standard} -include {header} {macros}"\n\n'
    text = text[:start] + flags + text[end:]
    assert '-O3' in text
    script.write_text(_in_one_unit(text, script.parent, model.config.get_project_name()).replace('-O3', optimization))
    model._compile()


def _in_one_unit(script: str, folder: Path, name: str) -> str:
    """Let the bridge include the network, as both read the same headers."""
    bridge = folder / f'{name}_bridge.cpp'
    bridge.write_text(f'#include "firmware/{name}.cpp"\n{bridge.read_text()}')
    one = re.sub(r'^.*-c firmware/.*\n', '', script, flags=re.MULTILINE)
    return one.replace('${PROJECT}.o ${PROJECT}_bridge.o', '${PROJECT}_bridge.o')
