"""Fit the LUTs and FFs of the RTL twins in `twins.csv`, and compare the packings.

    python -m benchmarks.rtl.fit_rtl [--twins benchmarks/rtl/twins.csv]

LUT = a * bits * blocks + b * (terms - live outputs) * (product bits + 1) + c * live outputs * accumulator bits
      + d * gated terms * product bits + e * multiplexers with a table * log2(RF) + f

`blocks` are LUT6s a bit of all multiplexers (`placement.blocks`), `terms` the summands of all outputs: one a kept slot,
unless slots serve several outputs, whose terms are gated. At logic synthesis: not comparable with HLS reports.
"""

import argparse
import csv
import logging
from collections.abc import Mapping, Sequence
from math import ceil, log2
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import format_table
from benchmarks.rtl.bench_rtl import TWINS

PARTS = ('mux', 'adder tree', 'accumulator')
TERMS = ('multiplexers', 'adders', 'accumulators', 'gates', 'selects', 'constant')
WAYS = ('permuted', 'random', 'crude', 'shared')
KEY = ('n_in', 'n_out', 'RF', 'bits', 'accum_bits', 'n_kept')
TwinRow = Mapping[str, str]
logger = logging.getLogger(__name__)


def read(path: Path) -> list[TwinRow]:
    """Read the kernels of the table, without single parts."""
    with path.open(newline='') as file:
        return [row for row in csv.DictReader(file) if row['packing'] not in PARTS]


def terms(row: TwinRow) -> list[float]:
    """Return what each coefficient multiplies: LUTs as counted by hand."""
    bits, accum, kept, summands, live = (int(row[k]) for k in ('bits', 'accum_bits', 'n_kept', 'terms', 'live_outputs'))
    product = min(2 * bits, accum)
    # One more bit a sum, unless the accumulator has no more.
    adders = (summands - live) * min(product + 1, accum)
    # Where each slot of an output stops and starts with the cycle, every one of its terms is let in by a LUT a bit.
    gates = summands * product if summands > kept else 0
    # A multiplexer with a leg a cycle is driven by the counter itself, others by a table.
    rf, muxes = int(row['RF']), int(row['multiplexers'])
    selects = muxes * ceil(log2(rf)) if int(row['legs']) < muxes * rf else 0
    return [bits * int(row['blocks']), adders, live * accum, gates, selects, 1]


def fit(rows: Sequence[TwinRow], column: str = 'LUT') -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least squares on relative errors; return the coefficients and the relative error of each row."""
    measured = np.array([float(row[column]) for row in rows])
    matrix = np.array([terms(row) for row in rows])
    coefficients = np.linalg.lstsq(matrix / measured[:, None], np.ones(len(rows)), rcond=None)[0]
    return coefficients, matrix @ coefficients / measured - 1


def ratios(rows: Sequence[TwinRow]) -> list[dict[str, str]]:
    """LUTs of each way against `aligned` with as many slots kept."""
    cells = {(*(row[k] for k in KEY), row['cycles'] or row['packing']): int(row['LUT']) for row in rows}
    table = []
    for *key, way in cells:
        if way == 'aligned' and any((*key, other) in cells for other in WAYS):
            row = dict(zip(KEY, key, strict=True)) | {'aligned LUT': f'{cells[(*key, way)]:,}'}
            for other in WAYS:
                found = cells.get((*key, other))
                row[other] = f'{found / cells[(*key, way)]:.2f}' if found else ''
            table.append(row)
    return table


def main() -> None:
    """Log coefficients, errors and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--twins', type=Path, default=TWINS, help='table that bench_rtl wrote')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    rows = read(arguments.twins)
    coefficients, errors = fit(rows)
    logger.info('LUT over %d kernels:', len(rows))
    for name, value in zip(TERMS, coefficients, strict=True):
        logger.info('  %-12s %8.3f', name, value)
    logger.info('  error: median %.2f %%, at most %.2f %%', 100 * np.median(np.abs(errors)), 100 * np.abs(errors).max())
    by_hand = np.array([sum(terms(row)[:4]) / float(row['LUT']) for row in rows]) - 1
    logger.info(
        '  counted by hand (1, 1, 1, 1, 0, 0): median %.2f %%, at most %.2f %%',
        100 * np.median(np.abs(by_hand)),
        100 * np.abs(by_hand).max(),
    )
    # The tool may register the tables of the multiplexers behind the counter: at most a register for each of their bits.
    left = np.array([int(row['FF']) - int(row['live_outputs']) * int(row['accum_bits']) for row in rows])
    tables = np.array([terms(row)[4] for row in rows]) > 0
    for name, some in (('without tables', left[~tables]), ('with tables', left[tables])):
        if len(some):
            logger.info('FF = live outputs * accumulator bits + %d to %d %s', some.min(), some.max(), name)
    logger.info('\nLUTs against aligned:\n%s', format_table(ratios(rows), n_left=0))


if __name__ == '__main__':
    main()
