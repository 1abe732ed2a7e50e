"""The everyday share of the fuzzer: a few hundred cases, most without a compiler. `make fuzz` runs as many as wanted."""

import numpy as np
import pytest

from tests.fuzz.cases import KINDS, how_to_repeat, run_case
from tests.fuzz.dependence import dependent_outputs
from tests.fuzz.networks import random_network

#: How many cases of each kind: a case of `bits` compiles two projects, one of `plans` takes 2 s, the others a tenth of one.
EVERYDAY = {'plans': 8, 'bits': 1, 'bad_blocks': 120, 'bad_plans': 60, 'bad_samples': 60, 'bad_weights': 12}


#: Further cases of those that take long.
MORE = {'plans': range(8, 12)}


def seeds():
    for kind, n in EVERYDAY.items():
        yield from ((kind, seed) for seed in range(n))
        yield from (pytest.param(kind, seed, marks=pytest.mark.slow) for seed in MORE.get(kind, ()))


@pytest.mark.parametrize(('kind', 'seed'), seeds())
def test_case(kind, seed):
    try:
        run_case(kind, seed)
    except BaseException as error:
        error.add_note(how_to_repeat(kind, seed))
        raise


def test_every_kind_has_everyday_cases():
    assert set(EVERYDAY) == set(KINDS)


def test_a_seed_makes_the_same_network_again():
    def made():
        network = random_network(np.random.default_rng(11), 2)
        layers = [(type(layer).__name__, layer.output.shape) for layer in network.model.layers]
        return layers, [w.tolist() for w in network.model.get_weights()], network.config, network.options

    assert made() == made()


def test_dependence_is_what_keras_says():
    """Reachability by weights of one, zero or more, against the gradients of a network that adds everything up."""
    from tensorflow import keras

    layers = keras.layers
    x = layers.Input((5, 4, 2))
    y = layers.Conv2D(3, 2, padding='same', strides=2, use_bias=False, name='conv')(x)
    z = layers.AveragePooling2D(2)(layers.ZeroPadding2D(1)(y))
    z = layers.Permute((2, 3, 1))(z)
    z = layers.Dense(4, use_bias=False, name='fc')(layers.Flatten()(z))
    add = layers.Add()([z, layers.Dense(4, use_bias=False, name='skip')(layers.GlobalMaxPooling2D()(y))])
    model = keras.Model(x, [add, z, layers.Concatenate()([z, add])])
    rng = np.random.default_rng(0)
    seen = set()
    for share in (0.03, 0.06, 0.1, 0.3) * 4:
        weights = [(rng.random(w.shape) < share).astype(float) for w in model.get_weights()]
        model.set_weights(weights)
        live = {name: model.get_layer(name).get_weights()[0] for name in ('conv', 'fc', 'skip')}
        found = dependent_outputs(model, {name: w.reshape(-1, w.shape[-1]).T > 0 for name, w in live.items()})
        inputs = np.stack([np.zeros((5, 4, 2)), np.ones((5, 4, 2))])
        answers = [bool(np.ptp(y, axis=0).any()) for y in model(inputs.astype(np.float32))]
        assert found == answers
        seen |= set(answers)
    assert seen == {True, False}
