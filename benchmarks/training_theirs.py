"""hls4ml's own `dsp_aware_pruning` beside this package: the same network, data, loss and optimizer.

    python -m benchmarks.training_theirs [--cases NAME ...] [--least SHARE ...] [--epochs N] [--tuner Manual] [--json FILE]

Theirs prunes until the validation metric is below a share of what it was, and gives back the last network that was not.
Its DSPs are those of the slots that are not zero, packed as they assume (`aligned`), converted with this package, which
drops zero slots for nothing. Ours then gets 0.7 of these DSPs, and no more epochs: at equal accuracy that is 30 % less.
Fails where ours has less accuracy, mean of all, on the test data or on the validation data.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks import DATA, format_table, versions
from benchmarks.bench_training import Result, convert, measure, result_of
from benchmarks.training_cases import Case, Task, cases

logger = logging.getLogger(__name__)
# Share of the DSPs that ours gets, and its plans.
_LESS, _STEPS = 0.7, 6
_REWINDING = 1
_ACCURACIES = ('pruned', 'held_out')
# Of sums of the same accuracies in another order.
_EQUAL = 1e-9


def _make_serialisable() -> None:
    """Give Keras 2.14 the name of a structure in place of the enumeration, which it refuses to write."""
    from hls4ml.optimization.dsp_aware_pruning.keras.regularizers import Conv2DRegularizer, DenseRegularizer

    for regularizer in (DenseRegularizer, Conv2DRegularizer):
        own = regularizer.get_config

        def written(self: Any, own: Callable[[Any], dict[str, Any]] = own) -> dict[str, Any]:
            return {**own(self), 'structure_type': self.structure_type.value}

        regularizer.get_config = written


@dataclass(frozen=True)
class Theirs:
    """What `dsp_aware_pruning` is given.

    Attributes
    ----------
    steps, epochs : int
        Sparsities that it tries, and epochs at each, one of them without masks.
    least : float
        Share of the validation metric that is to be kept.
    tuner : str
        'Manual': one strength of the regularisation; 'Bayesian': ten trials for each layer's, of half the epochs.
    """

    steps: int
    epochs: int
    least: float
    tuner: str

    def prune(self, task: Task, case: Case, folder: Path) -> tuple[Any, float]:
        """Return the network that it gives back, and the seconds that it took."""
        from hls4ml.optimization.dsp_aware_pruning import optimize_keras_model_for_hls4ml
        from hls4ml.optimization.dsp_aware_pruning.objectives.vivado_objectives import VivadoDSPEstimator
        from hls4ml.optimization.dsp_aware_pruning.scheduler import PolynomialScheduler
        from tensorflow import keras

        config = case.config(task.model)
        # It reads a precision of every layer, even where that is the model's.
        names = {
            layer.name: {'Precision': {}, **config.get('LayerName', {}).get(layer.name, {})} for layer in task.model.layers
        }
        started = perf_counter()
        model = optimize_keras_model_for_hls4ml(
            task.model,
            {**config, 'IOType': case.io_type, 'LayerName': names},
            VivadoDSPEstimator,
            PolynomialScheduler(self.steps, final_sparsity=0.98),
            *task.train,
            *task.validation,
            case.options.get('batch_size', 64),
            self.epochs,
            keras.optimizers.Adam(case.learning_rate),
            keras.losses.get(task.loss),
            keras.metrics.CategoricalAccuracy(),
            True,
            self.least,
            rewinding_epochs=_REWINDING,
            directory=str(folder),
            tuner=self.tuner,
            regularization_range=[1e-5, 1e-4, 1e-3] if self.tuner != 'Manual' else [1e-5],
        )
        return model, perf_counter() - started

    @property
    def total_epochs(self) -> int:
        """Passes over the data at most."""
        searched = 10 * (self.epochs // 2) if self.tuner == 'Bayesian' else 0
        return searched + self.steps * self.epochs


def measure_theirs(theirs: Theirs, case: Case, data: Path) -> Result:
    """Prune with `dsp_aware_pruning`, and run the firmware of what it gives back."""
    import hls4ml_hwprune

    task = case.task(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dense = hls4ml_hwprune.evaluate(convert(task, case, case.config(task.model), folder / 'dense'), *task.test)
        model, seconds = theirs.prune(task, case, folder / 'theirs')
        config = case.config(model)
        # Nothing is short: only what is zero goes.
        hls4ml_hwprune.enable(
            config, backend='Vitis', budget={'DSP': '1x'}, packing='aligned', importance='l1', stage='csynth'
        )
        sparse = convert(replace(task, model=model), case, config, folder / 'sparse')
        return result_of(case, task, dense, sparse, hls4ml_hwprune.get_plan(sparse).before, seconds)


def ours_for(case: Case, theirs: Theirs, found: Result) -> Case:
    """Return the case with less DSPs than theirs came to, and no more epochs."""
    # Half of the epochs after the last plan, the others in equal parts before it.
    epochs = max(1, theirs.total_epochs // (2 * (_STEPS - 1)))
    options = {
        'steps': _STEPS,
        'epochs': epochs,
        'settling_steps': 0,
        'last_epochs': theirs.total_epochs - (_STEPS - 1) * epochs,
        'batch_size': case.options['batch_size'],
        'tolerance': 1.0,
    }
    return replace(case, budget={'DSP': f'{_LESS * found.dsp}x'}, options=options)


def rows(pairs: Sequence[tuple[Result, Result]]) -> list[dict[str, str]]:
    """Return the table, theirs above ours."""
    return [
        {
            'network': result.case.rpartition(': ')[2],
            'by': who,
            'accuracy': f'{result.pruned:.4f}',
            'points lost': f'{result.lost:.2f}',
            'on held-out data': f'{result.held_out:.4f}',
            'share of the DSPs': f'{result.dsp:.3f}',
            'seconds': f'{result.seconds:.0f}',
        }
        for pair in pairs
        for who, result in zip(('dsp_aware_pruning', 'hls4ml_hwprune'), pair, strict=True)
    ]


def main() -> int:
    """Log the table."""
    known = cases()
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--data', type=Path, default=DATA, help='folder with models/ and sets/')
    parser.add_argument('--cases', nargs='+', metavar='NAME', default=['own answers, RF 4, 8%'], help='parts of names')
    parser.add_argument('--steps', type=int, default=8, help='sparsities that theirs tries')
    parser.add_argument('--epochs', type=int, default=10, help='for each of them')
    parser.add_argument(
        '--least', type=float, nargs='+', default=[0.97, 0.95], help='shares of the validation metric that theirs is to keep'
    )
    parser.add_argument('--tuner', default='Manual', choices=['Manual', 'Bayesian', 'Hyperband'])
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results')
    arguments = parser.parse_args()
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    _make_serialisable()
    pairs = []
    for name, case in known.items():
        for least in arguments.least if any(part in name for part in arguments.cases) else ():
            theirs = Theirs(arguments.steps, arguments.epochs, least, arguments.tuner)
            found = measure_theirs(theirs, case, arguments.data)
            pairs.append((found, measure(ours_for(case, theirs, found), arguments.data)))
            logger.info('\n%s\n', format_table(rows(pairs)))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([[asdict(result) for result in pair] for pair in pairs], indent=1) + '\n')
    logger.info('%s', versions('hls4ml', 'tensorflow', 'numpy'))
    better = [np.mean([getattr(ours, name) - getattr(found, name) for found, ours in pairs]) for name in _ACCURACIES]
    most = max(ours.dsp / found.dsp for found, ours in pairs)
    logger.info('ours less theirs, mean of %d: %s points', len(pairs), ', '.join(f'{100 * points:.2f}' for points in better))
    logger.info('ours has at most %.2f of their DSPs', most)
    return 1 if min(better) < -_EQUAL or most > _LESS else 0


if __name__ == '__main__':
    sys.exit(main())
