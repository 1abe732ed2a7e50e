"""How long the knapsack takes for 30 kernels of a million weights, with all packings and reuse factors to choose from.

    python -m benchmarks.bench_knapsack [--seeds 3] [--plans 1]

The solver alone (`solve`) gets a curve for each legal reuse factor up to 256 and each packing; of `permuted` a stand-in, the
inputs in the order of what they are worth together, as the search for its own order takes longer than the solver. The whole
planning (`read_design`, `plan_design`) takes every reuse factor that the latency allows, and searches where it has to. The
network is dense layers one after the other, Vitis, io_parallel, Resource, 16 bits, with random weights whose rows and
columns differ in size as trained ones do: a million groups at reuse factor 1.

DSPs and latency are bounded outright, the other resources to a share of what a selection within these two takes, so that
most bounds bind together. Seconds are of the clock or of the CPU, whichever are fewer: others may use the machine, and numpy
more than one core. Fails if the solver takes 10 s or leaves a gap of more than 0.1 %; planning is only reported.
"""

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks import format_table, versions
from benchmarks.bench_compile import PART
from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.budget import Bound
from hls4ml_hwprune.config.settings import AUTO, Period
from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.packing import is_free
from hls4ml_hwprune.records import Kernel, Layer, Target
from hls4ml_hwprune.resources import NAMES, legal_reuse_factors, selection_costs, selection_cycles
from hls4ml_hwprune.selection import Curve, Problem, Solution, solve
from hls4ml_hwprune.selection.curves import kernel_curve
from hls4ml_hwprune.selection.design import read_design
from hls4ml_hwprune.selection.planner import plan_design
from hls4ml_hwprune.selection.source import SPARING, Source

N_KERNELS, N_WEIGHTS, MAX_REUSE = 30, 1_000_000, 256
MAX_SECONDS, MAX_GAP = 10.0, 1e-3
# Widths of layers, all with many divisors.
_WIDTHS = (64, 80, 96, 128, 160, 192, 240, 256, 288, 320)
_BITS, _FRACTIONAL = 16, 10
_TARGET = Target(PART)
_BOUNDED = ('dsp', 'bram18', 'lut', 'ff')
_COLUMNS = [NAMES.index(name) for name in _BOUNDED]
logger = logging.getLogger(__name__)
Kernels = list[list[Curve]]


@dataclass(frozen=True)
class Case:
    """Bounds of a design.

    Attributes
    ----------
    name : str
    dsp, cycles : int
        DSPs, and cycles a layer.
    shares : tuple of float
        Of the BRAM18, LUT and FF that would be taken within these two.
    plan : bool
        Whether the whole planning is clocked, too.
    """

    name: str
    dsp: int
    cycles: int
    shares: tuple[float, float, float] = (0.9, 0.9, 0.9)
    plan: bool = False


CASES = (
    Case('all alike', 12_288, 60, plan=True),
    Case('few DSPs', 4_000, 60),
    Case('few BRAMs', 12_288, 60, (0.4, 0.9, 0.9)),
    Case('few LUTs', 12_288, 60, (0.9, 0.4, 0.9), plan=True),
    Case('few flip-flops', 12_288, 60, (0.9, 0.9, 0.5)),
    Case('little latency', 12_288, 12, plan=True),
    Case('next to no latency', 20_000, 5),
    Case('little of anything', 4_000, 20, (0.6, 0.6, 0.6)),
    Case('next to everything', 20_000, 60, (0.95, 0.95, 0.95)),
    Case('more DSPs than needed', 100_000, 60, (0.4, 0.4, 0.4)),
)


@dataclass(frozen=True)
class Result:
    """Figures of one solution; `filled` says how much of each bound it takes."""

    case: str
    seed: int
    seconds: float
    solution: Solution
    kept: float
    filled: Sequence[float]

    @property
    def gap(self) -> float:
        """Proven distance from the best, as a share; infinite where there is no solution."""
        return (self.solution.bound - self.solution.objective) / self.solution.bound if self.solution.choices else np.inf


def now() -> tuple[float, float]:
    """Read the clock, and that of the CPU."""
    return perf_counter(), process_time()


