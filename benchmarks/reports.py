"""Real synthesis reports of hls4ml projects: the rows of shared/data/synthesis that can be trusted, with widths in bits."""

from pathlib import Path

import pandas as pd

NUMBERS = ('n_in', 'n_out', 'reuse_factor', 'n_weights', 'n_zero_weights', 'dsp', 'lut', 'ff', 'ii_min')


def load(folder: Path) -> pd.DataFrame:
    """Rows of plain hls4ml layers at csynth whose report fits its configuration, with widths in bits."""
    layers = pd.read_csv(folder / 'synthesis.csv', low_memory=False)
    plain = (layers['stage'] == 'csynth') & (layers['level'] == 'layer')
    plain &= layers['match'].fillna('').str.startswith('config:') & (layers['consistency'] != 'II_differs_from_RF')
    plain &= layers['custom_kernels'].isna() & layers['dsp_binding'].isna()
    single = pd.read_csv(folder / 'wa_hls4ml_1layer.csv', low_memory=False)
    single = single[single['hls_success']].assign(accum_precision='fixed<16,6>')
    rows = pd.concat([layers[plain], single], ignore_index=True)
    for column in NUMBERS:
        rows[column] = pd.to_numeric(rows[column], errors='coerce')
    for name in ('input', 'weight', 'accum', 'result'):
        rows[f'{name}_bits'] = rows[f'{name}_precision'].str.extract(r'<(\d+)')[0].astype(float)
    rows['clean'] = rows['module'].str.replace('Pipeline', '').eq(rows['module'])
    rows['channels'] = rows['module'].str.extract(r'.*_(\d+)u_')[0].astype(float)
    rows['n'] = rows['channels'].fillna(rows['n_in'].where(rows['io_type'] != 'io_stream'))
    shape = ['source_repo', 'layer_type', 'n_in', 'n_out', 'n', 'reuse_factor', 'strategy']
    rows['clean'] &= ~(rows['layer_type'].eq('softmax_stable') & rows['io_type'].eq('io_stream'))
    return rows.drop_duplicates([*shape, 'input_bits', 'weight_bits', 'n_zero_weights', 'lut', 'ff'])
