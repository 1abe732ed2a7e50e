"""Packings and reuse factors that the knapsack chooses, against the best single one for the whole network.

    python -m benchmarks.bench_choice [--networks NAME ...] [--jobs 2] [--compile]

On all trained networks of the shared data, with budgets of 5 to 100 % of the DSPs at reuse factor 4, a share of the LUTs and
the whole BRAM: `Packing: auto` at reuse factor 4, by figures of HLS reports (csynth) and of logic synthesis (vsynth), whose
LUTs make for different choices; then `ReuseFactor: auto` besides, no slower than the unpruned design at reuse factor 8. The
best single choice is the best of all packings, at all reuse factors that are fast enough where they may be chosen, for the
whole network alike. With --compile a few chosen designs are built instead, where one reuse factor keeps less even with
`Packing: auto`, and held against plain hls4ml projects with the same weights and reuse factors.

Fails unless the choice keeps at least as much importance as the best single one (less the gap that the plan itself states),
and the finished design is within every bound by `hls4ml_hwprune.estimate`.
"""

import argparse
import io
import logging
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import DATA, format_table, versions
from benchmarks.bench_compile import PART
from benchmarks.networks import SVHN, Network, networks
from hls4ml_hwprune.errors import InfeasibleError

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

    from hls4ml_hwprune.plan import Plan
    from hls4ml_hwprune.records import Layer

SHARES = (5, 10, 20, 30, 50, 70, 100)
# Budgets refer to the unpruned design at the first, the latency is that at the second.
REUSE_FACTOR, SLOWEST = 4, 8
PACKINGS = ('aligned', 'permuted', 'balanced')
# Of constants alone.
SNAPPED = 'snapped'
REUSE_FACTORS = (1, 2, 4, 8, 16, 32, 64)
# hls4ml rounds them differently for each kernel; the familiar ones first.
ALL_REUSE_FACTORS = tuple(dict.fromkeys((*REUSE_FACTORS, *range(1, 65))))
AUTO = 'auto'
JETS = 'jet_mlp_float_hector'
# Inputs that designs are run on, and what they are divided by.
INPUTS = {JETS: ('jets_hlf_700.npz', 1.0), SVHN: ('svhn_683.npz', 255.0)}
# Importance that sums of the same curves in another order, and the solver's own idea of optimal, may be short of.
_ROUNDING = 1e-6
_NONE = -np.inf
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Setting:
    """Whose figures count, the share of the LUTs that may be taken, and whether reuse factors are chosen too."""

    stage: str
    lut: float
    free: bool = False

    def __str__(self) -> str:
        reuse_factor = 'ReuseFactor: auto' if self.free else f'reuse factor {REUSE_FACTOR}'
        return f'Packing: auto, {reuse_factor}, {self.stage}, LUT {self.lut}x'


SETTINGS = (Setting('csynth', 0.2), Setting('vsynth', 0.5), Setting('csynth', 0.2, free=True))


@dataclass(frozen=True)
class Bounds:
    """What a design may take: counts by resource, and clock cycles; and whose figures count."""

    budget: Mapping[str, int]
    latency: int | None = None
    stage: str = 'csynth'


@dataclass(frozen=True)
class Choice:
    """One packing and one reuse factor for the whole network, and the importance that it keeps: none if infeasible."""

    packing: str
    reuse_factor: int
    importance: float = _NONE

    def __str__(self) -> str:
        return 'none' if self.importance == _NONE else f'{self.packing} {self.reuse_factor}'


@dataclass(frozen=True)
class Finished:
    """A design that the flow made, and the seconds of its conversion, nearly all for the plan; without one if infeasible."""

    plan: 'Plan | None'
    model: 'ModelGraph | None'
    seconds: float

    @property
    def importance(self) -> float:
        """Importance that is kept."""
        return _NONE if self.plan is None else self.plan.importance

    @property
    def optimal(self) -> bool:
        """Whether that is proven to be the most."""
        return self.plan is None or self.plan.status == 'optimal'


@dataclass(frozen=True)
class Result:
    """What the knapsack chose for a network and a share of its DSPs, what the best single choice is, and what is wrong.

    `gap` is the share that the choice may be short of the optimum by the plan itself, in percent.
    """

    network: str
    setting: Setting
    share: int
    percent: float
    best: Choice
    best_percent: float
    seconds: float
    optimal: bool
    gap: float
    wrong: tuple[str, ...]


