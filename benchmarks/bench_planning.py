"""How long planning takes for networks of about a million weights, against hls4ml's own `dsp_aware_pruning`.

    python -m benchmarks.bench_planning [--runs 3] [--timeout 300] [--sizes 512 1024 400 160 32 5] [--profile]

Ours: all that the flow adds to a conversion, as the difference between conversions of the same Keras network with and
without it, the time inside the two passes themselves, and that of the planning inside the first. Theirs: `get_model_masks`
alone, with its default solver, without the training around it, in a process of its own. Its groups are those of `aligned`;
`auto` has the knapsack choose between that and other packings. Its objective is that of DSPs, or where BRAM is bounded
beside them the one of both: of 16-bit weights that raises, unless each layer has a multiple of five groups, where it prunes
nothing. Weights are random (seed 0): no data is needed. Needs TensorFlow.
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
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import format_table, hls_config, random_weights, versions
from benchmarks.bench_compile import PART

# A million weights, and 100,480 groups.
SIZES, GROUPS = (512, 1024, 400, 160, 32, 5), (512, 1024, 256, 64, 16)
REUSE_FACTOR = 8
MAX_SECONDS, MIN_SPEEDUP = 2.0, 5.0
# For `GROUPS` under `aligned`: of the planning alone, and against hls4ml.
MAX_PLANNING, MIN_SPEEDUP_OF_GROUPS = 0.3, 30.0
# Objectives of hls4ml by what is bounded.
OBJECTIVES = {frozenset({'DSP'}): 'VivadoDSPEstimator', frozenset({'DSP', 'BRAM'}): 'VivadoMultiObjectiveEstimator'}
_READY = 'ready'
_ROOT = Path(__file__).resolve().parents[1]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Case:
    """What is planned, and what it may take.

    Attributes
    ----------
    precision : str
    budget : dict of str to str
    sparsity : float
        What hls4ml is asked to save for comparison: a share of its objective.
    packing : str
    sizes : tuple of int
        Inputs and outputs of the dense layers.
    max_planning, min_speedup : float
        Limits for the planning alone, in seconds, and against hls4ml.
    """

    precision: str
    budget: dict[str, str]
    sparsity: float
    packing: str = 'auto'
    sizes: tuple[int, ...] = SIZES
    max_planning: float = MAX_SECONDS
    min_speedup: float = MIN_SPEEDUP

    @property
    def objective(self) -> str:
        """Name of hls4ml's objective for the same; empty where it has none."""
        return OBJECTIVES.get(frozenset(self.budget), '')


def of_groups(budget: dict[str, str], packing: str) -> Case:
    """Return a case of a hundred thousand groups, half of which may stay; the limits are for the same groups as hls4ml's."""
    limits = (MAX_PLANNING, MIN_SPEEDUP_OF_GROUPS) if packing == 'aligned' else (MAX_SECONDS, MIN_SPEEDUP)
    return Case('ap_fixed<16,6>', budget, 0.5, packing, GROUPS, *limits)


CASES = (
    Case('ap_fixed<16,6>', {'DSP': '0.5x'}, 0.5),
    Case('ap_fixed<16,6>', {'DSP': '0.5x'}, 0.5, 'aligned'),
    Case('ap_fixed<16,6>', {'DSP': '0.2x'}, 0.8),
    Case('ap_fixed<16,6>', {'DSP': '0.2x'}, 0.8, 'aligned'),
    Case('ap_fixed<16,6>', {'DSP': '0.5x', 'LUT': '0.6x', 'FF': '0.6x', 'BRAM': '0.4x'}, 0.5),
    Case('ap_fixed<8,3>', {'DSP': '0.5x'}, 0.5),
    Case('ap_fixed<8,3>', {'DSP': '0.2x'}, 0.8),
    Case('ap_fixed<8,3>', {'LUT': '0.5x', 'BRAM': '0.5x'}, 0.5),
    of_groups({'DSP': '0.5x'}, 'aligned'),
    of_groups({'DSP': '0.5x'}, 'auto'),
    of_groups({'DSP': '0.5x', 'BRAM': '0.5x'}, 'aligned'),
    of_groups({'DSP': '0.5x', 'BRAM': '0.5x'}, 'auto'),
)


