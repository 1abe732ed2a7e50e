"""Weights that are not as many as a layer's inputs and outputs say: hls4ml's conversion took other axes for channels."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from tests.models import convert, dense, hls_config, input_layer


def test_a_layer_that_hls4ml_converted_wrongly_is_named(tmp_path):
    layers = [input_layer((16,)), dense('fc', np.ones((16, 8)))]
    model = convert(layers, hls_config(None, ['vivado:optimize']), tmp_path / 'project', io_type='io_parallel')
    # A Linear layer of PyTorch on (4, 16), converted with channels_last_conversion="internal".
    model.graph['fc'].set_attr('n_in', 4)
    with pytest.raises(
        ConfigError, match=r'layer fc: .*128 weights .*but 4 inputs and 8 outputs; .*channels_last_conversion'
    ):
        hls4ml_hwprune.estimate(model)