def pruning_config(network: Network, configured: int, bounds: Bounds, **choices: Any) -> dict[str, Any]:
    """Return the configuration of a network with the reuse factor `configured`, and with pruning turned on."""
    import hls4ml_hwprune

    config = network.hls_config(configured)
    named: dict[str, Any] = {} if bounds.latency is None else {'latency': bounds.latency}
    hls4ml_hwprune.enable(config, backend='Vitis', budget=bounds.budget, stage=bounds.stage, **named, **choices)
    return config


def bounds_of(network: Network, dsp: float, lut: float, folder: Path, stage: str = 'csynth') -> Bounds:
    """Bounds as shares of the unpruned design; the latency is that of a slower one."""
    import hls4ml_hwprune

    plain = [network.convert(network.hls_config(reuse_factor), folder) for reuse_factor in (REUSE_FACTOR, SLOWEST)]
    whole, slow = (hls4ml_hwprune.estimate(model, stage) for model in plain)
    budget = {'DSP': int(dsp * whole.total.dsp), 'LUT': int(lut * whole.total.lut), 'BRAM': int(whole.total.bram18)}
    return Bounds(budget, slow.design.latency_max, stage)


def plain_designs(
    network: Network, reuse_factors: Iterable[int], latency: int | None, folder: Path
) -> dict[int, 'tuple[Layer, ...]']:
    """Layers of the unpruned design at each reuse factor that may be fast enough; only the first of those rounded alike."""
    from hls4ml_hwprune.host.graph import read_layers
    from hls4ml_hwprune.resources import estimate_layers

    found, seen = {}, set()
    for reuse_factor in reuse_factors:
        layers = read_layers(network.convert(network.hls_config(reuse_factor), folder))
        kernels = [kernel for layer in layers for kernel in layer.kernels]
        rounded = tuple(kernel.reuse_factor for kernel in kernels)
        # Kernels whose multipliers are shared get no faster by pruning.
        too_slow = latency is not None and estimate_layers(layers).design.latency_max > latency
        if rounded not in seen and not (too_slow and all(kernel.multiplexed for kernel in kernels)):
            found[reuse_factor] = layers
        seen.add(rounded)
    return found


def kept_by(layers: 'Sequence[Layer]', configs: Sequence[Mapping[str, Any]]) -> list[float]:
    """Solve for the importance that the flow keeps under each configuration, without placing slots in cycles.

    The configurations differ in their bounds alone.
    """
    from hls4ml_hwprune.config import parse_settings
    from hls4ml_hwprune.devices import lookup
    from hls4ml_hwprune.selection.design import read_design
    from hls4ml_hwprune.selection.formulation import Goal
    from hls4ml_hwprune.selection.lazy import choose
    from hls4ml_hwprune.selection.limits import resolve_limits

    settings = [parse_settings(config) for config in configs]
    design = read_design(layers, settings[0])
    found = []
    for one in settings:
        limits = resolve_limits(one, lookup(PART), design.estimate.total, design.clock_ns)
        solution = choose(design, limits, Goal(), one).solution
        found.append(_NONE if solution.status == 'infeasible' else solution.objective)
    return found


def single_choices(
    network: Network, bounds: Sequence[Bounds], reuse_factors: Iterable[int], packings: Sequence[str], folder: Path
) -> list[list[Choice]]:
    """Every packing at every reuse factor: for each of `bounds`, which have the same latency, what they keep."""
    found: list[list[Choice]] = [[] for _ in bounds]
    for reuse_factor, layers in plain_designs(network, reuse_factors, bounds[0].latency, folder).items():
        constants = any(not kernel.multiplexed for layer in layers for kernel in layer.kernels)
        for packing in packings:
            if packing == SNAPPED and not constants:
                continue
            configs = [pruning_config(network, reuse_factor, one, packing=packing) for one in bounds]
            for row, importance in zip(found, kept_by(layers, configs), strict=True):
                row.append(Choice(packing, reuse_factor, importance))
    return found


def finish(network: Network, config: dict[str, Any], folder: Path) -> Finished:
    """Convert with the flow, which plans and prunes."""
    from hls4ml_hwprune import get_plan

    started = perf_counter()
    try:
        model = network.convert(config, folder)
    except InfeasibleError:
        return Finished(None, None, perf_counter() - started)
    return Finished(get_plan(model), model, perf_counter() - started)