def since(started: tuple[float, float]) -> float:
    """Seconds since `started`, by the clock that says less."""
    return min(after - before for before, after in zip(started, now(), strict=True))


def widths(rng: np.random.Generator) -> list[int]:
    """Widths of a chain of layers that have a million weights together, within 1 %."""
    while True:
        found = rng.choice(_WIDTHS, N_KERNELS + 1)
        if abs(int((found[:-1] * found[1:]).sum()) - N_WEIGHTS) <= N_WEIGHTS / 100:
            return [int(width) for width in found]


def trained_codes(rng: np.random.Generator, n_in: int, n_out: int) -> NDArray[np.int64]:
    """Weights (n_out, n_in) in units of the last place."""
    spread = np.exp(0.5 * rng.normal(size=(n_out, 1))) * np.exp(0.5 * rng.normal(size=(1, n_in)))
    values = rng.normal(0, n_in**-0.5, (n_out, n_in)) * spread
    return np.clip(np.rint(values * 2**_FRACTIONAL), -(2 ** (_BITS - 1)), 2 ** (_BITS - 1) - 1).astype(np.int64)


def dense_layers(seed: int) -> list[Layer]:
    """Return the layers of a network, at reuse factor 1, after its input."""
    rng = np.random.default_rng(seed)
    layers = [Layer('x', 'Input', 'io_parallel', target=_TARGET)]
    for number, (n_in, n_out) in enumerate(pairwise(widths(rng)), 1):
        codes, unit, name = trained_codes(rng, n_in, n_out), 2.0**-_FRACTIONAL, f'fc{number}'
        bits = (_BITS, _BITS, _BITS)
        kernel = Kernel(name, 'weight', n_in, n_out, 1, 'resource', 1, codes * unit, codes, *bits, target=_TARGET, unit=unit)
        layers.append(Layer(name, 'Dense', 'io_parallel', (layers[-1].name,), (kernel,), in_channels=n_in, target=_TARGET))
    return layers


def stand_in(source: Source) -> Curve:
    """Curve of `permuted` for a quick order of the inputs in place of the one that is searched for."""
    order = np.argsort(-source.scores.sum(axis=0), kind='stable')
    sums = np.sort(source.scores[:, order].reshape(-1, source.kernel.reuse_factor).sum(axis=1))[::-1]
    sums = sums[sums > 0]
    index, slots = np.zeros((sums.size, 1), np.int64), np.ones(sums.size, np.int64)
    return Curve(source.scale(np.concatenate([[0.0], np.cumsum(sums)])), selection_costs(source.kernel, index, slots))


def alternatives(layer: Layer) -> Iterator[Curve]:
    """Curves of a layer for each reuse factor: three packings, or two orders of constants; four resources and latency."""
    (kernel,) = layer.kernels
    source = Source.of(kernel, 'l1')
    for reuse_factor in legal_reuse_factors(kernel.n_in, kernel.n_out):
        if reuse_factor > MAX_REUSE:
            return
        of_factor = replace(source, kernel=replace(kernel, reuse_factor=reuse_factor))
        found = [kernel_curve(of_factor, 'aligned')]
        if reuse_factor == 1:
            found.append(kernel_curve(of_factor, 'aligned', SPARING))
        for one in found:
            yield _with_latency(one.points, selection_cycles(layer, one.kernel, *one.counts)[0])
        if is_free(of_factor.kernel):
            latency = selection_cycles(layer, of_factor.kernel, *found[0].counts)[0][0]
            for curve in (kernel_curve(of_factor, 'balanced').points, stand_in(of_factor)):
                yield _with_latency(curve, np.full(curve.value.shape, latency))


def _with_latency(curve: Curve, latency: NDArray[np.int64]) -> Curve:
    return Curve(curve.value, np.column_stack([curve.cost[:, _COLUMNS], latency]))


def taken(kernels: Kernels, solution: Solution) -> NDArray[np.float64]:
    """Return what a selection takes of each column."""
    picked = [curves[a].cost[k] for curves, (a, k) in zip(kernels, solution.choices, strict=True)]
    return np.sum(picked, axis=0)