@dataclass(frozen=True)
class Measurement:
    """Medians in seconds: a plain conversion, what the flow adds, what of that is inside the passes and the planning.

    Slots that are kept of how many, the share of the importance in them in percent, and whether the budget is kept.
    """

    plain: float
    added: float
    passes: float
    planning: float
    kept: int
    n_slots: int
    importance: float
    status: str
    fits: bool


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
def clocked_passes(seconds: list[float], planning: list[float]) -> Iterator[None]:
    """Append to `seconds` the time of every run of a pass of the flow, to `planning` that of the planning inside."""
    from hls4ml_hwprune.passes import plan as plan_pass
    from hls4ml_hwprune.passes.apply import ApplyPlan
    from hls4ml_hwprune.passes.pack import PackSparseWeights
    from hls4ml_hwprune.passes.plan import PlanToBudget

    def clocked(function: Callable[..., Any], into: list[float]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            started = perf_counter()
            try:
                return function(*arguments)
            finally:
                into.append(perf_counter() - started)

        return run

    patched: list[tuple[Any, str, list[float]]] = [
        (PlanToBudget, 'run', seconds),
        (ApplyPlan, 'run', seconds),
        (PackSparseWeights, 'transform', seconds),
        (plan_pass, 'plan_model', planning),
    ]
    originals = [getattr(owner, name) for owner, name, _ in patched]
    try:
        for (owner, name, into), original in zip(patched, originals, strict=True):
            setattr(owner, name, clocked(original, into))
        yield
    finally:
        for (owner, name, _), original in zip(patched, originals, strict=True):
            setattr(owner, name, original)


def pruning_config(case: Case) -> dict[str, Any]:
    """Return the configuration of `case`, with pruning turned on."""
    import hls4ml_hwprune

    config = hls_config(case.precision, REUSE_FACTOR)
    hls4ml_hwprune.enable(config, backend='Vitis', budget=case.budget, packing=case.packing, stage='csynth')
    return config


def measure(model: Any, case: Case, runs: int, folder: Path) -> Measurement:
    """Convert in turns with and without the flow; the medians of each."""
    from hls4ml_hwprune import get_plan

    plain: list[float] = []
    added, passes, planning = plain.copy(), plain.copy(), plain.copy()
    for _ in range(runs):
        started = perf_counter()
        convert(model, hls_config(case.precision, REUSE_FACTOR), folder)
        plain.append(perf_counter() - started)
        inside: list[float] = []
        with clocked_passes(inside, planning):
            started = perf_counter()
            pruned = convert(model, pruning_config(case), folder)
            added.append(perf_counter() - started - plain[-1])
        passes.append(sum(inside))
    plan = get_plan(pruned)
    kept, n_slots = sum(k.n_kept for k in plan.kernels), sum(k.n_slots for k in plan.kernels)
    fits = all(getattr(plan.after, name) <= bound * (1 + 1e-9) for name, bound in plan.budget.items())
    times = median(plain), median(added), median(passes), median(planning)
    return Measurement(*times, kept, n_slots, plan.percent_kept, plan.status, fits)


def rival_masks(
    sizes: Sequence[int], precision: str, sparsity: float, objective: str = 'VivadoDSPEstimator'
) -> dict[str, Any]:
    """Run `get_model_masks` as hls4ml's `optimize_model` does, from its attributes to its knapsack, and clock it."""
    from hls4ml.optimization.dsp_aware_pruning.attributes import get_attributes_from_keras_model_and_hls4ml_config
    from hls4ml.optimization.dsp_aware_pruning.keras.masking import get_model_masks
    from hls4ml.optimization.dsp_aware_pruning.objectives import vivado_objectives
    from hls4ml.utils import config_from_keras_model

    estimator = getattr(vivado_objectives, objective)
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
        optimizable, how = estimator.is_layer_optimizable(attributes[layer.name])
        attributes[layer.name].optimizable = optimizable
        attributes[layer.name].optimization_attributes = how
    sys.stdout.write(f'{_READY}\n')
    sys.stdout.flush()
    started = perf_counter()
    try:
        with redirect_stdout(io.StringIO()):
            masks, _ = get_model_masks(model, attributes, sparsity, estimator)
    except Exception as error:  # hls4ml raises bare exceptions
        return {'error': ' '.join(str(error).split())}
    return {
        'seconds': perf_counter() - started,
        'kept': int(sum(mask.sum() for mask in masks.values())) // REUSE_FACTOR,
    }


def rival(
    sizes: Sequence[int], precision: str, sparsity: float, timeout: float, objective: str = 'VivadoDSPEstimator'
) -> Rival:
    """Clock hls4ml in a process of its own, which is ended `timeout` seconds after its imports and its network are ready."""
    command = [sys.executable, '-m', 'benchmarks.bench_planning', '--rival', precision, str(sparsity), objective]
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
        'packing': case.packing,
        'slots kept': f'{ours.kept:,} of {ours.n_slots:,}',
        'importance %': f'{ours.importance:.1f}',
        'status': ours.status,
        'conversion s': f'{ours.plain:.2f}',
        'flow adds s': f'{ours.added:.2f}',
        'in passes s': f'{ours.passes:.2f}',
        'planning s': f'{ours.planning:.2f}',
        'hls4ml s': '' if theirs is None else theirs.remark,
        'faster': '' if theirs is None or not theirs.at_least else _speedup(theirs, slowest),
    }


def _speedup(theirs: Rival, seconds: float) -> str:
    return f'{"" if theirs.seconds else "> "}{theirs.at_least / max(seconds, 1e-3):.0f}x'


