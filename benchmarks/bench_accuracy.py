"""Accuracy of compiled firmware after pruning to a share of the DSPs, without labels and without training.

    python -m benchmarks.bench_accuracy [--cases NAME ...] [--reuse-factors N ...] [--shares X ...] [--methods NAME ...]
        [--samples N] [--real-jets] [--jobs 2] [--json FILE] [--plot FILE] [--check]

Jet taggers trained by others, MLPs and a LeNet trained here (`benchmarks/trained.py`), an SVHN CNN: ap_fixed<16,6>, dense
layers Resource. All DSPs of a design count, those of batch normalisation and softmax too. The softmax is kept: its table
makes ties of 1 % of the classes, which moved the accuracy of no dense firmware by more than 0.6 points.

Fails where a bound of `benchmarks/accuracy_results.py` does not hold, among those for which something was measured.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

from benchmarks import DATA, format_table, versions
from benchmarks.accuracy_figure import save_figure
from benchmarks.accuracy_firmware import Method, measure
from benchmarks.accuracy_networks import Case, cases
from benchmarks.accuracy_results import BOUNDS, CALIBRATED, ONE_SHOT, Result, Setting, mean_rows, table_row, violations

METHODS = {
    ONE_SHOT: Method({'packing': 'aligned', 'importance': 'l1'}, calibrated=False),
    CALIBRATED: Method(),
    'calibrated, paired': Method({'slot_width': 'auto'}),
    'calibrated, aligned': Method({'packing': 'aligned'}),
    'calibrated, permuted': Method({'packing': 'permuted'}),
}
# What --check runs: nothing is trained for it.
CHECK_CASES, CHECK_SAMPLES = ('jets hector', 'mnist qkeras'), 500
logger = logging.getLogger(__name__)


def settings_of(case: Case, reuse_factors: Sequence[int] | None, shares: Sequence[float] | None) -> list[Setting]:
    """Return those that have bounds, or all combinations of what was asked for."""
    bounded = list(BOUNDS[case.group])
    if reuse_factors is None and shares is None:
        return bounded
    reuse_factors = reuse_factors or [reuse_factor for reuse_factor, _ in bounded]
    shares = shares or [share for _, share in bounded]
    return list(dict.fromkeys((reuse_factor, share) for reuse_factor in reuse_factors for share in shares))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--data', type=Path, default=DATA, help='folder with models/ and sets/')
    parser.add_argument('--cases', nargs='+', metavar='NAME', default=[''], help=f'parts of names: {", ".join(cases())}')
    parser.add_argument('--reuse-factors', nargs='+', type=int, metavar='N', help='default: those that have bounds')
    parser.add_argument('--shares', nargs='+', type=float, metavar='X', help='of the DSPs; default: those that have bounds')
    parser.add_argument(
        '--methods', nargs='*', choices=METHODS, metavar='NAME', default=[ONE_SHOT, CALIBRATED], help=', '.join(METHODS)
    )
    parser.add_argument('--samples', type=int, metavar='N', help='inputs to calibrate with')
    parser.add_argument('--real-jets', action='store_true', help='calibrate with 300 of the real jets, test on the others')
    parser.add_argument('--jobs', type=int, default=2, help='cases that are measured at the same time')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results')
    parser.add_argument('--plot', type=Path, metavar='FILE', help='draw losses over shares')
    parser.add_argument('--check', action='store_true', help='two small networks at one setting each, in a minute')
    return parser.parse_args()


def measure_all(arguments: argparse.Namespace) -> list[Result]:
    """Measure what the command line asks for, several cases at a time."""
    known = cases(arguments.real_jets).values()
    methods = {name: METHODS[name] for name in arguments.methods}
    n_samples = CHECK_SAMPLES if arguments.check and arguments.samples is None else arguments.samples
    with ProcessPoolExecutor(arguments.jobs) as pool:
        futures = []
        for case in known:
            settings = settings_of(case, arguments.reuse_factors, arguments.shares)
            if arguments.check:
                settings = [s for s in settings if s[0] == 4][:1]
            wanted = case.name in CHECK_CASES if arguments.check else any(part in case.name for part in arguments.cases)
            if wanted:
                futures.append(pool.submit(measure, case, settings, methods, arguments.data, n_samples))
        return [result for future in futures for result in future.result()]


def main() -> int:
    """Log the tables and whether the bounds hold."""
    # Loaded with hls4ml, for other networks than these.
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    arguments = parse()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logging.getLogger('benchmarks').setLevel(logging.INFO)
    logger.setLevel(logging.INFO)
    # What a plan warns of, such as layers that keep nothing, is no news here.
    logging.getLogger('hls4ml_hwprune').setLevel(logging.ERROR)
    if not arguments.data.is_dir():
        logger.error('there is no folder %s', arguments.data)
        return 1
    started = perf_counter()
    results = measure_all(arguments)
    if not results:
        logger.error('there are no such cases')
        return 1
    logger.info('\n%s\n', format_table([table_row(result) for result in results]))
    if means := mean_rows(results):
        logger.info('points lost, mean over the networks\n\n%s\n', format_table(means, n_left=1))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([result.plain() for result in results], indent=1) + '\n')
    if arguments.plot is not None:
        save_figure(results, arguments.plot)
    logger.info('%s, %.0f s', versions('hls4ml', 'numpy', 'ortools'), perf_counter() - started)
    wrong = violations(results)
    logger.info('%s', '\n'.join(['does not hold:', *wrong]) if wrong else 'all holds')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
