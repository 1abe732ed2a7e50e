"""Hold the resource model against real reports: DSP, BRAM, LUT, FF, latency and interval, by strategy and stage.

    python -m benchmarks.bench_model [folder with the CSV files of shared/data/synthesis] [--rule4ml <python>]

Rows are linked to a config, free of custom kernels and of forced bindings. One line a quantity: number of rows, share exact,
median and 90th percentile of the relative error; the same rows under the plain formula (DSP = n_in * n_out / RF), and, where
its inputs allow, under rule4ml 0.2.0, run by the interpreter of an environment that has it (GPL-3.0: not a dependency of
this package). Needs pandas.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import DATA
from benchmarks.model_checks import Check, all_checks
from benchmarks.rule4ml_rows import predict
from benchmarks.stage_ratios import synthesis_factors
from hls4ml_hwprune.resources.logic import coefficients

logger = logging.getLogger(__name__)
# Reports show 0 LUTs or FFs now and then: errors of those are relative to at least this many.
_CLOSE = 0.05
FLOOR = {'LUT': 50.0, 'FF': 50.0}


def errors(check: Check, predicted: np.ndarray) -> np.ndarray:
    """Relative errors of one check."""
    return np.asarray(np.abs(predicted - check.reported) / np.maximum(check.reported, FLOOR.get(check.quantity, 1.0)))


def summary(check: Check, predicted: np.ndarray | None) -> str:
    """Rows, median and 90th percentile; dashes where nothing was predicted."""
    if predicted is None or not np.isfinite(predicted).any():
        return f'{"-":>6} {"-":>8} {"-":>8}'
    known = np.isfinite(predicted)
    error = errors(check, predicted)[known]
    return f'{known.sum():6d} {np.median(error):8.3f} {np.quantile(error, 0.9):8.3f}'


def log_table(checks: Sequence[Check]) -> None:
    """Log one line a check."""
    logger.info('%-42s %-8s %6s %5s %8s %8s %8s %8s %8s | %-24s | %s', *[''] * 9, 'plain formula', 'rule4ml')
    columns = (
        'family',
        'quantity',
        'rows',
        'repos',
        'exact',
        '+-1',
        '+-5 %',
        'median',
        'p90',
        *2 * ('rows', 'median', 'p90'),
    )
    logger.info('%-42s %-8s %6s %5s %8s %8s %8s %8s %8s | %6s %8s %8s | %6s %8s %8s', *columns)
    for check in checks:
        difference = np.abs(np.round(check.predicted) - check.reported)
        close = errors(check, np.round(check.predicted)) <= _CLOSE
        shares = [100 * np.mean(share) for share in (difference == 0, difference <= 1, close)]
        ours = summary(check, check.predicted)[7:]
        logger.info(
            '%-42s %-8s %6d %5s %6.1f %% %6.1f %% %6.1f %% %s | %s | %s',
            check.family,
            check.quantity,
            check.reported.size,
            '-' if check.rows is None else check.rows['source_repo'].nunique(),
            *shares,
            ours,
            summary(check, check.plain),
            summary(check, check.other),
        )


def log_across_repositories() -> None:
    """Log the errors of fitted formulas on repositories that were left out of the fit."""
    for name, model in coefficients().items():
        for quantity in ('lut', 'ff'):
            median, most = (model[quantity].get(f'cross_validated_{which}_error') for which in ('median', 'p90'))
            if median is not None:
                told = name, quantity.upper(), model['rows'], model['repositories'], median, most
                logger.info('across repositories: %s %s, %d rows of %d: median %.3f, p90 %.3f', *told)


def main() -> int:
    """Print the tables; 1 if there is no data."""
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', nargs='?', type=Path, default=DATA / 'synthesis')
    parser.add_argument('--rule4ml', type=Path, help='interpreter of an environment with rule4ml')
    arguments = parser.parse_args()
    if not arguments.folder.exists():
        logger.error('there is no synthesis data in %s', arguments.folder)
        return 1
    checks = all_checks(arguments.folder)
    if arguments.rule4ml is not None:
        checks = predict(checks, arguments.rule4ml)
    log_table(checks)
    log_across_repositories()
    logger.info('logic synthesis against HLS reports, medians: LUT %.2f, FF %.2f', *synthesis_factors(arguments.folder))
    return 0


if __name__ == '__main__':
    sys.exit(main())
