"""How long planning takes for a network of a million weights, against hls4ml's own `dsp_aware_pruning`.

    python -m benchmarks.bench_planning [--runs 3] [--timeout 300] [--sizes 512 1024 400 160 32 5] [--profile]

Ours: all that the flow adds to a conversion, as the difference between conversions of the same Keras network with and
without it, and the time inside the two passes themselves. Theirs: `get_model_masks` alone, with its default solver, without
the training around it, in a process of its own. Weights are random (seed 0): no data is needed. Needs TensorFlow.
"""

import argparse
import cProfile
import io
import json
import logging
import pstats
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import format_table, hls_config, random_weights, versions
from benchmarks.bench_compile import PART

SIZES = (512, 1024, 400, 160, 32, 5)
REUSE_FACTOR = 8
MAX_SECONDS, MIN_SPEEDUP = 2.0, 5.0
_READY = 'ready'
_ROOT = Path(__file__).resolve().parents[1]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Case:
    """What is planned: the types and the budget; and the share of DSPs that hls4ml is asked to save for comparison."""

    precision: str
    budget: dict[str, str]
    sparsity: float


CASES = (
    Case('ap_fixed<16,6>', {'DSP': '0.5x'}, 0.5),
    Case('ap_fixed<16,6>', {'DSP': '0.2x'}, 0.8),
    Case('ap_fixed<16,6>', {'DSP': '0.5x', 'LUT': '0.6x', 'FF': '0.6x', 'BRAM': '0.4x'}, 0.5),
    Case('ap_fixed<8,3>', {'DSP': '0.5x'}, 0.5),
    Case('ap_fixed<8,3>', {'DSP': '0.2x'}, 0.8),
    Case('ap_fixed<8,3>', {'LUT': '0.5x', 'BRAM': '0.5x'}, 0.5),
)


@dataclass(frozen=True)
class Measurement:
    """Medians in seconds: a plain conversion, what the flow adds to it, and what of that is inside the passes."""

    plain: float
    added: float
    passes: float
    kept: int
    n_slots: int
    status: str


@dataclass(frozen=True)
class Rival:
    """Time of `get_model_masks`; None where it did not finish. `at_least` is a bound on it either way."""

    seconds: float | None
    at_least: float
    remark: str
    error: str = ''


def keras_model(sizes: Sequence[int]) -> Any:
    """Dense layers with ReLUs between them, random weights."""
    from tensorflow.keras.layers import Dense
    from tensorflow.keras.models import Sequential

    model = Sequential()
    for number, n_out in enumerate(sizes[1:], 1):
        shape = {'input_shape': (sizes[0],)} if number == 1 else {}
        model.add(Dense(n_out, name=f'fc{number}', activation='relu' if number < len(sizes) - 1 else 'linear', **shape))
    model.set_weights([array for pair in random_weights(sizes) for array in pair])
    return model


def convert(model: Any, config: dict[str, Any], folder: Path) -> Any:
    """Convert a Keras network, without hls4ml's prints."""
    from hls4ml.converters import convert_from_keras_model

    with redirect_stdout(io.StringIO()):
        return convert_from_keras_model(model, hls_config=config, output_dir=str(folder), backend='Vitis', part=PART)


@contextmanager
def clocked_passes(seconds: list[float]) -> Iterator[None]:
    """Append to `seconds` the time of every run of a pass of the flow."""
    from hls4ml_hwprune.passes.pack import PackSparseWeights
    from hls4ml_hwprune.passes.prune import PruneToBudget

    def clocked(transform: Callable[..., bool]) -> Callable[..., bool]:
        def run(*arguments: Any) -> bool:
            started = perf_counter()
            try:
                return transform(*arguments)
            finally:
                seconds.append(perf_counter() - started)

        return run

    originals = [(cls, cls.transform) for cls in (PruneToBudget, PackSparseWeights)]
    try:
        for cls, transform in originals:
            cls.transform = clocked(transform)  # type: ignore[method-assign]
        yield
    finally:
        for cls, transform in originals:
            cls.transform = transform  # type: ignore[method-assign]


