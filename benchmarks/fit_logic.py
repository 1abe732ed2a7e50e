"""Fit the LUT and FF formulas of `hls4ml_hwprune.resources.logic` on real reports and write `coefficients.json`.

    python -m benchmarks.fit_logic [folder with the CSV files of shared/data/synthesis]

Fitted are kernels of constants (csynth) and time-multiplexed kernels with RF > n_in (vsynth); of the bill of materials of
time-multiplexed kernels (csynth), which is not fitted, only the errors are written.

Nonnegative least squares, iterated towards the least absolute relative error; the rows of one repository weigh together as
the root of their number; errors are cross-validated by leaving one repository out. Needs pandas and scipy.
"""

import argparse
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from benchmarks import DATA
from benchmarks.fit_constant import EXCLUDED, MODELS
from benchmarks.fit_synthesis import synthesis_design
from benchmarks.report_kernels import predict_multiplexed
from benchmarks.reports import load

OUTPUT = Path(__file__).resolve().parents[1] / 'hls4ml_hwprune' / 'resources' / 'logic' / 'coefficients.json'
# Rows of this campaign are whole designs of one layer: a constant of their own absorbs what surrounds the kernel.
CAMPAIGN = 'Dendendelen/wa-hls4ml-search'
# Errors are relative to at least this many LUTs or FFs: many reports show 0.
FLOOR = 50.0
# A residual is multiplied by the number of rows of its repository to this power.
SHARE = -0.25
ROUNDS = 50
Terms = Callable[..., dict[str, Any]]
logger = logging.getLogger(__name__)


def design(rows: pd.DataFrame, terms: Terms, arguments: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Complete rows, and their matrix of hardware terms."""
    rows = rows.dropna(subset=[*arguments, 'lut', 'ff']).reset_index(drop=True)
    values = rows[arguments].astype(int).to_dict('records')
    return rows, pd.DataFrame([{k: float(v) for k, v in terms(**r).items()} for r in values])


def fit(matrix: pd.DataFrame, target: pd.Series, repository: pd.Series) -> NDArray[np.float64]:
    """Coefficients of the terms, and last the constant of the campaign's rows.

    Each round divides a residual by the last prediction, so that half and double count alike (where the rounds settle, the
    slope is that of |log(predicted / reported)|), and by the root of the last relative error: absolute errors, not squares.
    """
    full = matrix.assign(campaign=(repository == CAMPAIGN).astype(float)).to_numpy()
    goal = target.to_numpy(dtype=float)
    size = np.maximum(np.abs(full).max(axis=0), 1e-9)
    share = repository.map(repository.value_counts()).to_numpy(dtype=float) ** SHARE
    predicted, solution = goal, np.zeros(full.shape[1])
    for _ in range(ROUNDS):
        scale = 1 / np.maximum(predicted, FLOOR)
        weight = share * scale / np.sqrt(np.maximum(np.abs(predicted - goal) * scale, 0.02))
        solution = nnls(full / size * weight[:, None], goal * weight)[0] / size
        predicted = (predicted + full @ solution) / 2
    return np.asarray(solution)


def errors(matrix: pd.DataFrame, target: pd.Series, repository: pd.Series, held_out: str | None) -> NDArray[np.float64]:
    """Relative errors on the repository that was held out of the fit, or on all rows when none was.

    The constant of a held-out campaign, unknown to any fit, is taken from its own median residual.
    """
    train, test = repository != held_out, (repository == held_out) | (held_out is None)
    solution = fit(matrix[train], target[train], repository[train])
    inside = matrix[test].to_numpy() @ solution[:-1]
    offset = max(0.0, float(np.median(target[test] - inside))) if held_out == CAMPAIGN else solution[-1]
    predicted = inside + offset * (repository[test] == CAMPAIGN).to_numpy()
    return np.asarray(np.abs(predicted - target[test]) / np.maximum(target[test], FLOOR))


def summary(matrix: pd.DataFrame, target: pd.Series, repository: pd.Series, excluded: list[str]) -> dict[str, Any]:
    """Coefficients and errors of one quantity; those of the excluded terms are 0."""
    matrix = matrix.assign(**dict.fromkeys(excluded, 0.0))
    solution = fit(matrix, target, repository)
    names = sorted(set(repository))
    unseen = {r: errors(matrix, target, repository, r) for r in names} if len(names) > 1 else {}
    return {
        'coefficients': {k: float(f'{v:.4g}') for k, v in zip(matrix.columns, solution[:-1], strict=True)},
        **quantiles('cross_validated', np.concatenate(list(unseen.values())) if unseen else None),
        **quantiles('fit', errors(matrix, target, repository, None)),
        'cross_validated_median_by_repository': {r: round(float(np.median(e)), 3) for r, e in unseen.items()},
        'campaign_offset': round(float(solution[-1]), 1),
    }


def quantiles(name: str, error: NDArray[np.float64] | None) -> dict[str, float | None]:
    """Median and 90th percentile of relative errors, None where there are none."""
    values = [None, None] if error is None else [round(float(q), 3) for q in np.quantile(error, [0.5, 0.9])]
    return dict(zip((f'{name}_median_error', f'{name}_p90_error'), values, strict=True))


def main() -> None:
    """Fit all models, write the coefficients, log the table."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('folder', nargs='?', type=Path, default=DATA / 'synthesis')
    parser.add_argument('--output', type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    rows = load(arguments.folder)
    fitted: dict[str, Any] = {'multiplexed': measured(rows)}
    designs = {name: design(choose(rows), terms, columns) for name, (choose, terms, columns) in MODELS.items()}
    designs['multiplexed_vsynth'] = synthesis_design(arguments.folder)
    for name, (chosen, matrix) in designs.items():
        repository = chosen['source_repo']
        fitted[name] = {'rows': len(chosen), 'repositories': int(repository.nunique())}
        for quantity in ('lut', 'ff'):
            excluded = EXCLUDED.get((name, quantity), [])
            fitted[name][quantity] = summary(matrix, chosen[quantity], repository, excluded)
    for name, model in fitted.items():
        logger.info('%s: %s', name, json.dumps(model, indent=2))
    arguments.output.write_text(json.dumps({'models': fitted}, indent=2) + '\n', encoding='utf-8')


def measured(rows: pd.DataFrame) -> dict[str, Any]:
    """Errors of the bill of materials on the rows outside the campaign, where all conditions vary."""
    found = predict_multiplexed(rows[rows['source_repo'] != CAMPAIGN])
    result: dict[str, Any] = {'rows': len(found), 'repositories': int(found['source_repo'].nunique())}
    for quantity in ('lut', 'ff'):
        error = np.abs(found[f'{quantity}_predicted'] / found[quantity] - 1)
        result[quantity] = quantiles('measured', error.to_numpy(dtype=float))
    return result


if __name__ == '__main__':
    main()
