"""Pruning with training in Keras 3, on the engine that KERAS_BACKEND names; in the environment of `make test-frameworks`."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.training import TrainingOptions, masks, prune
from hls4ml_hwprune.training.adapters import open_adapter
from tests.training.networks import N_CLASSES, N_IN, agree_on_zeros, blobs, hls_config, run_killed

keras = pytest.importorskip('keras', minversion='3')
hls4ml = pytest.importorskip('hls4ml')
layers = keras.layers

QUICK = {'steps': 2, 'epochs': 2, 'last_epochs': 3, 'settling_steps': 1, 'tolerance': 0.1}


def network():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            layers.Input((N_IN,)),
            layers.Dense(16, name='fc1', kernel_constraint=keras.constraints.MaxNorm(5)),
            layers.BatchNormalization(name='norm'),
            layers.Activation('relu', name='relu1'),
            layers.Dense(8, activation='relu', name='fc2'),
            layers.Dense(N_CLASSES, activation='softmax', name='out'),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), 'sparse_categorical_crossentropy')
    model.fit(*blobs(), epochs=6, verbose=0)
    return model


def pruned(model, folder, options=QUICK, **others):
    return prune(
        model, blobs(), config=hls_config(), backend='Vitis', options=TrainingOptions(**options), folder=folder, **others
    )


def test_training_and_firmware_agree_on_every_zero(tmp_path):
    model = network()
    result = pruned(model, tmp_path / 'run', {**QUICK, 'group_lasso': 0.01})
    assert result.plan.after.dsp <= 0.3 * result.plan.before.dsp
    assert result.metric >= result.baseline - 0.1
    hls_model = hls4ml.converters.convert_from_keras_model(
        model, hls_config=result.config, backend='Vitis', output_dir=str(tmp_path / 'project')
    )
    agree_on_zeros(hls_model, result, open_adapter(model))
    found = masks(hls_model)
    assert all(np.array_equal(found[name], result.masks[name]) for name in found)
    x, y = blobs(seed=5)
    measured = hls4ml_hwprune.evaluate(hls_model, x, y)
    assert measured.accuracy == pytest.approx(np.mean(model.predict(x, verbose=0).argmax(axis=1) == y), abs=0.02)
    # Masks stay in force when the user trains on.
    model.fit(x, y, epochs=1, verbose=0)
    for name, weights in open_adapter(model).weights().items():
        assert not weights[~found[name]].any()


def test_a_reloaded_model_is_trained_on_targets_that_its_own_metrics_do_not_fit(tmp_path):
    model = network()
    metrics = ['accuracy', keras.metrics.SparseTopKCategoricalAccuracy(2)]
    model.compile('adam', 'sparse_categorical_crossentropy', metrics=metrics)
    model.save(tmp_path / 'model.keras')
    model = keras.models.load_model(tmp_path / 'model.keras')
    x, _ = blobs()
    targets = model.predict(x, verbose=0)
    options = TrainingOptions(**QUICK)
    prune(model, (x, targets), config=hls_config(), backend='Vitis', loss='mse', options=options, folder=tmp_path)
    assert set(model.fit(x, targets, verbose=0).history) == {'loss'}


def test_a_run_that_is_killed_anywhere_ends_the_same(tmp_path, monkeypatch):
    options = {**QUICK, 'regrowth_epochs': 1}
    whole = network()
    result = pruned(whole, tmp_path / 'whole', options)
    again, _ = run_killed(monkeypatch, lambda: pruned(network(), tmp_path / 'killed', options))
    assert again.steps == result.steps
    for ours, theirs in zip(again.model.get_weights(), whole.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