def pruning_config(case: Case) -> dict[str, Any]:
    """Return the configuration of `case`, with pruning turned on."""
    import hls4ml_hwprune

    config = hls_config(case.precision, REUSE_FACTOR)
    hls4ml_hwprune.enable(config, backend='Vitis', budget=case.budget)
    return config


def measure(model: Any, case: Case, runs: int, folder: Path) -> Measurement:
    """Convert in turns with and without the flow; the medians of each."""
    from hls4ml_hwprune import get_plan

    plain, added, passes = [], [], []
    for _ in range(runs):
        started = perf_counter()
        convert(model, hls_config(case.precision, REUSE_FACTOR), folder)
        plain.append(perf_counter() - started)
        inside: list[float] = []
        with clocked_passes(inside):
            started = perf_counter()
            pruned = convert(model, pruning_config(case), folder)
            added.append(perf_counter() - started - plain[-1])
        passes.append(sum(inside))
    plan = get_plan(pruned)
    kept, n_slots = sum(k.n_kept for k in plan.kernels), sum(k.n_slots for k in plan.kernels)
    return Measurement(median(plain), median(added), median(passes), kept, n_slots, plan.status)


def rival_masks(sizes: Sequence[int], precision: str, sparsity: float) -> dict[str, Any]:
    """Run `get_model_masks` as hls4ml's `optimize_model` does, from its attributes to its knapsack, and clock it."""
    from hls4ml.optimization.dsp_aware_pruning.attributes import get_attributes_from_keras_model_and_hls4ml_config
    from hls4ml.optimization.dsp_aware_pruning.keras.masking import get_model_masks
    from hls4ml.optimization.dsp_aware_pruning.objectives.vivado_objectives import VivadoDSPEstimator
    from hls4ml.utils import config_from_keras_model

    model = keras_model(sizes)
    config = config_from_keras_model(
        model, granularity='name', backend='Vitis', default_precision=precision, default_reuse_factor=REUSE_FACTOR
    )
    config['IOType'] = 'io_parallel'
    config['Model']['Strategy'] = 'Resource'
    for layer in config['LayerName'].values():
        layer['Strategy'] = 'Resource'
        layer['Precision'] = dict.fromkeys(layer['Precision'], precision)
    attributes = get_attributes_from_keras_model_and_hls4ml_config(model, config)
    for layer in model.layers:
        optimizable, how = VivadoDSPEstimator.is_layer_optimizable(attributes[layer.name])
        attributes[layer.name].optimizable = optimizable
        attributes[layer.name].optimization_attributes = how
    sys.stdout.write(f'{_READY}\n')
    sys.stdout.flush()
    started = perf_counter()
    try:
        with redirect_stdout(io.StringIO()):
            masks, _ = get_model_masks(model, attributes, sparsity, VivadoDSPEstimator)
    except Exception as error:  # hls4ml raises bare exceptions
        return {'error': ' '.join(str(error).split())}
    return {
        'seconds': perf_counter() - started,
        'kept': int(sum(mask.sum() for mask in masks.values())) // REUSE_FACTOR,
    }


def rival(sizes: Sequence[int], precision: str, sparsity: float, timeout: float) -> Rival:
    """Clock hls4ml in a process of its own, which is ended `timeout` seconds after its imports and its network are ready."""
    command = [sys.executable, '-m', 'benchmarks.bench_planning', '--rival', precision, str(sparsity)]
    command += ['--sizes', *(str(size) for size in sizes)]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    line = next((text for text in process.stdout if text.strip() == _READY), '')
    killer = threading.Timer(timeout, process.kill)
    killer.start()
    answer = process.stdout.read()
    process.wait()
    killer.cancel()
    if not line:
        return Rival(None, 0.0, 'fails', 'it ended before it was ready')
    if not answer.strip():
        return Rival(None, timeout, f'> {timeout:g}')
    result = json.loads(answer.strip().split('\n')[-1])
    if 'error' in result:
        return Rival(None, 0.0, 'fails', result['error'])
    return Rival(result['seconds'], result['seconds'], f'{result["seconds"]:.2f}')


