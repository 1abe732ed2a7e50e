"""The checks of `bench_model`: what the model predicts for rows of reports, and what they say."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import fit_constant, vitis_rows
from benchmarks.conv_rows import predict_convolutions
from benchmarks.fit_logic import CAMPAIGN
from benchmarks.fit_synthesis import synthesis_design
from benchmarks.model_rows import whole_models
from benchmarks.report_kernels import kernel_of, predict_multiplexed
from benchmarks.reports import load
from hls4ml_hwprune.resources.kernel import kernel_resources
from hls4ml_hwprune.resources.logic import constant_terms, evaluate
from hls4ml_hwprune.resources.logic.fitted import coefficients
from hls4ml_hwprune.resources.memories import bram18
from hls4ml_hwprune.resources.timing.constant import constant_cycles
from hls4ml_hwprune.resources.timing.layers import kernel_cycles

_DSP_BITS = 8


@dataclass(frozen=True)
class Check:
    """One quantity of one family of rows: arrays of one number a row.

    `plain` is the formula n_in * n_out / RF and `other` another estimator; both have NaN where there is no prediction.
    `rows` holds what the other estimator is asked for.
    """

    family: str
    quantity: str
    predicted: NDArray[np.float64]
    reported: NDArray[np.float64]
    plain: NDArray[np.float64] | None = None
    other: NDArray[np.float64] | None = None
    rows: pd.DataFrame | None = field(default=None, repr=False)


def all_checks(folder: Path) -> list[Check]:
    """All checks on the rows in `folder`."""
    rows = load(folder)
    multiplexed = predict_multiplexed(rows)
    campaign = multiplexed['source_repo'] == CAMPAIGN
    return [
        *_multiplexed('Resource RF > 1, campaign', multiplexed[campaign]),
        *_multiplexed('Resource RF > 1, other repositories', multiplexed[~campaign]),
        _latency_dsp(folder),
        *_constants(rows),
        *_convolutions(rows),
        _weight_memories(folder),
        _models(folder),
        *_synthesis(folder),
        *_vitis(folder),
    ]


def _multiplexed(family: str, rows: pd.DataFrame) -> list[Check]:
    rows = rows.reset_index(drop=True)
    kernels = [kernel_of(row) for _, row in rows.iterrows()]
    resources = [kernel_resources(kernel) for kernel in kernels]
    dsp = np.array([found.dsp for found in resources], float)
    certain = (rows['weight_bits'] >= _DSP_BITS) & (rows['input_bits'].fillna(16) >= _DSP_BITS)
    slots = (rows['n_in'] * rows['n_out'] / rows['reuse_factor']).to_numpy(float)
    # Layers that read a stream take time for its packs, whose number is not in the CSV.
    kernel_only = (rows['layer_type'] != 'dense_array') & (rows['ii_min'] == rows['reuse_factor'])
    timing = (kernel_cycles(kernel.reuse_factor, 'resource', kernel.n_in, kernel.target) for kernel in kernels)
    cycles = np.array(list(timing), float)
    latency = pd.to_numeric(rows['latency_max'], errors='coerce')
    blocks = np.array([found.bram18 for found in resources], float)
    checks = [
        _check(family, 'DSP', dsp, rows['dsp'], certain, slots, rows),
        _check(family, 'BRAM18', blocks, rows['bram'], rows['bram'].notna(), None, rows),
        _check(family, 'LUT', rows['lut_predicted'], rows['lut'], None, None, rows),
        _check(family, 'FF', rows['ff_predicted'], rows['ff'], None, None, rows),
        _check(family, 'latency', cycles[:, 1], latency, kernel_only & latency.notna(), None, rows),
        _check(family, 'II', cycles[:, 2], rows['ii_min'], kernel_only, None, rows),
    ]
    return checks


def _latency_dsp(folder: Path) -> Check:
    """Latency, RF 1, inputs of 14 to 18 bits: distinct constants of 3 digits an input. The weights are not in the CSV.

    Left out: a block without a kernel, and a row whose module contradicts its shape.
    """
    rows = pd.read_csv(folder / 'latency_dsp_features.csv')
    bits = rows['inp'].str.extract(r'<(\d+)')[0].astype(float)
    rows = rows[(rows['rf'] == 1) & bits.between(14, 18)].reset_index(drop=True)
    plain = (rows['ni'] * rows['no']).to_numpy(float)
    return Check('Latency RF 1, 14 to 18 bits', 'DSP', rows['u_c3'].to_numpy(float), rows['dsp'].to_numpy(float), plain)


def _constants(rows: pd.DataFrame, family: str = 'Constants (Latency, or RF 1)') -> list[Check]:
    """Kernels of constants; their DSPs are taken from the report, for it has no weights."""
    chosen = fit_constant.constant_rows(rows)
    chosen = chosen.dropna(subset=[*fit_constant.SHAPE, *fit_constant.COUNTS, *fit_constant.WIDTHS, 'lut', 'ff'])
    chosen = chosen.reset_index(drop=True)
    logic, stages = [], []
    for row in chosen.itertuples():
        known: dict[str, Any] = {name: int(getattr(row, name)) for name in [*fit_constant.SHAPE, *fit_constant.COUNTS]}
        known |= {name: int(getattr(row, name)) for name in fit_constant.WIDTHS}
        stage_ns, seven_series = row.stage_ps / 1000, bool(row.slow_fabric)
        terms = constant_terms(**known, stage_ns=stage_ns, slow_fabric=seven_series, resource=bool(row.resource))
        logic.append([float(amount) for amount in evaluate('constant', terms)])
        asked = known['n_multipliers'], known['limit'], known['reuse_factor']
        stages.append(constant_cycles(known['n_nonzero'] / known['n_out'], *asked, stage_ns, seven_series))
    predicted, cycles = np.array(logic), np.array(stages, float)
    latency = pd.to_numeric(chosen['latency_max'], errors='coerce')
    parallel = latency.notna() & (chosen['resource'] == 0)
    return [
        _check(family, 'LUT', predicted[:, 0], chosen['lut'], None, None, chosen),
        _check(family, 'FF', predicted[:, 1], chosen['ff'], None, None, chosen),
        _check(family, 'latency', cycles[:, 0], latency, parallel, None, chosen),
        _check(family, 'II', cycles[:, 1], chosen['ii_min'], parallel & chosen['ii_min'].notna(), None, chosen),
    ]


def _convolutions(rows: pd.DataFrame) -> list[Check]:
    found = predict_convolutions(rows)
    checks = []
    for strategy, part in found.groupby('strategy'):
        for quantity in ('lut', 'ff'):
            family = f'conv io_stream, {str(strategy).capitalize()}'
            checks.append(_check(family, quantity.upper(), part[f'{quantity}_predicted'], part[quantity], None, None, part))
    return checks


def _weight_memories(folder: Path) -> Check:
    rows = pd.read_csv(folder / 'rom_table.csv', low_memory=False).dropna(subset=['words', 'bits'])
    rows = rows[rows['module'].str.contains(r'_w\d|weight', na=False)]
    rows = rows.drop_duplicates(['version', 'module', 'words', 'bits', 'bram18'])
    blocks = bram18(rows['words'].astype(int), rows['bits'].astype(int))
    return Check('weight memories', 'BRAM18', blocks.astype(float), rows['bram18'].to_numpy(float))


def _models(folder: Path) -> Check:
    models = whole_models(folder)
    return Check('whole models', 'DSP', models['dsp_predicted'].to_numpy(float), models['dsp'].to_numpy(float))


def _synthesis(folder: Path) -> list[Check]:
    """Designs after logic synthesis; cross-validated errors are in `coefficients.json`."""
    rows, terms = synthesis_design(folder)
    fitted = coefficients()['multiplexed_vsynth']
    checks = []
    for quantity in ('lut', 'ff'):
        predicted = sum(factor * terms[name] for name, factor in fitted[quantity]['coefficients'].items())
        given = np.asarray(predicted, float), rows[quantity].to_numpy(float)
        checks.append(Check('Resource RF > n_in, vsynth', quantity.upper(), *given))
    return checks


def _vitis(folder: Path) -> list[Check]:
    """Kernels of hls4ml 1.x under Vitis HLS: rules were read off the same rows, but for constants at RF 1."""
    rows = vitis_rows.load_vitis(folder)
    families = {
        'Vitis HLS, Resource RF > 1': (vitis_rows.dense_kernels(rows), ('DSP', 'BRAM', 'LUT', 'FF', 'latency_max')),
        'Vitis HLS, conv io_stream, Resource': (vitis_rows.convolutions(rows), ('DSP', 'BRAM', 'LUT', 'FF', 'latency_max')),
        'Vitis HLS, Latency RF > 1': (vitis_rows.shared_constants(rows), ('DSP', 'LUT', 'FF')),
    }
    checks = _constants(vitis_rows.unshared_constants(rows), 'Vitis HLS, constants at RF 1')
    for family, (found, quantities) in families.items():
        for quantity in quantities:
            column = quantity.lower()
            checks.append(_check(family, quantity, found[f'{column}_predicted'], found[column], None, None, found))
    return checks


def _check(family, quantity, predicted, reported, mask, plain, rows) -> Check:  # type: ignore[no-untyped-def]  # arrays
    keep = np.ones(len(rows), bool) if mask is None else np.asarray(mask, bool)
    given = None if plain is None else np.asarray(plain, float)[keep]
    return Check(
        family,
        quantity,
        np.asarray(predicted, float)[keep],
        np.asarray(reported, float)[keep],
        given,
        rows=rows[keep].reset_index(drop=True),
    )
