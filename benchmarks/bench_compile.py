"""How long g++ takes over the emitted project, and how much text hls4ml generates for the model.

    python -m benchmarks.bench_compile [--runs 3] [--folder DIR]

Compared with hls4ml's plain Resource strategy and with its `resource_unrolled` one, given the same pruned weights. CPU time
of the project's own build_lib.sh, all children together. Weights are random (seed 0): no data is needed.
"""

import argparse
import io
import logging
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import Weights, format_table, hls_config, random_weights, versions

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

PART = 'xcvu13p-flga2577-2-e'
PRECISION = 'ap_fixed<16,6>'
REUSE_FACTOR = 4
UNPRUNED = 'resource_unrolled, unpruned'
BUDGETS = (0.5, 0.2)
NETWORKS = {'16-64-32-32-5': (16, 64, 32, 32, 5), '64-64': (64, 64)}
PROJECT = 'myproject'
# What hls4ml or this package writes for the model itself; everything else in a project is the same for all models.
GENERATED = (
    'weights/*.h',
    'weights/*.txt',
    'parameters.h',
    'defines.h',
    f'{PROJECT}.cpp',
    f'{PROJECT}.h',
    'nnet_utils/nnet_code_gen.h',
)
# The most that this package allows itself: seconds of plain Resource, seconds of resource_unrolled, text of plain Resource.
MAX_SECONDS, MAX_SECONDS_UNROLLED, MAX_BYTES = 1.3, 0.25, 1.5
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Measurement:
    """One project: how it was made, the median CPU time of its compilation and the bytes of its generated text."""

    network: str
    design: str
    seconds: float
    size: int


def layer_list(weights: Weights) -> list[dict[str, Any]]:
    """Dense layers `fc1`, `fc2`, ... with ReLUs between them and a softmax behind the last, where there are several."""
    first = weights[0][0].shape[0]
    layers: list[dict[str, Any]] = [
        {'class_name': 'InputLayer', 'name': 'x', 'input_shape': [first], 'data_format': 'channels_last'}
    ]
    for number, (weight, bias) in enumerate(weights, 1):
        layers.append(
            {
                'class_name': 'Dense',
                'name': f'fc{number}',
                'n_in': weight.shape[0],
                'n_out': weight.shape[1],
                'weight_data': weight.copy(),
                'bias_data': bias.copy(),
                'weight_quantizer': None,
                'bias_quantizer': None,
                'use_bias': True,
                'activation': 'linear',
            }
        )
        if number < len(weights):
            layers.append({'class_name': 'Activation', 'name': f'relu{number}', 'activation': 'relu'})
    if len(weights) > 1:
        layers.append({'class_name': 'Softmax', 'name': 'softmax', 'activation': 'softmax', 'axis': -1})
    return layers


def write_project(weights: Weights, config: dict[str, Any], folder: Path) -> 'ModelGraph':
    """Convert the network and write its project, without hls4ml's prints."""
    from hls4ml.model.graph import ModelGraph
    from hls4ml.utils.config import create_config

    project = create_config(output_dir=str(folder), project_name=PROJECT, backend='Vitis', part=PART, io_type='io_parallel')
    with redirect_stdout(io.StringIO()):
        model = ModelGraph.from_layer_list(project | {'HLSConfig': config}, layer_list(weights))
        model.write()
    return model


def pruned_weights(weights: Weights, model: 'ModelGraph') -> Weights:
    """Weights with zeros where the plan of `model` prunes."""
    from hls4ml_hwprune import get_plan

    masks = {kernel.layer: kernel.mask.T for kernel in get_plan(model).kernels}
    return [(np.where(masks[f'fc{n}'], weight, np.float32(0)), bias) for n, (weight, bias) in enumerate(weights, 1)]


def text_bytes(folder: Path) -> int:
    """Bytes of the generated files of a project."""
    return sum(path.stat().st_size for pattern in GENERATED for path in (folder / 'firmware').glob(pattern))


