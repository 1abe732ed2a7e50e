"""Accuracy of trained jet taggers whose weights moved to cheaper codes (`Packing: snapped`), by their compiled firmware.

    python -m benchmarks.bench_snapping [--data DIRECTORY]

Four networks 16-64-32-32-5 by others, ap_fixed<16,6>, Latency, reuse factor 1, on 700 real jets: one jet is 0.14 points.
Besides: the design as it is, pruning alone (`aligned`) within the same budgets, and every weight rounded to the nearest code
of two signed digits. Softmax is left out, as it does not change the class. Fails unless snapping loses at most 0.5 points at
0.2x DSP and 1 point without any DSP, on average over the networks, for at most 1.2x LUT each.
"""

import argparse
import io
import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks import DATA, Weights, format_table, hls_config, versions
from benchmarks.bench_compile import PART, PRECISION, layer_list
from hls4ml_hwprune.resources import Resources

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

NETWORKS = {
    'hector': 'jet_mlp_float_hector.h5',
    'nrp': 'jet_mlp_float_nrp.h5',
    'pruned75 hector': 'jet_mlp_float_pruned75_hector.h5',
    'pruned lrozzy 2.1': 'jet_mlp_float_pruned_lrozzy_2.1.h5',
}
MAX_LUT = 1.2
DENSE, ROUNDED = 'dense', 'nearest two-digit codes'
# Design: packing, bound on the DSPs, and the points that may be lost on average.
DESIGNS: dict[str, tuple[str, str | int, float]] = {
    'snapped, DSP 0.2x': ('snapped', '0.2x', 0.5),
    'aligned, DSP 0.2x': ('aligned', '0.2x', np.inf),
    'snapped, DSP 0': ('snapped', 0, 1.0),
    'aligned, DSP 0': ('aligned', 0, np.inf),
}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """One design of a network; `seconds` are those of conversion and planning."""

    network: str
    design: str
    accuracy: float
    used: Resources
    seconds: float | None = None


def read_weights(path: Path) -> Weights:
    """Kernels (n_in, n_out) and biases of the dense layers of a Keras file, in the order in which they fit together."""
    import h5py  # type: ignore[import-untyped]

    found: dict[str, NDArray[np.float32]] = {}

    def visit(name: str, item: object) -> None:
        # Optimisers save moments under the same names.
        if isinstance(item, h5py.Dataset) and not name.startswith('optimizer'):
            found[name] = np.asarray(item, np.float32)

    with h5py.File(path) as file:
        file.visititems(visit)
    pairs = [(found[name], found[name.replace('kernel:0', 'bias:0')]) for name in found if name.endswith('kernel:0')]
    ordered, n_in = [], 16
    while pairs:
        # Square kernels before those that lead on.
        fitting = [i for i, (kernel, _) in enumerate(pairs) if kernel.shape[0] == n_in]
        chosen = min(fitting, key=lambda i: pairs[i][0].shape[1] != n_in)
        ordered.append(pairs.pop(chosen))
        n_in = ordered[-1][0].shape[1]
    return ordered


def convert(weights: Weights, folder: Path, packing: str = '', dsp: str | int = 0) -> 'ModelGraph':
    """Convert a network, within a budget where a packing is given."""
    from hls4ml.model.graph import ModelGraph
    from hls4ml.utils.config import create_config

    import hls4ml_hwprune

    config = hls_config(PRECISION, 1, 'Latency')
    if packing:
        budget = {'DSP': dsp, 'LUT': f'{MAX_LUT}x'}
        hls4ml_hwprune.enable(config, backend='Vitis', budget=budget, packing=packing, stage='csynth')
    project = create_config(output_dir=str(folder), project_name='myproject', backend='Vitis', part=PART)
    # Without the softmax, which has DSPs of its own.
    return ModelGraph.from_layer_list(project | {'HLSConfig': config}, layer_list(weights)[:-1])


