"""Rows of synthesis reports as the package's `Kernel` records."""

import numpy as np
import pandas as pd

from hls4ml_hwprune.records import Kernel, Target
from hls4ml_hwprune.resources.cost_model import cost_model
from hls4ml_hwprune.resources.logic import dense_stream_logic

DEFAULT_BITS = 16


def kernel_of(row: pd.Series) -> Kernel:
    """Kernel of a dense row; reports do not hold the weights, so all are zero."""
    n_in, n_out = int(row['n_in']), int(row['n_out'])
    codes = np.zeros((n_out, n_in), np.int64)
    return Kernel(
        layer=str(row['layer_name']),
        role='weight',
        n_in=n_in,
        n_out=n_out,
        reuse_factor=int(row['reuse_factor']),
        strategy=str(row['strategy']),
        copies=1,
        values=codes.astype(float),
        codes=codes,
        input_bits=_bits(row['input_bits']),
        weight_bits=_bits(row['weight_bits']),
        accum_bits=_bits(row['accum_bits']),
        result_bits=_bits(row['result_bits']),
        source=_source(row),
        target=target_of(row),
    )


def target_of(row: pd.Series) -> Target:
    """Part, clock and tool of a row; the uncertainty is what hls4ml sets."""
    recent = 'Vitis' in str(row['tool']) and str(row['tool_version']) >= '2022.2'
    return Target(str(row['part']), float(row['clock_ns']), str(row['tool']), 0.27 if recent else 0.125)


def _bits(value: float) -> int:
    return DEFAULT_BITS if np.isnan(value) else int(value)


def _source(row: pd.Series) -> str:
    config = str(row['match']).removeprefix('config:')
    if row['level'] == 'model':
        return 'port'
    if config.endswith('_mult') or 'conv' in row['layer_type']:
        return 'window'
    if config.endswith(('_1', '_2')):
        return 'state'
    if row['layer_type'] in ('dense_wrapper', 'dense_array'):
        return 'stream'
    return 'port' if config == 'config2' else 'layer'


def predict_multiplexed(rows: pd.DataFrame) -> pd.DataFrame:
    """Dense Resource rows with RF > 1, with `lut_predicted` and `ff_predicted`."""
    kind = rows['layer_type'].str.fullmatch('dense|dense_wrapper|dense_array|dense_resource.*')
    chosen = rows[kind & (rows['strategy'] == 'resource') & (rows['reuse_factor'] > 1)].copy()
    logic = []
    for _, row in chosen.iterrows():
        kernel = kernel_of(row)
        parts = [cost_model(kernel.target).logic(kernel, kernel.n_slots, None)]
        if row['layer_type'] == 'dense_array':
            parts.append(dense_stream_logic(kernel.n_in, kernel.n_out, kernel.input_bits, kernel.result_bits))
        logic.append([float(sum(column)) for column in zip(*parts, strict=True)])
    chosen[['lut_predicted', 'ff_predicted']] = logic
    return chosen
