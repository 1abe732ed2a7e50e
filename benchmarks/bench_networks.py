"""Networks of many kinds at half of their DSPs, or LUTs where there are none: firmware bit for bit, and its accuracy.

    python -m benchmarks.bench_networks [--only NAME ...] [--data FOLDER]

Networks that are trained here (`network_keras.py`, `network_frameworks.py`) and the models of others in the shared data
(`network_shared.py`), each calibrated with unlabelled inputs. Those whose framework is not in this environment are skipped
with the reason: Keras 2, QKeras and HGQ v1 (package `HGQ` of PyPI) are in one, HGQ2 and Brevitas in another.

Fails where a plan or firmware cannot be made, a budget does not hold, an answer is not that of plain hls4ml with the plan's
weights, or a network loses more points than it may.
"""

import argparse
import logging
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks import DATA, format_table, versions
from benchmarks import network_frameworks as frameworks
from benchmarks import network_keras as keras
from benchmarks import network_shared as shared
from benchmarks.network_cases import NetworkCase
from benchmarks.network_firmware import SHARE, Row, measure

CASES = (*keras.CASES, *frameworks.CASES, *shared.CASES)
logger = logging.getLogger(__name__)


def table_row(row: Row) -> dict[str, str]:
    """One row of the table."""
    n = row.n_samples
    return {
        'network': row.name,
        'kernels pruned': f'{row.n_pruned} of {row.n_kernels}',
        'resource': row.resource,
        'before': f'{row.before:,.0f}',
        'budget': f'{SHARE * row.before:,.0f}',
        'after': f'{row.after:,.0f}',
        'bits equal': f'{n} of {n}' if not row.n_differing else f'{n - row.n_differing} of {n}',
        'float': _shares(row.in_floating_point),
        'firmware': _shares(row.plain),
        'pruned': _shares(row.pruned),
        'agreement': _shares(row.agreement),
        's': f'{row.seconds:.0f}',
    }


def _shares(found: Sequence[float | None]) -> str:
    return ', '.join('-' if share is None else f'{share:.4f}' for share in found)


def violations(row: Row, may_lose: float) -> list[str]:
    """Return the bounds that a network breaks."""
    wrong = []
    if row.n_differing:
        wrong.append(f'{row.n_differing} of {row.n_samples} answers differ from those of plain hls4ml')
    if row.after > SHARE * row.before:
        wrong.append(f'{row.after:,.0f} {row.resource} are more than {SHARE:.0%} of {row.before:,.0f}')
    if not row.n_pruned:
        wrong.append('no kernel was pruned')
    for before, after in zip(row.plain, row.pruned, strict=True):
        if 100 * (before - after) > may_lose:
            wrong.append(f'{100 * (before - after):.1f} points lost, more than {may_lose:.1f}')
    return [f'{row.name}: {text}' for text in wrong]


def run(case: NetworkCase, data: Path) -> tuple[Row | None, list[str]]:
    """Build and measure a network; no row where there is no firmware."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            trained = case.build(data, folder)
            row = measure(case, trained, folder)
        except Exception as error:
            problem = f'{case.name}: {type(error).__name__}: {error}'
            logger.info('%s', problem)
            logger.debug('%s', traceback.format_exc())
            return None, [problem]
    logger.info('%s', row)
    return row, violations(row, case.may_lose)


def chosen_of(only: Sequence[str]) -> list[NetworkCase]:
    """Return the cases whose names have any of such parts, but for those whose framework is not installed."""
    asked = [case for case in CASES if not only or any(part in case.name for part in only)]
    for case in asked:
        if case.missing:
            logger.info('%s is skipped: %s is not installed here', case.name, ', '.join(case.missing))
    return [case for case in asked if not case.missing]


def main() -> int:
    """Log the table and whether all holds."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--only', nargs='+', default=[], metavar='NAME', help='parts of the names of those to run')
    parser.add_argument('--data', type=Path, default=DATA, help='folder with models/ and sets/')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format='%(message)s')
    logger.setLevel(logging.INFO)
    # What a plan warns of, such as layers that keep nothing, is no news here.
    logging.getLogger('hls4ml_hwprune').setLevel(logging.ERROR)
    chosen = chosen_of(arguments.only)
    if not chosen:
        logger.error('there are no such networks for this environment')
        return 1
    started = perf_counter()
    results = [run(case, arguments.data) for case in chosen]
    rows = [table_row(row) for row, _ in results if row is not None]
    wrong = [text for _, broken in results for text in broken]
    if rows:
        logger.info('\n%s\n', format_table(rows, n_left=3))
    logger.info('%s, %.0f s', versions('hls4ml', 'hls4ml_hwprune', 'numpy', 'ortools'), perf_counter() - started)
    logger.info('%s', '; '.join(['does not hold', *wrong]) if wrong else 'all holds')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
