"""Small networks of plain layer lists, which are there in milliseconds: cases of bad input are about the input."""

import contextlib
import copy
import io
from pathlib import Path
from typing import Any

from numpy.random import Generator

from tests import models

SIZES = (6, 8, 5, 3)


def base_config(rng: Generator) -> dict[str, Any]:
    """Return a valid `HLSConfig` for `models.mlp(SIZES)`, with a block of several keys."""
    block = {
        'Budget': {'DSP': '0.5x', 'LUT': 20000},
        'Packing': 'auto',
        'Importance': 'l1',
        'ReuseFactor': 'config',
        'Latency': 60,
        'II': 30,
        'Exclude': ['fc3'],
        'Device': {'DSP': 900, 'BRAM18': 400, 'LUT': 20_000, 'FF': 40_000},
        'Stage': 'csynth',
        'Method': 'exact',
    }
    if rng.random() < 0.3:
        block |= {'Minimize': {'DSP': 1.0, 'LUT': 0.5}, 'MinImportance': '60%', 'Latency': '300 ns'}
        del block['Budget']
    model = {'Precision': {'default': 'ap_fixed<16,6>'}, 'ReuseFactor': 4, 'Strategy': 'Resource', 'HWPrune': block}
    names = {'fc1': {'HWPrune': {'Packing': 'balanced', 'Importance': 'l2', 'ReuseFactor': 2}}, 'fc2': {'ReuseFactor': 8}}
    types = {'Dense': {'HWPrune': {'Packing': 'aligned', 'Exclude': False}}}
    return {'Model': model, 'LayerName': names, 'LayerType': types}


def convert(config: dict[str, Any], output: Path, layers: models.Layers | None = None, flow: bool = True) -> Any:
    """Convert the network of a layer list for Vitis, pruned or not."""
    settings = copy.copy(config) | ({'Flows': ['vitis:hwprune']} if flow else {})
    with contextlib.redirect_stdout(io.StringIO()):
        return models.convert(layers or models.mlp(SIZES), settings, output, io_type='io_parallel')


def without_blocks(data: Any) -> Any:
    """Return a configuration without anything of this package's."""
    if not isinstance(data, dict):
        return data
    return {key: without_blocks(value) for key, value in data.items() if str(key).lower() != 'hwprune'}