def compile_seconds(folder: Path) -> float:
    """CPU seconds, user and system, that build_lib.sh and its children take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(['bash', 'build_lib.sh'], cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_designs(sizes: Sequence[int], folder: Path, budgets: Sequence[float] = BUDGETS) -> dict[str, Path]:
    """Write the projects to compare, by design: plain, resource_unrolled, and for each budget ours and its pruned rival."""
    import hls4ml_hwprune

    weights = random_weights(sizes)
    designs = {'plain Resource': folder / 'plain'}
    write_project(weights, hls_config(PRECISION, REUSE_FACTOR), designs['plain Resource'])
    designs[UNPRUNED] = folder / 'unrolled'
    write_project(weights, hls_config(PRECISION, REUSE_FACTOR, 'Resource_Unrolled'), designs[UNPRUNED])
    for budget in budgets:
        ours, unrolled = f'ours, DSP {budget}x', f'resource_unrolled, DSP {budget}x'
        designs |= {ours: folder / f'ours_{budget}', unrolled: folder / f'unrolled_{budget}'}
        config = hls_config(PRECISION, REUSE_FACTOR)
        hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': f'{budget}x'}, stage='csynth')
        model = write_project(weights, config, designs[ours])
        config = hls_config(PRECISION, REUSE_FACTOR, 'Resource_Unrolled')
        write_project(pruned_weights(weights, model), config, designs[unrolled])
    return designs


def measure(network: str, designs: dict[str, Path], runs: int) -> list[Measurement]:
    """Compile each project `runs` times, in turns, so that a busy machine slows all of them alike."""
    seconds: dict[str, list[float]] = {design: [] for design in designs}
    for _ in range(runs):
        for design, folder in designs.items():
            seconds[design].append(compile_seconds(folder))
    return [Measurement(network, d, median(seconds[d]), text_bytes(folder)) for d, folder in designs.items()]


def unrolled_of(measurements: Sequence[Measurement], ours: Measurement) -> Measurement:
    """Return the resource_unrolled project with the pruned weights of `ours`."""
    return next(m for m in measurements if m.design == ours.design.replace('ours', 'resource_unrolled'))


def violations(measurements: Sequence[Measurement]) -> list[str]:
    """Which of the limits the projects of one network break, in words; the first measurement is the plain one."""
    plain, broken = measurements[0], []
    unpruned = next(m for m in measurements if m.design == UNPRUNED)
    for ours in (m for m in measurements if m.design.startswith('ours')):
        checks = (
            ('time of plain', ours.seconds / plain.seconds, MAX_SECONDS),
            ('time of resource_unrolled', ours.seconds / unpruned.seconds, MAX_SECONDS_UNROLLED),
            (
                'time of resource_unrolled with the same weights',
                ours.seconds / unrolled_of(measurements, ours).seconds,
                MAX_SECONDS_UNROLLED,
            ),
            ('text of plain', ours.size / plain.size, MAX_BYTES),
        )
        broken += [f'{ours.network}, {ours.design}: {r:.2f}x the {what}, more than {m}x' for what, r, m in checks if r > m]
    return broken


def table_rows(measurements: Sequence[Measurement]) -> list[dict[str, str]]:
    """Rows of the table for the projects of one network."""
    plain, unpruned = measurements[0], next(m for m in measurements if m.design == UNPRUNED)
    rows = []
    for m in measurements:
        rival = unrolled_of(measurements, m) if m.design.startswith('ours') else None
        rows.append(
            {
                'network': m.network,
                'design': m.design,
                'CPU s': f'{m.seconds:.2f}',
                '/ plain': f'{m.seconds / plain.seconds:.2f}',
                '/ unrolled': f'{m.seconds / unpruned.seconds:.2f}' if rival else '',
                '/ same weights': f'{m.seconds / rival.seconds:.2f}' if rival else '',
                'text bytes': f'{m.size:,}',
                'text / plain': f'{m.size / plain.size:.2f}',
            }
        )
    return rows


def main() -> None:
    """Measure all networks and log one table."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--runs', type=int, default=3, help='compilations of each project, of which the median counts')
    parser.add_argument('--folder', type=Path, help='keep the projects there instead of in a temporary folder')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    rows, broken = [], []
    with tempfile.TemporaryDirectory() as temporary:
        for network, sizes in NETWORKS.items():
            designs = write_designs(sizes, (arguments.folder or Path(temporary)) / network)
            measurements = measure(network, designs, arguments.runs)
            rows += table_rows(measurements)
            broken += violations(measurements)
        smallest = Path(temporary) / 'smallest'
        write_project(random_weights((1, 1)), hls_config(PRECISION, 1), smallest)
        (floor,) = measure('1-1', {'plain Resource': smallest}, arguments.runs)
    compiler = subprocess.run(['g++', '--version'], check=True, capture_output=True, text=True).stdout.split('\n')[0]
    logger.info('Vitis, io_parallel, %s, RF %d, median of %d\n', PRECISION, REUSE_FACTOR, arguments.runs)
    logger.info('%s\n\n%s, %s', format_table(rows), versions('hls4ml', 'hls4ml_hwprune'), compiler)
    logger.info('a project of one weight: %.2f CPU s, which no design saves', floor.seconds)
    logger.info('limits: %s', '; '.join(broken) or 'all kept')


if __name__ == '__main__':
    main()
