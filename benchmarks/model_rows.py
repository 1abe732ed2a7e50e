"""Whole networks: DSP of reports against the sum of what the rules say of their layers."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from hls4ml_hwprune.resources.multipliers import multiplier_dsp, multiplier_limit

_KERNELS = 'dense_array|dense_wrapper|dense_latency|dense_resource|conv_[12]d_cl|dense'
_BITS = 16


def whole_models(folder: Path) -> pd.DataFrame:
    """Models of unmodified layers that are all linked to a config, with `dsp_predicted`.

    Distinct constants are counted in the CSV; models with layers whose weights are not there are left out. Softmax counts
    as reported.
    """
    rows = pd.read_csv(folder / 'synthesis.csv', low_memory=False)
    rows = rows[(rows['stage'] == 'csynth') & rows['dsp_binding'].isna() & rows['custom_kernels'].isna()].copy()
    rows['reuse_factor'] = pd.to_numeric(rows['reuse_factor'], errors='coerce')
    for name in ('input', 'weight'):
        rows[f'{name}_bits'] = rows[f'{name}_precision'].str.extract(r'<(\d+)')[0].astype(float).fillna(_BITS)
    rows['root'] = rows['source_repo'] + '/' + rows['commit'] + rows['file'].map(os.path.dirname)
    models = rows[(rows['level'] == 'model') & ~rows['module'].str.contains('axi')]
    layers = dict(tuple(rows[rows['level'] == 'layer'].groupby('root')))
    models = models[models['root'].isin(layers)]
    predicted = [_model_dsp(layers[root].drop_duplicates('module')) for root in models['root']]
    found = models.assign(dsp_predicted=predicted).dropna(subset=['dsp_predicted'])
    return found.drop_duplicates(['source_repo', 'dsp', 'dsp_predicted', 'lut'])


def _model_dsp(layers: pd.DataFrame) -> float:
    kinds = layers['layer_type'].fillna('')
    kernels = layers[kinds.str.contains('dense|conv')]
    # A report can be older than the parameters: a module that reads more elements than its config has inputs.
    read = kernels['module'].str.extract(r'_(\d+)u_')[0].astype(float)
    if kernels.empty or kernels['match'].isna().any() or (read > kernels['n_in']).any():
        return float('nan')
    kernels = kernels[kernels['layer_type'].str.fullmatch(_KERNELS) & ~kernels['match'].str.endswith('_mult')]
    if (kernels['layer_type'] == 'dense_array').any():
        kernels = kernels[kernels['layer_type'] != 'dense_wrapper']
    # A softmax of io_stream holds the one that computes.
    softmax = max(layers[kinds.str.contains('softmax')]['dsp'], default=0)
    return float(sum(_kernel_dsp(row) for _, row in kernels.iterrows()) + softmax)


def _kernel_dsp(row: pd.Series) -> float:
    each = multiplier_dsp(int(row['input_bits']), int(row['weight_bits']))
    n_in, n_out, reuse_factor = (int(row[name]) for name in ('n_in', 'n_out', 'reuse_factor'))
    if row['strategy'] == 'resource' and reuse_factor > 1:
        return float(np.ceil(n_in * n_out / reuse_factor)) * each
    zeros = 0 if np.isnan(row['n_zero_param_h']) else int(row['n_zero_param_h'])
    limit = int(multiplier_limit(n_in, n_out, reuse_factor, zeros))
    return float(min(row['n_uniq_const_csd3'], limit) * each)
