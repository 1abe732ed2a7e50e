"""Accuracy of compiled firmware after pruning with training.

    python -m benchmarks.bench_training [--cases NAME ...] [--jobs 2] [--json FILE]

Jet taggers trained by others, LeNet on Fashion-MNIST and a QKeras MLP on MNIST trained here; figures are those of the
firmware, in C simulation, on test data that nothing was trained on. Fails where more accuracy is lost than
`training_cases` allows.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import DATA, format_table, versions
from benchmarks.training_cases import Case, Task, cases

if TYPE_CHECKING:
    from hls4ml_hwprune.evaluation import Evaluation
    from hls4ml_hwprune.resources import Resources

logger = logging.getLogger(__name__)
_THREADS = ('OMP_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS')


@dataclass(frozen=True)
class Result:
    """What came of a case: shares of what the design took before, seconds of training.

    `dense` and `pruned` are accuracies of the firmware on test data, `held_out` is that of the pruned one on the validation
    data: more of them, but of the training data's kind, and plans were chosen by them.
    """

    case: str
    group: str
    dense: float
    pruned: float
    held_out: float
    slots: float
    dsp: float
    bram: float
    lut: float
    seconds: float

    @property
    def lost(self) -> float:
        """Points of accuracy."""
        return 100 * (self.dense - self.pruned)


def convert(task: Task, case: Case, config: dict[str, Any], folder: Path) -> Any:
    """Convert the network of a case."""
    import hls4ml

    return hls4ml.converters.convert_from_keras_model(
        task.model, hls_config=config, backend='Vitis', io_type=case.io_type, output_dir=str(folder)
    )


def measure(case: Case, data: Path = DATA) -> Result:
    """Prune and train the network of a case, and run its firmware before and after."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    from tensorflow import keras

    import hls4ml_hwprune
    from hls4ml_hwprune.training import TrainingOptions, prune

    task = case.task(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dense = hls4ml_hwprune.evaluate(convert(task, case, case.config(task.model), folder / 'dense'), *task.test)
        config = case.config(task.model)
        hls4ml_hwprune.enable(config, backend='Vitis', budget=case.budget, stage='csynth')
        started = perf_counter()
        result = prune(
            task.model,
            task.train,
            config=config,
            backend='Vitis',
            validation=task.validation,
            io_type=case.io_type,
            loss=task.loss,
            optimizer=keras.optimizers.Adam(case.learning_rate),
            options=TrainingOptions(**case.options),
            folder=folder / 'training',
        )
        seconds = perf_counter() - started
        sparse = convert(task, case, result.config, folder / 'sparse')
        return result_of(case, task, dense, sparse, result.plan.before, seconds)


def result_of(case: Case, task: Task, dense: 'Evaluation', sparse: Any, before: 'Resources', seconds: float) -> Result:
    """Measure the firmware of a pruned network; `before` is what its design took unpruned."""
    import hls4ml_hwprune

    plan = hls4ml_hwprune.get_plan(sparse)
    slots = sum(kernel.n_kept for kernel in plan.kernels) / sum(kernel.n_slots for kernel in plan.kernels)
    used = {name: getattr(plan.after, name) / max(getattr(before, name), 1) for name in ('dsp', 'bram18', 'lut')}
    pruned = hls4ml_hwprune.evaluate(sparse, *task.test).accuracy
    held_out = hls4ml_hwprune.evaluate(sparse, task.validation[0], task.validation[1].argmax(axis=1)).accuracy
    assert dense.accuracy is not None and pruned is not None and held_out is not None
    found = (dense.accuracy, pruned, held_out, slots, used['dsp'], used['bram18'], used['lut'], seconds)
    return Result(case.name, case.group, *found)


def table(results: Sequence[Result], known: dict[str, Case]) -> tuple[str, list[str]]:
    """Return the table of the groups, and those that lost too much."""
    rows, wrong = [], []
    for group in dict.fromkeys(result.group for result in results):
        members = [result for result in results if result.group == group]
        lost, most = np.mean([result.lost for result in members]), known[members[0].case].most_lost
        if lost > most:
            wrong.append(f'{group}: {lost:.2f} points, at most {most:.2f}')
        mean = {
            name: np.mean([getattr(result, name) for result in members])
            for name in ('held_out', 'slots', 'dsp', 'bram', 'lut')
        }
        rows.append(
            {
                'networks': group,
                'points lost': f'{lost:.2f}',
                'each': ', '.join(f'{result.lost:.2f}' for result in members),
                'may lose': f'{most:.1f}',
                **{name: f'{value:.3f}' for name, value in mean.items()},
                'training, s': f'{np.mean([result.seconds for result in members]):.0f}',
            }
        )
    return format_table(rows, n_left=1), wrong


def main() -> int:
    """Log the table and whether the bounds hold."""
    known = cases()
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--data', type=Path, default=DATA, help='folder with models/ and sets/')
    parser.add_argument('--cases', nargs='+', metavar='NAME', default=[''], help='parts of names')
    parser.add_argument('--jobs', type=int, default=2, help='cases at the same time')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    wanted = [case for name, case in known.items() if any(part in name for part in arguments.cases)]
    if not arguments.data.is_dir() or not wanted:
        logger.error('there is no folder %s, or no such case', arguments.data)
        return 1
    os.environ.update({name: '1' for name in _THREADS if arguments.jobs > 1})
    # TensorFlow does not survive a fork.
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context('spawn')) as pool:
        results = []
        for future in [pool.submit(measure, case, arguments.data) for case in wanted]:
            results.append(future.result())
            logger.info('%s', results[-1])
    text, wrong = table(results, known)
    logger.info('\n%s\n', text)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + '\n')
    logger.info('%s', versions('hls4ml', 'tensorflow', 'numpy'))
    logger.info('%s', '\n'.join(['does not hold:', *wrong]) if wrong else 'all holds')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