def exceeded(finished: Finished) -> list[str]:
    """Estimate the finished design anew from its pruned layers: bounds that it does not meet, or not as the plan says."""
    import hls4ml_hwprune

    if finished.plan is None or finished.model is None:
        return []
    plan, now = finished.plan, hls4ml_hwprune.estimate(finished.model, finished.plan.stage)
    used = {**now.total.as_dict(), 'latency': now.design.latency_max, 'ii': now.design.ii}
    over = {name: bound for name, bound in plan.budget.items() if used[name] > bound + _ROUNDING}
    said = {**plan.after.as_dict(), 'latency': plan.timing_after.latency_max, 'ii': plan.timing_after.ii}
    wrong = [f'the finished design takes {used}, the plan says {said}'] if used != said else []
    return wrong + [
        f'the finished design takes {used[name]:.0f} {name}, more than {bound:.0f}' for name, bound in over.items()
    ]


def worse(finished: Finished, best: Choice) -> list[str]:
    """Whether a single choice keeps more than the plan, and more than the plan says may be missing."""
    if best.importance == _NONE or best.importance * (1 - _ROUNDING) <= finished.importance:
        return []
    if finished.plan is not None and not finished.optimal and best.importance <= finished.plan.bound:
        return []
    return [f'{best} keeps {best.importance:.6f}, the choice {finished.importance:.6f} (optimal: {finished.optimal})']


def measure(network: Network, setting: Setting, folder: Path) -> list[Result]:
    """Plan at all shares of the DSPs, by the knapsack and by every single choice."""
    bounds = [bounds_of(network, share / 100, setting.lut, folder, setting.stage) for share in SHARES]
    chosen, packings, reuse_factors = {'packing': AUTO}, [*PACKINGS], [REUSE_FACTOR]
    if setting.free:
        chosen, packings, reuse_factors = {**chosen, 'reuse_factor': AUTO}, [*PACKINGS, SNAPPED], [*REUSE_FACTORS]
    else:
        bounds = [replace(one, latency=None) for one in bounds]
    singles = single_choices(network, bounds, reuse_factors, packings, folder)
    results = []
    for share, one, rivals in zip(SHARES, bounds, singles, strict=True):
        finished = finish(network, pruning_config(network, REUSE_FACTOR, one, **chosen), folder)
        best = max(rivals, key=lambda choice: choice.importance)
        results.append(_result(network.name, setting, share, finished, best))
    return results


def _result(network: str, setting: Setting, share: int, finished: Finished, best: Choice) -> Result:
    plan = finished.plan
    total = plan.total_importance if plan is not None and plan.total_importance else np.nan
    return Result(
        network=network,
        setting=setting,
        share=share,
        percent=100 * finished.importance / total,
        best=best,
        best_percent=100 * best.importance / total,
        seconds=finished.seconds,
        optimal=finished.optimal,
        gap=0.0 if plan is None or finished.optimal else 100 * (plan.bound / plan.importance - 1),
        wrong=(*worse(finished, best), *exceeded(finished)),
    )


def table_rows(results: Sequence[Result]) -> list[dict[str, str]]:
    """Two rows of the table, for the results of one network."""

    def cells(percents: Iterable[float]) -> dict[str, str]:
        shown = (f'{percent:.2f}' if np.isfinite(percent) else '-' for percent in percents)
        return dict(zip((f'{share} %' for share in SHARES), shown, strict=True))

    seconds, n_optimal = [result.seconds for result in results], sum(result.optimal for result in results)
    return [
        {
            'network': results[0].network,
            'kept, % of the importance': 'chosen',
            **cells(result.percent for result in results),
            'optimal': f'{n_optimal} of {len(results)}',
            'planning, s': f'{median(seconds):.2f}',
            'at most': f'{max(seconds):.2f}',
        },
        {
            'network': '',
            'kept, % of the importance': 'best single',
            **cells(result.best_percent for result in results),
            'optimal': '',
            'planning, s': '',
            'at most': '',
        },
    ]


def summary(results: Sequence[Result]) -> str:
    """Return what the table comes to, in words."""
    planned = [result for result in results if np.isfinite(result.percent)]
    gains = [result.percent - result.best_percent for result in planned if np.isfinite(result.best_percent)]
    n_more = sum(gain > 100 * _ROUNDING for gain in gains)
    n_less = sum(gain < -100 * _ROUNDING for gain in gains)
    open_ = [result.gap for result in planned if not result.optimal]
    seconds = [result.seconds for result in planned]
    return (
        f'{len(results)} budgets, {len(results) - len(planned)} of them too small for anything, '
        f'{len(planned) - len(gains)} for any single choice; {n_more} times more kept than by the best single choice, '
        f'{np.mean(gains):.2f} points on average, {max(gains):.2f} at most; {n_less} times less, within the gap; '
        f'{len(open_)} plans not proven optimal, gap {max(open_, default=0):.3f} % at most; '
        f'{median(seconds):.2f} s a plan (median), {max(seconds):.2f} s at most'
    )