def violations(case: Case, ours: Measurement, theirs: Rival | None) -> list[str]:
    """Which of the limits a case breaks, in words."""
    name = f'{case.precision}, {case.budget}, {case.packing}'
    slowest = max(ours.added, ours.passes)
    broken = [f'{name}: {slowest:.2f} s, not below {MAX_SECONDS} s'] if slowest >= MAX_SECONDS else []
    if ours.planning >= case.max_planning < MAX_SECONDS:
        broken.append(f'{name}: planning {ours.planning:.2f} s, not below {case.max_planning} s')
    if theirs is not None and theirs.seconds is not None and theirs.seconds < case.min_speedup * slowest:
        broken.append(f'{name}: {theirs.seconds / slowest:.1f}x faster, not {case.min_speedup}x')
    if not ours.fits:
        broken.append(f'{name}: over its budget')
    return broken


def profile(model: Any, case: Case, folder: Path, lines: int = 30) -> str:
    """Profile of one conversion with the flow, by cumulative time."""
    profiler = cProfile.Profile()
    profiler.runcall(convert, model, pruning_config(case), folder)
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).strip_dirs().sort_stats('cumulative').print_stats(lines)
    return text.getvalue()


def rivals(cases: Sequence[Case], timeout: float) -> list[Rival | None]:
    """Clock hls4ml, once for cases that are the same to it; None where it has no objective."""
    same = [(case.sizes, case.precision, case.sparsity, timeout, case.objective) for case in cases]
    found = {arguments: rival(*arguments) for arguments in dict.fromkeys(same) if arguments[-1]}
    return [found.get(arguments) for arguments in same]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--runs', type=int, default=3, help='pairs of conversions, of which the medians count')
    parser.add_argument('--timeout', type=float, default=300, help="seconds after which hls4ml's own pruning is ended")
    parser.add_argument('--sizes', type=int, nargs='+', help='inputs and outputs of the dense layers, of all networks')
    parser.add_argument('--profile', action='store_true', help='profile the first case instead')
    parser.add_argument('--rival', nargs=3, metavar=('PRECISION', 'SPARSITY', 'OBJECTIVE'), help=argparse.SUPPRESS)
    return parser.parse_args()


def log_table(cases: Sequence[Case], ours: Sequence[Measurement], theirs: Sequence[Rival | None], runs: int) -> None:
    """Log the cases of one network."""
    sizes = cases[0].sizes
    weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    groups = sum(n_in * n_out // REUSE_FACTOR for n_in, n_out in pairwise(sizes))
    shape = '-'.join(str(size) for size in sizes)
    numbers = (shape, f'{weights:,}', f'{groups:,}', REUSE_FACTOR, runs)
    logger.info('%s, %s weights, %s groups, RF %d, Resource, median of %d\n', *numbers)
    rows = [table_row(case, one, other) for case, one, other in zip(cases, ours, theirs, strict=True)]
    logger.info('%s\n', format_table(rows, n_left=4))
    raised = {case.objective: other.error for case, other in zip(cases, theirs, strict=True) if other and other.error}
    for objective, error in raised.items():
        logger.info('%s raises: %s\n', objective, error)


def run(cases: Sequence[Case], runs: int, timeout: float, folder: Path) -> list[str]:
    """Measure the cases of one network and log their table; the limits that they break."""
    model = keras_model(cases[0].sizes)
    ours = [measure(model, case, runs, folder) for case in cases]
    theirs = rivals(cases, timeout)
    log_table(cases, ours, theirs, runs)
    return [line for case, one, other in zip(cases, ours, theirs, strict=True) for line in violations(case, one, other)]


def main() -> None:
    """Measure all cases and log a table for each network."""
    arguments = _arguments()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    if arguments.rival:
        precision, sparsity, objective = arguments.rival
        sys.stdout.write(json.dumps(rival_masks(arguments.sizes, precision, float(sparsity), objective)))
        return
    cases = [replace(case, sizes=tuple(arguments.sizes or case.sizes)) for case in CASES]
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder, model = Path(temporary), keras_model(cases[0].sizes)
        # The first conversion of a process pays for imports: hls4ml's own are paid here, those of the flow below.
        convert(model, hls_config(cases[0].precision, REUSE_FACTOR), folder)
        first = measure(model, cases[0], 1, folder)
        if arguments.profile:
            logger.info('%s', profile(model, cases[0], folder))
            return
        for sizes in dict.fromkeys(case.sizes for case in cases):
            broken += run([case for case in cases if case.sizes == sizes], arguments.runs, arguments.timeout, folder)
    logger.info(
        'the first plan of the process, imports included: flow adds %.2f s, in passes %.2f s', first.added, first.passes
    )
    logger.info('%s', versions('hls4ml', 'hls4ml_hwprune', 'tensorflow', 'ortools', 'numpy'))
    logger.info('limits: %s', '; '.join(broken) or 'all kept')


if __name__ == '__main__':
    main()
