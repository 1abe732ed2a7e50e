"""Rows and formula of kernels whose weights are constants."""

import pandas as pd

from hls4ml_hwprune.resources.logic import constant_terms

SHAPE = ['n_in', 'n_out', 'reuse_factor']
WIDTHS = ['input_bits', 'weight_bits', 'accum_bits']


def constant_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Kernels at RF 1, and those of the Latency strategy at any reuse factor."""
    kind = rows['layer_type'].str.fullmatch('dense|dense_wrapper|dense_latency')
    chosen = rows[kind & ((rows['reuse_factor'] == 1) | (rows['strategy'] == 'latency'))]
    return chosen.assign(n_nonzero=chosen['n_weights'] - chosen['n_zero_weights'], n_dsp=chosen['dsp'])


MODELS = {'constant': (constant_rows, constant_terms, [*SHAPE, 'n_nonzero', 'n_dsp', *WIDTHS])}
