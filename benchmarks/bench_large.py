"""How long a conversion with the flow takes for networks of millions of weights, where the effort of a plan is bounded.

    python -m benchmarks.bench_large

Planning and finishing, without writing and compiling, on random weights (seed 0), in one run each. Needs no TensorFlow.
"""

import io
import logging
import tempfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

from hls4ml.model.graph import ModelGraph
from hls4ml.utils.config import create_config

import hls4ml_hwprune
from benchmarks import format_table, hls_config, layers, random_weights, versions
from benchmarks.bench_compile import PART

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Large:
    """Dense layers with ReLUs between them, a block, and the seconds that a conversion may take.

    Attributes
    ----------
    sizes : tuple of int
    reuse_factor : int
    block : dict
        What stands under `HWPrune`.
    max_seconds : float
    """

    sizes: tuple[int, ...]
    reuse_factor: int
    block: dict[str, Any]
    max_seconds: float


JETS = (16, 64, 32, 32, 5)
CASES = (
    Large((2048,) * 4, 64, {'Budget': {'DSP': '0.5x'}}, 60),
    Large((1024,) * 4, 32, {'Budget': {'DSP': '0.5x'}}, 20),
    Large((1024,) * 4, 32, {'Budget': {'LUT': '0.5x'}}, 30),
    Large((512,) * 4, 32, {'Budget': {'DSP': '0.5x'}, 'ReuseFactor': 'auto'}, 40),
    Large(JETS, 4, {'Budget': {'DSP': '0.5x'}}, 1),
    Large(JETS, 4, {'Budget': {'LUT': '0.5x'}}, 5),
)


def convert(case: Large, folder: Path, pruned: bool) -> ModelGraph:
    """Convert the network of a case, with the flow or without."""
    made = [{'class_name': 'InputLayer', 'name': 'x', 'input_shape': [case.sizes[0]], 'data_format': 'channels_last'}]
    for number, (weights, bias) in enumerate(random_weights(case.sizes), 1):
        made += [layers.dense(f'fc{number}', weights, bias), layers.relu(f'relu{number}')]
    config = hls_config('ap_fixed<16,6>', case.reuse_factor)
    if pruned:
        config['Model']['HWPrune'] = {'Stage': 'csynth', **case.block}
        config['Flows'] = ['vitis:hwprune']
    project = create_config(output_dir=str(folder), project_name='myproject', backend='Vitis', part=PART)
    with redirect_stdout(io.StringIO()):
        return ModelGraph.from_layer_list(project | {'HLSConfig': config}, made[:-1])


def measure(case: Large, folder: Path) -> tuple[dict[str, str], str]:
    """Clock a case: a row of the table, and the limit that it breaks, if it does."""
    started = perf_counter()
    convert(case, folder, pruned=False)
    plain = perf_counter() - started
    started = perf_counter()
    plan = hls4ml_hwprune.get_plan(convert(case, folder, pruned=True))
    seconds = perf_counter() - started
    row = {
        'network': '-'.join(map(str, case.sizes)),
        'block': ', '.join(f'{key} {value}' for key, value in case.block.items()),
        'RF': str(case.reuse_factor),
        'weights': f'{sum(a * b for a, b in pairwise(case.sizes)):,}',
        'importance %': f'{plan.percent_kept:.1f}',
        'status': plan.status,
        'plain s': f'{plain:.1f}',
        'with the flow s': f'{seconds:.1f}',
        'limit s': f'{case.max_seconds:g}',
    }
    broken = f'{row["network"]}, {row["block"]}: {seconds:.1f} s' if seconds > case.max_seconds else ''
    return row, broken


def main() -> None:
    """Measure all cases and log their table."""
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    with tempfile.TemporaryDirectory() as temporary:
        # The first conversion of a process pays for imports.
        measure(Large((8, 4, 2), 2, {'Budget': {'DSP': '0.5x'}}, 60), Path(temporary))
        found = [measure(case, Path(temporary)) for case in CASES]
    logger.info('%s\n', format_table([row for row, _ in found]))
    logger.info('%s', versions('hls4ml', 'hls4ml_hwprune', 'ortools', 'numpy'))
    logger.info('limits: %s', '; '.join(broken for _, broken in found if broken) or 'all kept')


if __name__ == '__main__':
    main()
