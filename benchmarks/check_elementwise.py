"""Hold the figures of `elementwise_logic` against real csynth reports; nothing of it is fitted.

    python -m benchmarks.check_elementwise [folder with the CSV files of shared/data/synthesis]

Median and 90th percentile of the relative error of LUT and FF, by kind; a report's error is relative to at least 50. Rows
are distinct whole layers of unmodified projects that are linked to their configuration.
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import DATA
from benchmarks.reports import load
from hls4ml_hwprune.records import Target
from hls4ml_hwprune.resources.logic import elementwise_logic

FLOOR = 50.0
# By layer type of the reports.
KINDS = {
    'relu': 'relu',
    'softmax': 'softmax',
    'softmax_stable': 'softmax',
    'softmax_latency': 'softmax_latency',
    'pooling2d_cl': 'pooling',
    'pooling1d_cl': 'pooling_1d',
    'normalize': 'batchnorm',
    'zeropad2d_cl': 'padding',
    'zeropad1d_cl': 'padding_1d',
    'resize_nearest': 'stream',
}
logger = logging.getLogger(__name__)


def kind_of(row: pd.Series) -> str:
    """Kind of a report's layer, as in `ELEMENTWISE_KINDS`."""
    kind = KINDS[row['layer_type']]
    if kind == 'relu' and 'SAT' in str(row['result_precision']):
        kind = 'relu_saturated'
    if kind == 'batchnorm' and row['reuse_factor'] > 1:
        kind = 'batchnorm_shared'
    return f'{kind}_stream' if kind in ('relu', 'relu_saturated', 'softmax') and row['io_type'] == 'io_stream' else kind


def elementwise_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Whole layers with their `kind` and `n`, the elements side by side."""
    chosen = rows[rows['layer_type'].isin(list(KINDS)) & rows['clean']].copy()
    shape = chosen['conv_out'].astype(str).str.split('x').str[-1]
    chosen['n'] = chosen['n'].fillna(pd.to_numeric(shape, errors='coerce'))
    chosen['kind'] = [kind_of(row) for _, row in chosen.iterrows()]
    return chosen.dropna(subset=['n', 'lut', 'ff', 'input_bits'])


def predict(rows: pd.DataFrame) -> NDArray[np.float64]:
    """LUT and FF, shape (rows, 2)."""
    return np.array(
        [
            elementwise_logic(r.kind, r.n, r.input_bits, r.result_bits, Target(r.part, r.clock_ns, r.tool))
            for r in rows.itertuples()
        ]
    )


def main() -> None:
    """Log the table."""
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', nargs='?', type=Path, default=DATA / 'synthesis')
    rows = elementwise_rows(load(parser.parse_args().folder))
    reported = rows[['lut', 'ff']].to_numpy(float)
    error = np.abs(predict(rows) - reported) / np.maximum(reported, FLOOR)
    logger.info('%-22s %5s %6s %26s %18s', 'kind', 'rows', 'repos', 'LUT median, p90', 'FF median, p90')
    for kind, chosen in rows.groupby('kind'):
        part = error[rows['kind'] == kind]
        middle, high = np.quantile(part, [0.5, 0.9], axis=0)
        quoted = (middle[0], high[0], middle[1], high[1])
        logger.info('%-22s %5d %6d %18.3f %7.3f %10.3f %7.3f', kind, len(chosen), chosen['source_repo'].nunique(), *quoted)


if __name__ == '__main__':
    main()
