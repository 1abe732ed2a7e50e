"""Projects compiled as one stay apart: each has the weights and types of its own, under names that others have too."""

import numpy as np
import pytest

from tests.host.firmware.projects import both_outputs
from tests.models import convert, dense, hls_config, input_layer


@pytest.mark.parametrize('backend', ['Vivado', 'Vitis'])
def test_projects_stay_apart(backend, tmp_path):
    rng = np.random.default_rng(0)
    # Sums of products of these are exact in the first project; the second one keeps no fractions of its outputs.
    weights, x = rng.integers(-8, 8, (2, 4, 3)) / 4, rng.integers(-8, 8, (20, 4)) / 2
    models = []
    for number, precision in enumerate(('ap_fixed<16,8>', 'ap_fixed<8,8>')):
        config = hls_config(ReuseFactor=1)
        config['LayerName'] = {'fc': {'Precision': {'result': precision}}}
        layers = [input_layer((4,)), dense('fc', weights[number])]
        models.append(convert(layers, config, tmp_path / str(number), backend, io_type='io_parallel'))
    (first,), (second,) = both_outputs(*models, x.astype(np.float32))
    np.testing.assert_array_equal(first, x @ weights[0])
    np.testing.assert_array_equal(second, np.floor(x @ weights[1]))
    assert np.any(second != x @ weights[1])
