"""Hold the exact rules of `hls4ml_hwprune.resources` against real csynth reports.

    python -m benchmarks.check_rules [folder with the CSV files of shared/data/synthesis]

One row a rule: number of distinct reports, share predicted exactly, median and 90th percentile of the relative error.
Needs pandas.
"""

import argparse
import logging
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.reports import load
from hls4ml_hwprune.resources.memories import bram18
from hls4ml_hwprune.resources.multipliers import multiplier_dsp

ROOT = Path(__file__).resolve().parents[1]
logger = logging.getLogger(__name__)


def resource_dsp(folder: Path) -> tuple[NDArray, NDArray]:
    """DSP of Resource layers with RF > 1 and weights of 8 bits and more: predicted, reported."""
    rows = load(folder)
    rows = rows[(rows['strategy'] == 'resource') & (rows['reuse_factor'] > 1) & (rows['weight_bits'] >= 8)]
    rows = rows.dropna(subset=['n_in', 'n_out', 'dsp', 'input_bits'])
    slots = np.ceil(rows['n_in'] * rows['n_out'] / rows['reuse_factor'])
    each = [multiplier_dsp(int(a), int(b)) for a, b in zip(rows['input_bits'], rows['weight_bits'], strict=True)]
    return slots.to_numpy() * each, rows['dsp'].to_numpy()


def latency_dsp(folder: Path) -> tuple[NDArray, NDArray]:
    """DSP of Latency layers with RF 1 and inputs of 14 to 18 bits: distinct constants of 3 digits an input, reported."""
    rows = pd.read_csv(folder / 'latency_dsp_features.csv')
    bits = rows['inp'].str.extract(r'<(\d+)')[0].astype(float)
    rows = rows[(rows['rf'] == 1) & bits.between(14, 18)]
    return rows['u_c3'].to_numpy(), rows['dsp'].to_numpy()


def weight_memories(folder: Path) -> tuple[NDArray, NDArray]:
    """BRAM18 of weight memories: predicted, reported."""
    rows = pd.read_csv(folder / 'rom_table.csv', low_memory=False).dropna(subset=['words', 'bits'])
    rows = rows[rows['module'].str.contains(r'_w\d|weight', na=False)]
    rows = rows.drop_duplicates(['version', 'module', 'words', 'bits', 'bram18'])
    return bram18(rows['words'].astype(int), rows['bits'].astype(int)), rows['bram18'].to_numpy()


def synthesis_factors(folder: Path) -> tuple[float, float]:
    """Median ratio of logic synthesis to HLS report, of LUT and FF, over the projects that have both."""
    pairs = pd.read_csv(folder / 'csynth_vs_vsynth_pairs.csv')
    lut, ff = ((pairs[f'{name}_v'] / pairs[f'{name}_c']).median() for name in ('lut', 'ff'))
    return float(lut), float(ff)


RULES = {
    'DSP, Resource, RF > 1, >= 8 bits': resource_dsp,
    'DSP, Latency, RF 1, 14 to 18 bits': latency_dsp,
    'BRAM18 of weight memories': weight_memories,
}


def main() -> int:
    """Print the table; 1 if there is no data."""
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', nargs='?', type=Path, default=ROOT.parent / 'shared' / 'data' / 'synthesis')
    folder = parser.parse_args().folder
    if not folder.exists():
        logger.error('there is no synthesis data in %s', folder)
        return 1
    logger.info('%-36s %6s %8s %8s %8s', 'rule', 'rows', 'exact', 'median', 'p90')
    for name, rule in RULES.items():
        predicted, reported = rule(folder)
        error = np.abs(predicted - reported) / np.maximum(reported, 1)
        exact = 100 * np.mean(predicted == reported)
        logger.info('%-36s %6d %6.1f %% %8.3f %8.3f', name, error.size, exact, np.median(error), np.quantile(error, 0.9))
    logger.info('logic synthesis against HLS reports, medians: LUT %.2f, FF %.2f', *synthesis_factors(folder))
    return 0


if __name__ == '__main__':
    sys.exit(main())