def violations(results: Sequence[Result]) -> list[str]:
    """Return what does not hold."""
    wrong = [f'{r.network}, {r.setting}, {r.share} % DSP: {text}' for r in results for text in r.wrong]
    known = {(r.network, r.setting, r.share): r for r in results}
    for r in results:
        # The design at the configured reuse factor is fast enough: it is one of those to choose from.
        before = known.get((r.network, replace(r.setting, free=False), r.share))
        if before is not None and r.optimal and before.percent > r.percent + 100 * _ROUNDING:
            wrong.append(
                f'{r.network}, {r.setting}, {r.share} % DSP: {r.percent} kept, at one reuse factor {before.percent}'
            )
    return wrong


def compare(chosen: Sequence[Network], folder: Path, jobs: int) -> list[str]:
    """Log a table for each setting, and return what does not hold."""
    everything: list[Result] = []
    with ProcessPoolExecutor(jobs) as pool:
        for setting in SETTINGS:
            found = list(pool.map(measure, chosen, repeat(setting), [folder / network.name for network in chosen]))
            logger.info('%s\n\n%s\n', setting, format_table([row for results in found for row in table_rows(results)]))
            flat = [result for results in found for result in results]
            logger.info('%s\n', summary(flat))
            everything += flat
    return violations(everything)


@dataclass(frozen=True)
class Case:
    """A design that is built: shares of the DSPs and LUTs of the unpruned one."""

    network: str
    dsp: float
    lut: float


@dataclass(frozen=True)
class Build:
    """A design that was built, the best that one reuse factor keeps with one packing and with `Packing: auto`."""

    case: Case
    bounds: Bounds
    plan: 'Plan'
    single: Choice
    one_factor: Choice
    accuracy: float
    n_samples: int
    seconds: float
    wrong: tuple[str, ...]


CASES = (
    Case(JETS, 0.05, 0.20),
    Case(JETS, 0.10, 0.15),
    Case(SVHN, 0.02, 0.05),
    Case(SVHN, 0.02, 0.04),
)


def plain_twin(network: Network, model: 'ModelGraph', folder: Path) -> 'ModelGraph':
    """Convert with the configuration written with `model`, less our block and flow, and with the weights of `model`."""
    import yaml

    from hls4ml_hwprune import get_plan
    from hls4ml_hwprune.host.node.weights import set_weights, weight_matrix

    written = Path(model.config.get_output_dir()) / 'hls4ml_config.yml'
    config = yaml.safe_load(written.read_text())['HLSConfig']
    del config['Flows'], config['Model']['HWPrune']
    plain = network.convert(config, folder)
    for kernel in get_plan(model).kernels:
        weights = weight_matrix(model.graph[kernel.layer], kernel.n_in, kernel.n_out)
        set_weights(plain.graph[kernel.layer], weights)
    return plain


def unlike_plan(model: 'ModelGraph', plan: 'Plan', parameters: str) -> list[str]:
    """Compare reuse factors of a project, in its `parameters.h` and its nodes, with those of the plan."""
    wrong = []
    for kernel in plan.kernels:
        node = model.graph[kernel.layer]
        # A convolution has one for itself and one for its kernel.
        pattern = rf'struct config{node.index}(?:_mult)?\b[^}}]*?\breuse_factor = (\d+);'
        written, own = {*map(int, re.findall(pattern, parameters))}, int(node.get_attr('reuse_factor'))
        if written != {kernel.reuse_factor} or own != kernel.reuse_factor:
            wrong.append(
                f'{kernel.layer} has the reuse factor {own}, in parameters.h {written}, the plan {kernel.reuse_factor}'
            )
    return wrong