def table_row(case: Case, ours: Measurement, theirs: Rival | None) -> dict[str, str]:
    """One row of the table; `theirs` is None where hls4ml has nothing to compare with."""
    slowest = max(ours.added, ours.passes)
    return {
        'precision': case.precision,
        'budget': ', '.join(f'{name} {bound}' for name, bound in case.budget.items()),
        'slots kept': f'{ours.kept:,} of {ours.n_slots:,}',
        'status': ours.status,
        'conversion s': f'{ours.plain:.2f}',
        'flow adds s': f'{ours.added:.2f}',
        'in passes s': f'{ours.passes:.2f}',
        'hls4ml s': '' if theirs is None else theirs.remark,
        'faster': '' if theirs is None or not theirs.at_least else _speedup(theirs, slowest),
    }


def _speedup(theirs: Rival, seconds: float) -> str:
    return f'{"" if theirs.seconds else "> "}{theirs.at_least / max(seconds, 1e-3):.0f}x'


def violations(case: Case, ours: Measurement, theirs: Rival | None) -> list[str]:
    """Which of the limits a case breaks, in words."""
    name = f'{case.precision}, {case.budget}'
    slowest = max(ours.added, ours.passes)
    broken = [f'{name}: {slowest:.2f} s, not below {MAX_SECONDS} s'] if slowest >= MAX_SECONDS else []
    if theirs is not None and theirs.seconds is not None and theirs.seconds < MIN_SPEEDUP * slowest:
        broken.append(f'{name}: {theirs.seconds / slowest:.1f}x faster, not {MIN_SPEEDUP}x')
    return broken


def profile(model: Any, case: Case, folder: Path, lines: int = 30) -> str:
    """Profile of one conversion with the flow, by cumulative time."""
    profiler = cProfile.Profile()
    profiler.runcall(convert, model, pruning_config(case), folder)
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).strip_dirs().sort_stats('cumulative').print_stats(lines)
    return text.getvalue()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--runs', type=int, default=3, help='pairs of conversions, of which the medians count')
    parser.add_argument('--timeout', type=float, default=300, help="seconds after which hls4ml's own pruning is ended")
    parser.add_argument('--sizes', type=int, nargs='+', default=SIZES, help='inputs and outputs of the dense layers')
    parser.add_argument('--profile', action='store_true', help='profile the first case instead')
    parser.add_argument('--rival', nargs=2, metavar=('PRECISION', 'SPARSITY'), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure all cases and log one table."""
    arguments = _arguments()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    if arguments.rival:
        precision, sparsity = arguments.rival
        sys.stdout.write(json.dumps(rival_masks(arguments.sizes, precision, float(sparsity))))
        return
    model = keras_model(arguments.sizes)
    rows, broken, errors = [], [], {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The first conversion of a process pays for imports: hls4ml's own are paid here, those of the flow below.
        convert(model, hls_config(CASES[0].precision, REUSE_FACTOR), folder)
        first = measure(model, CASES[0], 1, folder)
        if arguments.profile:
            logger.info('%s', profile(model, CASES[0], folder))
            return
        for case in CASES:
            ours = measure(model, case, arguments.runs, folder)
            alike = case.budget.keys() == {'DSP'}
            theirs = rival(arguments.sizes, case.precision, case.sparsity, arguments.timeout) if alike else None
            rows.append(table_row(case, ours, theirs))
            broken += violations(case, ours, theirs)
            if theirs is not None and theirs.error:
                errors[case.precision] = theirs.error
    weights = sum(n_in * n_out for n_in, n_out in pairwise(arguments.sizes))
    shape = '-'.join(str(size) for size in arguments.sizes)
    logger.info('%s, %s weights, RF %d, Resource, median of %d\n', shape, f'{weights:,}', REUSE_FACTOR, arguments.runs)
    logger.info('%s\n', format_table(rows, n_left=4))
    logger.info(
        'the first plan of the process, imports included: flow adds %.2f s, in passes %.2f s', first.added, first.passes
    )
    logger.info('%s', versions('hls4ml', 'hls4ml_hwprune', 'tensorflow', 'ortools', 'numpy'))
    logger.info('limits: %s', '; '.join(broken) or 'all kept')


if __name__ == '__main__':
    main()
