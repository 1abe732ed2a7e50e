"""Rows and formulas of layers without a kernel."""

from collections.abc import Callable

import pandas as pd

from hls4ml_hwprune.resources.logic import elementwise_terms

KINDS = {
    'relu': 'relu',
    'relu_saturated': 'relu',
    'softmax': 'softmax|softmax_(latency|stable)',
    'pooling': r'pooling[12]d_cl',
    'batchnorm': 'normalize',
    'stream': 'zeropad[12]d_cl|resize_nearest',
}


def elementwise_rows(kind: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Whole layers (no sub-blocks) of the types that match, with `n` elements side by side."""

    def choose(rows: pd.DataFrame) -> pd.DataFrame:
        chosen = rows[rows['layer_type'].str.fullmatch(KINDS[kind]) & rows['clean']]
        if kind.startswith('relu'):
            chosen = chosen[chosen['result_precision'].str.contains('SAT', na=False) == (kind == 'relu_saturated')]
        return chosen.assign(bits=chosen['input_bits'])

    return choose


MODELS = {kind: (elementwise_rows(kind), elementwise_terms, ['n', 'bits']) for kind in KINDS}
