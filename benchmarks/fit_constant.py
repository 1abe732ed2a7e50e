"""Rows and formula of kernels whose weights are constants, and the fit of the delays that cut them into stages.

python -m benchmarks.fit_constant [folder with synthesis.csv and wa_hls4ml_1layer.csv]
"""

import argparse
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks import DATA
from benchmarks.reports import NUMBERS, load
from hls4ml_hwprune.resources.logic import constant_terms
from hls4ml_hwprune.resources.logic.constant import crossing
from hls4ml_hwprune.resources.multipliers import csd_digits, multiplier_limit

SHAPE = ['n_out', 'reuse_factor']
WIDTHS = ['input_bits', 'weight_bits', 'accum_bits']
COUNTS = ['n_nonzero', 'n_dsp', 'n_multipliers', 'n_sums', 'limit']
TARGET = ['stage_ps', 'slow_fabric', 'resource']
# Registers are no LUTs, and adders and multipliers hold no registers besides those of the stages.
EXCLUDED = {
    ('constant', 'lut'): ['stages'],
    ('constant', 'ff'): ['kernel', 'adders', 'unchained_adders', 'sums', 'products', 'fabric_products'],
}
# Errors are relative to at least this many FFs: many reports show 0.
FLOOR = 50.0
CAMPAIGN = 'Dendendelen/wa-hls4ml-search'
# Effective width of constants whose type is wider: trained weights rarely reach 1, so the top bits are signs.
TRAINED_BITS = 11
# Share of the clock period left by the uncertainty that hls4ml sets.
VIVADO_SHARE, VITIS_SHARE, VITIS_SINCE = 0.875, 0.73, '2022.2'


