"""Liveness of channels: the work that it takes."""

import numpy as np
import pytest

from hls4ml_hwprune.host.dead_structure.analysis import channels_left
from hls4ml_hwprune.host.dead_structure.dataflow import read_dataflow
from tests import models
from tests.host.graph import graphs
from tests.work import count_calls


@pytest.mark.parametrize('share', [0.02, 1.0])
def test_the_work_is_that_of_channels_and_not_of_weights(tmp_path, share):
    layers = models.mlp((256, 256, 256, 4))
    for number in (1, 3):
        weights = layers[number]['weight_data']
        weights[np.random.default_rng(number).random(weights.shape) > share] = 0
    flow = read_dataflow(graphs.from_layers(layers, tmp_path / 'project'), ['fc1', 'fc2', 'fc3'])
    # Components of some 1,800 channels take three calls each. Edges for weights took 50,000 to 560,000.
    assert count_calls(channels_left, flow) < 8_000
    left = channels_left(flow)
    assert all(mask.any() for mask in left.values())
    assert left['fc3'].all() and (share < 1 or all(mask.all() for mask in left.values()))