def round_weights(model: 'ModelGraph') -> None:
    """Give every weight of a plain model the nearest code that needs no DSP."""
    from hls4ml_hwprune.host.graph import read_layers
    from hls4ml_hwprune.host.node.weights import set_weights
    from hls4ml_hwprune.selection.constant_codes import free_codes, neighbours

    for kernel in (kernel for layer in read_layers(model) for kernel in layer.kernels):
        low, high = neighbours(kernel.codes, free_codes(kernel))
        nearest = np.where(kernel.codes - low <= high - kernel.codes, low, high)
        node = model.graph[kernel.layer]
        set_weights(node, nearest * 2.0 ** -node.weights['weight'].type.precision.fractional)


def measure(name: str, weights: Weights, x: NDArray, y: NDArray, folder: Path) -> list[Result]:
    """Build, compile and run all designs of a network."""
    import hls4ml_hwprune

    results = []
    for number, design in enumerate((DENSE, *DESIGNS, ROUNDED)):
        packing, dsp, _ = DESIGNS.get(design, ('', 0, np.inf))
        with redirect_stdout(io.StringIO()):
            started = perf_counter()
            model = convert(weights, folder / str(number), packing, dsp)
            seconds = perf_counter() - started if packing else None
            if design == ROUNDED:
                round_weights(model)
            model.compile()
            accuracy = float((np.argmax(model.predict(x), axis=1) == y).mean())
        results.append(Result(name, design, accuracy, hls4ml_hwprune.estimate(model, 'csynth').total, seconds))
    return results


def table_rows(results: Sequence[Result]) -> list[dict[str, str]]:
    """Rows for the table; loss and shares refer to the first result, the dense design."""
    dense = results[0]
    return [
        {
            'network': result.network,
            'design': result.design,
            'accuracy': f'{result.accuracy:.4f}',
            'loss, points': f'{100 * (dense.accuracy - result.accuracy):.2f}',
            'DSP': f'{result.used.dsp:.0f}',
            'DSP share': f'{result.used.dsp / dense.used.dsp:.2f}',
            'LUT share': f'{result.used.lut / dense.used.lut:.2f}',
            'planning, s': '-' if result.seconds is None else f'{result.seconds:.1f}',
        }
        for result in results
    ]


def mean_losses(networks: Sequence[Sequence[Result]]) -> dict[str, float]:
    """Points that each design loses on average over the networks, each of which has its dense design first."""
    designs = [result.design for result in networks[0]]
    return {d: float(np.mean([100 * (rs[0].accuracy - rs[i].accuracy) for rs in networks])) for i, d in enumerate(designs)}


def violations(networks: Sequence[Sequence[Result]]) -> list[str]:
    """Return what does not hold."""
    means = mean_losses(networks)
    wrong = [
        f'{design} loses {means[design]:.2f} points on average, more than {most}'
        for design, (_, _, most) in DESIGNS.items()
        if means[design] > most
    ]
    shares = [(result, result.used.lut / results[0].used.lut) for results in networks for result in results]
    snapped = [(result, share) for result, share in shares if result.design.startswith('snapped')]
    return wrong + [f'{r.network}: {r.design} takes {share:.2f}x LUT' for r, share in snapped if share > MAX_LUT]


def main() -> int:
    """Log the table, the mean losses and whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--data', type=Path, default=DATA, help='folder with models/ and sets/')
    folder = parser.parse_args().data
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    jets, paths = folder / 'sets' / 'jets_hlf_700.npz', {n: folder / 'models' / file for n, file in NETWORKS.items()}
    absent = [str(path) for path in (jets, *paths.values()) if not path.is_file()]
    if absent:
        logger.error('there is no %s', ', no '.join(absent))
        return 1
    with np.load(jets) as data:
        x, y = np.ascontiguousarray(data['X'], np.float32), data['y']
    with tempfile.TemporaryDirectory() as scratch:
        networks = [measure(name, read_weights(path), x, y, Path(scratch) / name) for name, path in paths.items()]
    logger.info('%s\n', versions('hls4ml', 'numpy', 'ortools'))
    logger.info('%s\n', format_table([row for results in networks for row in table_rows(results)]))
    for design, loss in mean_losses(networks).items():
        logger.info('%s: %.2f points lost on average', design, loss)
    wrong = violations(networks)
    logger.info('%s', '; '.join(['limits do not hold', *wrong]) if wrong else 'all limits hold')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
