"""Rows of Vitis HLS reports: kernels and io_stream convolutions of hls4ml 1.x, with the model's figures."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.conv_rows import around_kernel
from benchmarks.report_kernels import kernel_of
from hls4ml_hwprune.resources.cost_model import cost_model
from hls4ml_hwprune.resources.kernel import kernel_resources
from hls4ml_hwprune.resources.logic.vitis import vitis_shared_constants
from hls4ml_hwprune.resources.timing.layers import conv_cycles, kernel_cycles

_FIGURES = ('dsp', 'bram', 'lut', 'ff', 'latency_max')
COMMON_KERNELS = 'vivado_common(1.x)'
# Inputs of so many bits are multiplied in LUTs by any project.
_NARROW = 10


def load_vitis(folder: Path) -> pd.DataFrame:
    """Rows of layers at csynth, with widths in bits."""
    rows = pd.read_csv(folder / 'vitis_synthesis.csv', low_memory=False)
    rows = rows[(rows['stage'] == 'csynth') & (rows['level'] == 'layer')].copy()
    for name in (
        'n_in',
        'n_out',
        'reuse_factor',
        'ii_min',
        'n_weights',
        'n_zero_weights',
        'n_uniq_const_csd3',
        'dsp',
        'bram',
        'lut',
        'ff',
        'latency_max',
    ):
        rows[name] = pd.to_numeric(rows[name], errors='coerce')
    for name in ('input', 'weight', 'accum', 'result'):
        rows[f'{name}_bits'] = rows[f'{name}_precision'].str.extract(r'<(\d+)')[0].astype(float)
    return rows


def dense_kernels(rows: pd.DataFrame) -> pd.DataFrame:
    """Dense kernels with shared multipliers of hls4ml 1.x, and the model's figures in columns `..._predicted`."""
    chosen = rows[(rows['kernel_generation'] == COMMON_KERNELS) & rows['layer_type'].str.startswith('dense_resource')]
    return _predicted(chosen, _dense)


def convolutions(rows: pd.DataFrame) -> pd.DataFrame:
    """Convolutions of io_stream with shared multipliers of hls4ml 1.x, likewise."""
    chosen = rows[(rows['kernel_generation'] == COMMON_KERNELS) & (rows['layer_type'] == 'conv_2d_cl')]
    return _predicted(chosen[chosen['io_type'] == 'io_stream'], _convolution)


def shared_constants(rows: pd.DataFrame) -> pd.DataFrame:
    """Latency kernels with RF > 1, likewise."""
    chosen = rows[(rows['layer_type'] == 'dense_latency') & (rows['reuse_factor'] > 1) & (rows['dsp'] > 0)]
    return _predicted(chosen, _shared)


def unshared_constants(rows: pd.DataFrame) -> pd.DataFrame:
    """Kernels of constants at RF 1 whose multipliers are not bound to LUTs by the project."""
    chosen = rows[(rows['layer_type'] == 'dense_latency') & (rows['reuse_factor'] == 1)]
    bound = (chosen['dsp'] == 0) & (chosen['n_uniq_const_csd3'] > 0) & (chosen['input_bits'] > _NARROW)
    return chosen[~bound]


def _predicted(rows: pd.DataFrame, figures: Callable[[pd.Series], list[float]]) -> pd.DataFrame:
    found = np.array([figures(row) for _, row in rows.iterrows()], float).reshape(len(rows), len(_FIGURES))
    predicted = pd.DataFrame(found, index=rows.index, columns=[f'{name}_predicted' for name in _FIGURES])
    return pd.concat([rows, predicted], axis=1)


def _dense(row: pd.Series) -> list[float]:
    kernel = kernel_of(row)
    found, depth = kernel_resources(kernel), cost_model(kernel.target).depth(kernel)
    latency = kernel_cycles(kernel.reuse_factor, kernel.strategy, kernel.n_in, kernel.target, depth=depth)[1]
    return [found.dsp, found.bram18, found.lut, found.ff, latency]


def _convolution(row: pd.Series) -> list[float]:
    kernel = kernel_of(row)
    dsp, blocks, lut, ff, _ = _dense(row)
    around_lut, around_ff = around_kernel(row, kernel.input_bits, kernel.result_bits)
    read, written = (math.prod(int(size) for size in row[name].split('x')[:-1]) for name in ('conv_in', 'conv_out'))
    depth = cost_model(kernel.target).depth(kernel)
    cycles = conv_cycles(
        kernel.reuse_factor, kernel.strategy, kernel.n_in, read, written, 'io_stream', target=kernel.target, depth=depth
    )
    return [dsp, blocks, lut + around_lut, ff + around_ff, cycles[1]]


def _shared(row: pd.Series) -> list[float]:
    kernel, weights = kernel_of(row), float(row['n_weights'] - row['n_zero_weights'])
    built = float(min(row['n_uniq_const_csd3'], np.ceil(weights / kernel.reuse_factor)))
    lut, ff = vitis_shared_constants(kernel, weights, built)
    return [built, 0.0, float(lut), float(ff), np.nan]
