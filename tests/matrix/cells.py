"""Cells of the coverage table, and the outcome of each: pruned bit for bit, costed, refused, or not in hls4ml."""

import contextlib
import copy
import io
import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import HWPruneError
from tests.host.firmware.projects import both_outputs, compile_quickly, outputs, predictions, select, zero_like
from tests.matrix.layers import LAYERS

BACKENDS = ('Vivado', 'Vitis', 'Quartus')
IO_TYPES = ('io_parallel', 'io_stream')
#: With the reuse factor that each is tried at.
STRATEGIES = {'Resource': 2, 'Latency': 1, 'Resource_Unrolled': 2}
PRUNED, BOUND, COSTED, REFUSED, ABSENT = 'pruned', 'bound', 'costed', 'refused', 'not in hls4ml'
# Part of the refusal of a layer that hls4ml has no template of.
_LEFT_OUT = 'out of the project'


@dataclass(frozen=True)
class Cell:
    """A layer, a back end, an interface and a strategy."""

    layer: str
    backend: str
    io_type: str
    strategy: str


@dataclass(frozen=True)
class Outcome:
    """A word of this module, and the reason where the layer is not pruned."""

    word: str
    reason: str = ''


def cells() -> Iterator[Cell]:
    """All cells, in the order of the table."""
    for strategy in STRATEGIES:
        for layer in LAYERS:
            yield from (Cell(layer, backend, io_type, strategy) for backend in BACKENDS for io_type in IO_TYPES)


def outcome(cell: Cell, folder: Path, compiled: bool = True) -> Outcome:
    """Convert the network of a cell with half of its slots, and compare the firmware with that of plain hls4ml.

    Parameters
    ----------
    cell : Cell
    folder : Path
        Empty.
    compiled : bool
        Whether firmware is compiled and compared; without, a layer that hls4ml converts counts as one that it can compile.
    """
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': STRATEGIES[cell.strategy], 'Strategy': cell.strategy}}
    options = {'backend': cell.backend, 'io_type': cell.io_type}
    with _quiet(), pytest.MonkeyPatch.context() as patch:
        try:
            plain = LAYERS[cell.layer](copy.deepcopy(config), folder / 'plain', **options)
            runs = not compiled or _runs(plain)
        except Exception:
            return Outcome(ABSENT)
        if not runs:
            return _refused_or_absent(cell, config, folder / 'sparse', options)
        estimate = hls4ml_hwprune.estimate(plain)
        assert np.isfinite([*estimate.total.as_array(), estimate.design.latency_max, estimate.design.ii]).all()
        select(patch, lambda kernel, n_groups: (n_groups + 1) // 2, bound=True)
        hls4ml_hwprune.enable(config, backend=cell.backend)
        try:
            sparse = LAYERS[cell.layer](config, folder / 'sparse', **options)
        except HWPruneError as error:
            return Outcome(REFUSED, str(error))
        plan = hls4ml_hwprune.get_plan(sparse)
        if compiled:
            # hls4ml's own sums of this layer are wrong on Vivado, whose arithmetic is that of Vitis.
            right = 'Vitis' if cell.layer == 'QConv2DBatchnorm' else cell.backend
            plain = LAYERS[cell.layer](_plain(config), folder / 'zeroed', backend=right, io_type=cell.io_type)
            zero_like(plain, plan)
            for ours, theirs in zip(*_both(sparse, plain), strict=True):
                np.testing.assert_array_equal(ours, theirs, err_msg=str(cell))
    return _of(plan)


def _refused_or_absent(cell: Cell, config: dict, folder: Path, options: dict) -> Outcome:
    """Outcome of a network that does not run: absent, or refused because hls4ml leaves its layer out."""
    hls4ml_hwprune.enable(config, backend=cell.backend)
    try:
        LAYERS[cell.layer](config, folder, **options)
    except HWPruneError as error:
        return Outcome(REFUSED, str(error)) if _LEFT_OUT in str(error) else Outcome(ABSENT)
    except Exception:
        return Outcome(ABSENT)
    return Outcome(ABSENT)


def _of(plan: Any) -> Outcome:
    """Outcome of the layer by the plan: pruned, if all its kernels are, or its products bound to LUTs."""
    if any(name.startswith('cell') for name in plan.in_luts):
        return Outcome(BOUND)
    reasons = [reason for name, reason in plan.not_pruned.items() if name.startswith('cell')]
    if reasons:
        return Outcome(COSTED, reasons[0])
    return Outcome(PRUNED if any(kernel.layer.startswith('cell') for kernel in plan.kernels) else COSTED)


def _runs(model: Any) -> bool:
    """Compile firmware, and run it in a process of its own, which an assertion of hls4ml's may end."""
    compile_quickly(model)
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            predictions(model, _inputs(model))
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _both(sparse: Any, plain: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
    x = _inputs(sparse)
    same = sparse.config.backend.name == plain.config.backend.name
    return both_outputs(sparse, plain, x) if same else (outputs(sparse, x), outputs(plain, x))


def _plain(config: dict) -> dict:
    """Configuration without the keys of this package."""
    own = {key: copy.deepcopy(value) for key, value in config.items() if key != 'Flows'}
    own['Model'].pop('HWPrune', None)
    return own


def _inputs(model: Any) -> Any:
    variable = model.get_input_variables()[0]
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (10, *variable.shape)).astype(np.float32)
    return np.abs(np.round(2 * x)) if any(node.class_name == 'Embedding' for node in model.get_layers()) else x


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    package = logging.getLogger('hls4ml_hwprune')
    level = package.level
    package.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter('ignore')
            yield
    finally:
        package.setLevel(level)
