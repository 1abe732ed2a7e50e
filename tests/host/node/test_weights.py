"""Weights that are not as many as a layer's inputs and outputs say: hls4ml's conversion took other axes for channels."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from tests.models import convert, dense, hls_config, input_layer


@pytest.mark.parametrize('shape', [(4, 8), (8, 16)])
def test_a_layer_that_hls4ml_converted_wrongly_is_named(tmp_path, shape):
    """Linear layers of PyTorch on (4, 16): other axes for the channels, or with channels_last_conversion="off" turned."""
    layers = [input_layer((16,)), dense('fc', np.ones((16, 8)))]
    model = convert(layers, hls_config(None, ['vivado:optimize']), tmp_path / 'project', io_type='io_parallel')
    model.graph['fc'].weights['weight'].data = np.ones(shape)
    words = r'layer fc: .* which are none of 16 inputs and 8 outputs; .*PyTorch.*"full" or "internal".*kernel size 1'
    with pytest.raises(ConfigError, match=words):
        hls4ml_hwprune.estimate(model)
