"""Ranges of weights and biases against the numbers that a type holds."""

import numpy as np
import pytest

from hls4ml_hwprune.host.node.casting import cast
from hls4ml_hwprune.host.node.grids import value_range
from tests import models
from tests.host.graph import graphs


def node(tmp_path, weight='fixed<8,3>', bias='fixed<8,3>', least=0.5, **layer):
    weights = np.full((2, 3), 0.5)
    weights[1, 1] = least
    dense = models.dense('fc', weights, np.ones(3)) | layer
    model = graphs.from_layers(
        [models.input_layer((2,)), dense, models.relu('relu')],
        tmp_path / 'project',
        fc={'Precision': {'weight': weight, 'bias': bias}},
    )
    return model.graph['fc']


@pytest.mark.parametrize(
    ('precision', 'expected'),
    [
        # Symmetric, as no weight has the most negative number.
        ('fixed<8,3>', (1 / 32, -127, 127)),
        ('ufixed<8,3>', (1 / 32, 0, 255)),
        ('int<4>', (1.0, -7, 7)),
        ('uint<4>', (1.0, 0, 15)),
        ('fixed<2,1>', (0.5, -1, 1)),
        # Without a bit left of the binary point, and without one right of it.
        ('fixed<4,0>', (1 / 16, -7, 7)),
        ('fixed<4,6>', (4.0, -7, 7)),
    ],
)
def test_ranges_of_types(tmp_path, precision, expected):
    layer = node(tmp_path, precision, precision)
    assert value_range(layer, 'weight') == expected
    assert value_range(layer, 'bias') == expected
    # All of them are numbers of the type, and so is no other beside the most negative one.
    unit, low, high = expected
    held = unit * np.arange(low, high + 1)
    kind = layer.weights['weight'].type.precision
    assert cast(held, kind) == pytest.approx(held)
    assert cast(np.array([unit * (high + 1)]), kind) < 0 or low == 0
    assert len(held) == 2**kind.width - int(kind.signed)


@pytest.mark.parametrize(('least', 'low'), [(-3.96875, -127), (-4.0, -128), (-3.99, -128), (-40.0, -128)])
def test_the_most_negative_number_is_there_where_it_is_in_use(tmp_path, least, low):
    assert value_range(node(tmp_path, least=least), 'weight') == (1 / 32, low, 127)
    assert value_range(node(tmp_path, least=least), 'bias') == (1 / 32, -127, 127)


def test_what_is_not_there_or_no_fixed_point_number_cannot_change(tmp_path):
    bare = node(tmp_path, use_bias=False, bias_data=None)
    assert value_range(bare, 'bias') is None
    assert value_range(bare, 'weight') is not None
    assert value_range(bare.model.graph['relu'], 'weight') is None
    assert value_range(node(tmp_path, weight='float'), 'weight') is None
