"""Cases of weights that are no numbers: an error that names the layer, before anything is written."""

from pathlib import Path

import numpy as np
from numpy.random import Generator

from tests.fuzz import checks
from tests.fuzz.layer_lists import SIZES, convert
from tests.models import cnn, hls_config, mlp


def check(rng: Generator, folder: Path) -> None:
    """Run one case."""
    layers = mlp(SIZES) if rng.random() < 0.6 else cnn()
    kernels = [layer for layer in layers if 'weight_data' in layer]
    layer = kernels[rng.integers(len(kernels))]
    role = str(rng.choice(['weight_data', 'weight_data', 'bias_data']))
    data = np.array(layer[role])
    data.flat[rng.integers(data.size)] = rng.choice([np.nan, np.inf, -np.inf])
    layer[role] = data
    block = {'Budget': {'DSP': '0.5x'}, 'Packing': str(rng.choice(['auto', 'aligned', 'balanced', 'snapped']))}
    strategy = {'Strategy': 'Latency', 'ReuseFactor': 1} if rng.random() < 0.4 else {}
    try:
        convert(hls_config(block, **strategy), folder / 'project', layers)
    except Exception as error:
        checks.check_error(error)
        assert layer['name'] in str(error), f'{layer["name"]} is not named: {error}'
        assert not list(folder.iterdir()), f'files were written before the error: {error}'
        return
    raise AssertionError(f'{role} of {layer["name"]} with {data[~np.isfinite(data)]} passed')
