"""Logic synthesis against HLS reports, over the projects that have both."""

from pathlib import Path

import pandas as pd


def synthesis_factors(folder: Path) -> tuple[float, float]:
    """Median ratios of LUT and FF after logic synthesis to those of the HLS report."""
    pairs = pd.read_csv(folder / 'csynth_vs_vsynth_pairs.csv')
    lut, ff = ((pairs[f'{name}_v'] / pairs[f'{name}_c']).median() for name in ('lut', 'ff'))
    return float(lut), float(ff)
