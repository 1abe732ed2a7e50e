"""Rows of io_stream convolutions, and what the model says of them."""

import numpy as np
import pandas as pd

from benchmarks import fit_constant
from benchmarks.report_kernels import kernel_of
from hls4ml_hwprune.resources.cost_model import cost_model
from hls4ml_hwprune.resources.logic import constant_terms, conv_overhead, evaluate
from hls4ml_hwprune.resources.memories import line_ff, line_lut


def predict_convolutions(rows: pd.DataFrame) -> pd.DataFrame:
    """Whole layers of type conv_1d_cl and conv_2d_cl, with `lut_predicted` and `ff_predicted`."""
    chosen = rows[rows['layer_type'].str.fullmatch('conv_[12]d_cl')].dropna(subset=['n_in', 'n_out', 'conv_in', 'lut'])
    constant = fit_constant.constant_rows(chosen.assign(layer_type='dense', number=chosen.index)).set_index('number')
    found = []
    for number, row in chosen.iterrows():
        kernel = kernel_of(row)
        multiplexed = row['strategy'] == 'resource' and row['reuse_factor'] > 1
        logic = cost_model(kernel.target).logic
        inside = logic(kernel, kernel.n_slots, None) if multiplexed else _constants(constant.loc[number])
        around = around_kernel(row, kernel.input_bits, kernel.result_bits)
        found.append([float(inside[0]) + around[0], float(inside[1]) + around[1]])
    chosen = chosen.assign(lut_predicted=np.nan, ff_predicted=np.nan)
    chosen[['lut_predicted', 'ff_predicted']] = found
    return chosen.dropna(subset=['lut_predicted'])


def _constants(found: pd.Series) -> tuple[float, float]:
    """Kernel of constants, with the DSPs of the report."""
    names = [*fit_constant.SHAPE, *fit_constant.COUNTS, *fit_constant.WIDTHS]
    if found[names].isna().any():
        return float('nan'), float('nan')
    arguments = {name: int(found[name]) for name in names}
    terms = constant_terms(
        **arguments,
        stage_ns=float(found['stage_ps']) / 1000,
        slow_fabric=bool(found['slow_fabric']),
        resource=bool(found['resource']),
    )
    lut, ff = evaluate('constant', terms)
    return float(lut), float(ff)


def around_kernel(row: pd.Series, input_bits: int, result_bits: int) -> tuple[float, float]:
    """Window, control and line buffers."""
    shape = [int(size) for size in str(row['conv_in']).split('x')]
    height = int(str(row['conv_kernel']).split('x')[0]) if len(shape) > 2 else 1
    packed = 'Vitis' in str(row['tool'])
    n_in, n_out = int(row['n_in']), int(row['n_out'])
    lut, ff = conv_overhead(n_in, n_out, shape[-1], input_bits, result_bits, len(shape) - 1, packed)
    lines = (height - 1) * shape[-1]
    return float(lut) + lines * float(line_lut(shape[-2])), float(ff) + lines * float(line_ff(shape[-2]))