def outputs(model: 'ModelGraph', x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compile and run."""
    with redirect_stdout(io.StringIO()):
        model.compile()
        y: NDArray[np.float32] = model.predict(x)
    return y


def best_of(rivals: Sequence[Choice], *, auto: bool) -> Choice:
    """Return the best choice with one packing, or with `Packing: auto`."""
    return max((choice for choice in rivals if (choice.packing == AUTO) == auto), key=lambda choice: choice.importance)


def differences(network: Network, finished: Finished, ours: NDArray, x: NDArray[np.float32], folder: Path) -> list[str]:
    """Compile the plain twin, and compare its outputs and both projects' reuse factors."""
    model, plan = finished.model, finished.plan
    assert model is not None and plan is not None
    plain = plain_twin(network, model, folder)
    theirs = outputs(plain, x)
    wrong = []
    if not np.array_equal(ours, theirs):
        wrong.append(f'{(ours != theirs).any(axis=1).sum()} of {len(x)} outputs differ from those of plain hls4ml')
    if len(np.unique(ours)) <= len(x) / 2:
        wrong.append('outputs are too much alike to tell anything')
    for one in (model, plain):
        project = Path(one.config.get_output_dir())
        parameters = (project / 'firmware' / 'parameters.h').read_text()
        wrong += [f'{project.name}: {text}' for text in unlike_plan(one, plan, parameters)]
    return wrong


def build(case: Case, network: Network, data: Path, folder: Path) -> Build:
    """Plan, compile, and hold the firmware against its plain twin."""
    started = perf_counter()
    # Without the softmax, whose tables would hide small differences.
    network = replace(network, layers=network.layers[:-1])
    bounds = bounds_of(network, case.dsp, case.lut, folder)
    (rivals,) = single_choices(network, [bounds], ALL_REUSE_FACTORS, (*PACKINGS, SNAPPED, AUTO), folder)
    single, one_factor = (best_of(rivals, auto=auto) for auto in (False, True))
    config = pruning_config(network, REUSE_FACTOR, bounds, packing=AUTO, reuse_factor=AUTO)
    finished = finish(network, config, folder / 'chosen')
    if finished.plan is None or finished.model is None:
        raise InfeasibleError(f'{case}: nothing is within the bounds')
    inputs, scale = INPUTS[case.network]
    with np.load(data / 'sets' / inputs) as arrays:
        x, y = np.ascontiguousarray(arrays['X'], np.float32) / np.float32(scale), arrays['y']
    ours = outputs(finished.model, x)
    wrong = [f'keeps no more than {rival}' for rival in (single, one_factor) if finished.importance <= rival.importance]
    wrong += [*exceeded(finished), *differences(network, finished, ours, x, folder / 'plain')]
    accuracy, seconds = float((ours.argmax(axis=1) == y).mean()), perf_counter() - started
    return Build(case, bounds, finished.plan, single, one_factor, accuracy, len(x), seconds, tuple(wrong))


def build_row(built: Build) -> dict[str, str]:
    """One row of the table."""
    plan, bounds = built.plan, built.bounds

    def percent(choice: Choice) -> str:
        return f'{100 * choice.importance / plan.total_importance:.2f} ({choice})'

    return {
        'network': built.case.network,
        'bounds': ', '.join([*(f'{name} {n:,}' for name, n in bounds.budget.items()), f'{bounds.latency:,} cycles']),
        'chosen': ', '.join(f'{kernel.packing} {kernel.reuse_factor}' for kernel in plan.kernels),
        'kept, %': f'{plan.percent_kept:.2f}',
        'Packing: auto, one RF': percent(built.one_factor),
        'best single': percent(built.single),
        'accuracy': f'{built.accuracy:.3f}',
        'bit for bit': f'{built.n_samples} samples' if not built.wrong else 'see below',
        's': f'{built.seconds:.0f}',
    }


def build_all(folder: Path, data: Path) -> list[str]:
    """Log the table of designs that are built, and return what does not hold."""
    known = networks(data / 'models')
    built = [build(case, known[case.network], data, folder / str(n)) for n, case in enumerate(CASES)]
    logger.info('%s\n', format_table([build_row(one) for one in built], n_left=3))
    return [f'{one.case.network}, {one.bounds}: {text}' for one in built for text in one.wrong]


def main() -> int:
    """Log the tables and whether all holds."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--data', type=Path, default=DATA, help='folder with models/ and sets/')
    parser.add_argument('--networks', nargs='+', metavar='NAME', help='parts of the names of those to compare')
    parser.add_argument('--jobs', type=int, default=2, help='networks that are compared at the same time')
    parser.add_argument('--compile', action='store_true', help='build chosen designs instead')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    # What a plan warns of, such as layers that keep nothing, is no news here.
    logging.getLogger('hls4ml_hwprune').setLevel(logging.ERROR)
    parts = arguments.networks or ['']
    chosen = [n for n in networks(arguments.data / 'models').values() if any(part in n.name for part in parts)]
    if not chosen:
        logger.error('there are no such networks in %s', arguments.data / 'models')
        return 1
    started = perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        wrong = build_all(folder, arguments.data) if arguments.compile else compare(chosen, folder, arguments.jobs)
    logger.info('%s, %.0f s', versions('hls4ml', 'numpy', 'ortools'), perf_counter() - started)
    logger.info('%s', '; '.join(['does not hold', *wrong]) if wrong else 'all holds')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