def stage_ns(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Time for one stage in ns: the clock period less its uncertainty (read off the estimated clock of the reports)."""
    vitis = rows['tool'].str.contains('Vitis') & (rows['tool_version'].astype(str) >= VITIS_SINCE)
    return rows['clock_ns'].fillna(5.0).to_numpy(float) * np.where(vitis, VITIS_SHARE, VIVADO_SHARE)


def constant_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Kernels at RF 1, and those of the Latency strategy at any reuse factor."""
    kind = rows['layer_type'].str.fullmatch('dense|dense_wrapper|dense_latency')
    chosen = rows[kind & ((rows['reuse_factor'] == 1) | (rows['strategy'] == 'latency'))].reset_index(drop=True)
    chosen['n_nonzero'] = chosen['n_weights'] - chosen['n_zero_weights']
    chosen['n_dsp'] = chosen['dsp']
    unknown = chosen['n_uniq_const_csd3'].isna()
    # Rows without weights are at RF 1 or without a DSP limit that binds there: their DSPs are their multipliers.
    twin = (
        chosen[chosen['reuse_factor'] == 1].drop_duplicates(['module', 'source_repo']).set_index(['source_repo', 'module'])
    )
    key = pd.MultiIndex.from_frame(chosen[['source_repo', 'module']])
    unshared = twin['dsp'].reindex(key).to_numpy()
    chosen['n_multipliers'] = chosen['n_uniq_const_csd3'].where(~unknown, np.fmax(unshared, chosen['dsp']))
    distinct = chosen['n_uniq_const_csd2'] - chosen['n_uniq_const_csd3']
    chosen['n_sums'] = distinct.where(~unknown, expected_sums(chosen))
    zeros = chosen['n_zero_param_h'].fillna(chosen['n_zero_weights']).fillna(0).astype(int)
    known = chosen[['n_in', *SHAPE]].notna().all(axis=1)
    shapes = chosen[['n_in', *SHAPE]].where(known, 1).astype(int).to_numpy()
    limits = [multiplier_limit(n_in, n_out, rf, nothing) for (n_in, n_out, rf), nothing in zip(shapes, zeros, strict=True)]
    chosen['limit'] = np.array(limits, dtype=np.int64)
    chosen['weight_bits'] = chosen['weight_bits'].clip(upper=TRAINED_BITS)
    chosen['stage_ps'] = (1000 * stage_ns(chosen)).round()
    chosen['slow_fabric'] = chosen['part'].fillna('').str.startswith('xc7').astype(int)
    chosen['resource'] = (chosen['strategy'] == 'resource').astype(int)
    # Rows of the campaign are whole designs: their outputs are registered once more.
    outside = (chosen['source_repo'] == CAMPAIGN) * (chosen['n_out'] * chosen['accum_bits'] + 2)
    return chosen.assign(ff=(chosen['ff'] - outside).clip(lower=0))


def expected_sums(rows: pd.DataFrame) -> pd.Series:
    """Distinct sums of two powers if the weights that are neither powers nor in DSPs fall evenly on all such codes."""
    of_width = {}
    for bits in rows['weight_bits'].dropna().unique():
        codes = np.arange(-(2 ** (int(bits) - 1)), 2 ** (int(bits) - 1))
        of_width[bits] = max(1, int((csd_digits(codes) == 2).sum()))
    codes_of = rows['weight_bits'].map(of_width)
    each = (rows['n_nonzero'] - rows['n_pow2_weights'] - rows['n_multipliers']).clip(lower=0) / rows['n_in']
    return rows['n_in'] * codes_of * (1 - np.exp(-each / codes_of))


def terms(stage_ps: int, slow_fabric: int, resource: int, **values: int) -> dict[str, Any]:
    """As `constant_terms`, from the columns of `constant_rows`."""
    return constant_terms(**values, stage_ns=stage_ps / 1000, slow_fabric=bool(slow_fabric), resource=bool(resource))


MODELS = {'constant': (constant_rows, terms, [*SHAPE, *COUNTS, *WIDTHS, *TARGET])}


def stage_registers(rows: pd.DataFrame, delays: NDArray[np.float64]) -> NDArray[np.float64]:
    """FF of Latency rows at RF 1 by delays of halving and of multipliers, of UltraScale(+) and then of 7-series."""
    registers = []
    for row in rows.itertuples():
        halving, multiplier = delays.reshape(2, 2)[int(row.slow_fabric)]
        products = np.minimum(row.n_nonzero, row.n_multipliers)
        values = crossing(np.asarray(row.n_nonzero), products, row.n_out, row.stage_ps / 1000, halving, multiplier)
        pipelined = row.slow_fabric and row.stage_ps / 1000 < multiplier
        width = min(row.accum_bits, row.input_bits + row.weight_bits)
        registers.append(float(values) * width + pipelined * min(row.n_dsp, products) * (4 * row.input_bits + 3))
    return np.array(registers)


def fit_delays(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Delays of least absolute log ratio of FF, at most 1.5 a row; a repository weighs as the root of its rows."""
    share = rows['source_repo'].map(rows['source_repo'].value_counts()).to_numpy(float) ** -0.5

    def loss(delays: NDArray[np.float64]) -> float:
        if min(delays) <= 0:
            return 1e6
        ratio = np.log((stage_registers(rows, delays) + FLOOR) / (rows['ff'].to_numpy(float) + FLOOR))
        return float((np.minimum(np.abs(ratio), 1.5) * share).sum())

    # The loss has steps and flat valleys: several starts.
    starts = (np.array([1.3, start_fast, 4.8, start_slow]) for start_fast in (1.4, 2.0) for start_slow in (3.7, 4.3))
    best = min((minimize(loss, start, method='Nelder-Mead') for start in starts), key=lambda found: found.fun)
    return np.asarray(best.x)


def bound_rows(folder: Path) -> pd.DataFrame:
    """Layers whose multipliers are bound by the project: their FF do not depend on that."""
    rows = pd.read_csv(folder / 'synthesis.csv', low_memory=False)
    rows = rows[
        rows['dsp_binding'].notna() & rows['match'].fillna('').str.startswith('config:') & (rows['level'] == 'layer')
    ]
    for name in ('input', 'weight', 'accum'):
        rows[f'{name}_bits'] = rows[f'{name}_precision'].str.extract(r'<(\d+)')[0].astype(float)
    # Networks with hundreds of inputs are held up by their ports: latencies of 48 and more.
    rows[list(NUMBERS)] = rows[list(NUMBERS)].apply(pd.to_numeric, errors='coerce')
    return rows[pd.to_numeric(rows['latency_max'], errors='coerce') < 40]


def main() -> None:
    """Log the delays, and the FF error of each repository under the delays of the others."""
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', nargs='?', type=Path, default=DATA / 'synthesis')
    folder = parser.parse_args().folder
    rows = constant_rows(pd.concat([load(folder), bound_rows(folder)], ignore_index=True))
    used = ['n_multipliers', 'n_nonzero', 'ff', 'stage_ps', 'n_out', *WIDTHS]
    rows = rows[(rows['resource'] == 0) & (rows['reuse_factor'] == 1)].dropna(subset=used).reset_index(drop=True)
    logging.info('%d rows, delays in ns: %s', len(rows), fit_delays(rows).round(2))
    errors = []
    for name in sorted(set(rows['source_repo'])):
        unseen = rows['source_repo'] == name
        delays = fit_delays(rows[~unseen])
        got = stage_registers(rows[unseen], delays)
        error = np.abs(got - rows.loc[unseen, 'ff']) / np.maximum(rows.loc[unseen, 'ff'], FLOOR)
        errors.append(error)
        logging.info('%-45s %3d rows, delays %s, median error %.3f', name, unseen.sum(), delays.round(2), error.median())
    logging.info('all: median %.3f, 90 %% below %.3f', *np.quantile(np.concatenate(errors), [0.5, 0.9]))


if __name__ == '__main__':
    main()
