"""What follows from a trace for the nodes that hls4ml does not trace."""

import numpy as np
import pytest

from hls4ml_hwprune.host.graph.traced import can_be_traced, complete_trace
from tests import models
from tests.host.graph import graphs


@pytest.fixture
def model(tmp_path):
    layers = [
        models.input_layer((4,)),
        models.flatten('first', 4) | {'target_shape': [2, 2]},
        models.flatten('second', 4),
        models.dense('fc1', np.ones((4, 6))),
        models.relu('relu'),
        models.flatten('shape', 6) | {'target_shape': [2, 3]},
        # hls4ml takes away a reshape that comes last.
        models.relu('last'),
    ]
    return graphs.from_layers(layers, tmp_path / 'project', x={'Precision': 'fixed<6,2,RND,SAT>'})


def test_inputs_are_as_their_type_holds_them_and_reshapes_hand_on(model):
    rng = np.random.default_rng(0)
    x, relu = rng.uniform(-3, 3, (5, 4)), rng.normal(size=(5, 6)).astype(np.float32)
    found = complete_trace(model, [x], {'relu': relu, 'fc1': relu - 1})
    # In graph order, whatever the order of the trace.
    assert list(found) == ['x', 'first', 'second', 'fc1', 'relu', 'shape']
    read = np.clip(np.floor(x * 16 + 0.5) / 16, -2, 2 - 1 / 16)
    np.testing.assert_array_equal(found['x'], read)
    np.testing.assert_array_equal(found['first'], read.reshape(5, 2, 2))
    np.testing.assert_array_equal(found['second'], read)
    np.testing.assert_array_equal(found['shape'], relu.reshape(5, 2, 3))
    assert {values.dtype for values in found.values()} == {np.dtype(np.float64)}
    # Flat samples do as well.
    again = complete_trace(model, [x.reshape(5, 2, 2)], {})
    np.testing.assert_array_equal(again['x'], read)


def test_what_does_not_follow_is_absent(model):
    found = complete_trace(model, [np.zeros((2, 4))], {'relu': np.ones((2, 6))})
    assert list(found) == ['x', 'first', 'second', 'relu', 'shape']
    assert list(complete_trace(model, [np.zeros((2, 4))], {'fc1': np.ones((2, 6))})) == ['x', 'first', 'second', 'fc1']


def test_nodes_that_can_be_traced(model):
    model.apply_flow(model.config.backend.get_default_flow())
    traceable = [node.name for node in model.get_layers() if can_be_traced(node)]
    assert {'fc1', 'relu'} <= set(traceable)
    assert 'x' not in traceable


def test_clones_hand_on(tmp_path):
    layers = [
        models.input_layer((3,)),
        models.relu('relu'),
        models.dense('fc', np.ones((3, 3))) | {'inputs': ['relu']},
        {'class_name': 'Merge', 'name': 'add', 'op': 'add', 'inputs': ['relu', 'fc'], 'outputs': ['add'], 'n_in': 2},
    ]
    config = models.hls_config(flows=graphs.FLOWS)
    model = models.convert(layers, config, tmp_path / 'project', 'Vivado', io_type='io_stream')
    assert model.graph['clone_relu'].class_name == 'Clone'
    assert not can_be_traced(model.graph['clone_relu'])
    relu = np.arange(6.0).reshape(2, 3)
    found = complete_trace(model, [np.zeros((2, 3))], {'relu': relu})
    assert list(found) == ['x', 'relu', 'clone_relu']
    np.testing.assert_array_equal(found['clone_relu'], relu)
