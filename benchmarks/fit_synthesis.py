"""Rows of networks after logic synthesis, and the hardware of their kernels with RF > n_in."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic.synthesis import indexed_terms

# Not in the CSV: hls4ml's default for inputs and accumulators.
BITS = 16


def synthesis_design(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Distinct designs of two and three dense layers (Vitis 2023.2), and the sums of their kernels' terms.

    `source_repo` holds the network's shape: all rows are of one repository, so errors are taken on shapes not fitted.
    """
    rows = pd.read_csv(folder / 'wa_hls4ml_vsynth_sample.csv', low_memory=False)
    rows = rows.drop_duplicates(['model_string', 'reuse_factor', 'weight_precision', 'lut', 'ff']).reset_index(drop=True)
    terms = [_terms(row) for row in rows.itertuples()]
    return rows.assign(source_repo=rows['model_string']), pd.DataFrame(terms)


def _terms(row) -> dict[str, float]:  # type: ignore[no-untyped-def]  # a row of itertuples
    sizes = [int(size) for size in row.model_string.split('-')]
    reuse = [int(factor) for factor in row.reuse_factor.split('/')]
    bits = int(re.findall(r'<(\d+)', row.weight_precision)[0])
    kernels = [_kernel(*shape, bits) for shape in zip(sizes[:-1], sizes[1:], reuse, strict=True)]
    found = [indexed_terms(kernel, kernel.n_slots) for kernel in kernels]
    return {name: float(sum(terms[name] for terms in found)) for name in found[0]}


def _kernel(n_in: int, n_out: int, reuse_factor: int, bits: int) -> Kernel:
    codes = np.zeros((n_out, n_in), np.int64)
    none = codes.astype(float)
    return Kernel('fc', 'weight', n_in, n_out, reuse_factor, 'resource', 1, none, codes, BITS, bits, BITS)