def budget(kernels: Kernels, case: Case) -> NDArray[np.float64]:
    """Bounds of `case`: where DSPs and latency are bounded alone, the others take what they like."""
    outright = np.array([case.dsp, *(3 * [np.inf]), case.cycles * N_KERNELS])
    free = taken(kernels, solve(Problem(kernels, outright), method='fast'))
    return np.array([case.dsp, *np.floor(free[1:4] * case.shares), outright[-1]])


def measure(kernels: Kernels, bounds: NDArray[np.float64], case: Case, seed: int) -> Result:
    """Clock the solver."""
    problem, started = Problem(kernels, bounds), now()
    solution = solve(problem)
    seconds = since(started)
    total = sum(max(float(curve.value.max()) for curve in curves) for curves in kernels)
    filled = (taken(kernels, solution) / bounds).tolist() if solution.choices else []
    return Result(case.name, seed, seconds, solution, solution.objective / total, filled)


def table_row(result: Result) -> dict[str, str]:
    """One row of the solver's table."""
    full = [f'{100 * share:.0f}' for share in result.filled] or 5 * ['']
    return {
        'bounds': result.case,
        'seed': str(result.seed),
        'seconds': f'{result.seconds:.2f}',
        'status': result.solution.status,
        'kept %': f'{100 * result.kept:.2f}',
    } | dict(zip([f'{name} %' for name in ('DSP', 'BRAM', 'LUT', 'FF', 'cycles')], full, strict=True))


def violations(results: Sequence[Result]) -> list[str]:
    """Which limits do not hold, in words."""
    found = []
    for result in results:
        where = f'{result.case}, seed {result.seed}'
        if result.seconds >= MAX_SECONDS:
            found.append(f'{where}: {result.seconds:.1f} s')
        if result.gap > MAX_GAP:
            found.append(f'{where}: {result.solution.status}')
    return found


def planned(seed: int, case: Case, bounds: NDArray[np.float64]) -> dict[str, str]:
    """Clock the whole planning within the same bounds; a row of its table."""
    # Between layers there is a cycle.
    latency = Period(float(bounds[-1]) + N_KERNELS - 1)
    amounts = {name: Bound(float(bound), '') for name, bound in zip(_BOUNDED, bounds, strict=False)}
    settings = Settings(budget=amounts, reuse_factor=AUTO, latency=latency, stage='csynth')
    layers, started = dense_layers(seed), now()
    design = read_design(layers, settings)
    reading, started = since(started), now()
    plan = plan_design(design, settings, lookup(PART))
    planning = since(started)
    sizes = [[choice.option.value.size for choice in choices] for choices in design.alternatives]
    return {
        'bounds': case.name,
        'seed': str(seed),
        'curves': f'{sum(map(len, sizes)):,}',
        'options': f'{sum(map(sum, sizes)):,}',
        'reading, s': f'{reading:.1f}',
        'planning, s': f'{planning:.1f}',
        'status': plan.status,
        'kept %': f'{plan.percent_kept:.2f}',
    }


def main() -> int:
    """Log both tables and whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--seeds', type=int, default=3, help='networks for which the solver is clocked')
    parser.add_argument('--plans', type=int, default=1, help='how many of them are planned as a whole, too')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    results, plans = [], []
    for seed in range(arguments.seeds):
        layers = dense_layers(seed)
        started = now()
        kernels = [list(alternatives(layer)) for layer in layers if layer.kernels]
        n_curves, options = sum(map(len, kernels)), sum(curve.value.size for curves in kernels for curve in curves)
        logger.info('seed %d: %d curves, %s options, built in %.1f s', seed, n_curves, f'{options:,}', since(started))
        for case in CASES:
            bounds = budget(kernels, case)
            results.append(measure(kernels, bounds, case, seed))
            if case.plan and seed < arguments.plans:
                plans.append(planned(seed, case, bounds))
    logger.info('\nsolver alone\n\n%s\n', format_table([table_row(result) for result in results], n_left=1))
    if plans:
        logger.info('whole planning\n\n%s\n', format_table(plans, n_left=1))
    logger.info('%s', versions('hls4ml_hwprune', 'numpy', 'ortools'))
    wrong = violations(results)
    logger.info('limits: %s', '; '.join(wrong) or 'all kept')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
