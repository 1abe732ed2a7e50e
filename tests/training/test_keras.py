"""Pruning with training in Keras 2 and QKeras."""

import json
from functools import cache

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError, InfeasibleError, TrainingError
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.training import TrainingOptions, apply_masks, masks, prune
from hls4ml_hwprune.training.adapters import Hold, Training, open_adapter
from hls4ml_hwprune.training.samples import as_arrays
from hls4ml_hwprune.training.state import Checkpoint
from tests.training.networks import FOLDING, N_CLASSES, N_IN, agree_on_zeros, blobs, hls_config, run_killed, same_bytes

keras = pytest.importorskip('tensorflow.keras')
hls4ml = pytest.importorskip('hls4ml')
layers = keras.layers

QUICK = {'steps': 2, 'epochs': 2, 'last_epochs': 3, 'settling_steps': 0, 'tolerance': 0.1}


def network(normalised=True, dropout=False):
    """A trained network: the weights and the state of the optimizer are those of a training that is done once."""
    weights, state = training_of(normalised, dropout)
    model = untrained(normalised, dropout)
    model.set_weights(weights)
    model.optimizer.build(model.trainable_variables)
    for variable, value in zip(model.optimizer.variables, state, strict=True):
        variable.assign(value)
    return model


@cache
def training_of(normalised, dropout):
    """Weights of a trained network, and variables of its optimizer."""
    model = fitted(untrained(normalised, dropout))
    return model.get_weights(), [variable.numpy() for variable in model.optimizer.variables]


def untrained(normalised, dropout):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([layers.Input((N_IN,), name='x'), layers.Dense(16, name='fc1')])
    if normalised:
        model.add(layers.BatchNormalization(name='norm'))
    model.add(layers.Activation('relu', name='relu1'))
    if dropout:
        model.add(layers.Dropout(0.1))
    model.add(layers.Dense(8, activation='relu', name='fc2'))
    model.add(layers.Dense(N_CLASSES, activation='softmax', name='out'))
    return compiled(model)


def compiled(model):
    model.compile(keras.optimizers.Adam(0.01), 'sparse_categorical_crossentropy')
    return model


def fitted(model, epochs=6):
    model.fit(*blobs(), epochs=epochs, verbose=0)
    return model


def trained(model, epochs=6):
    return fitted(compiled(model), epochs)


def pruned(model, folder, config=None, data=None, options=QUICK, **others):
    return prune(
        model,
        blobs() if data is None else data,
        config=config or hls_config(),
        backend='Vitis',
        options=TrainingOptions(**options),
        folder=folder,
        **others,
    )


def firmware(model, result, folder):
    return hls4ml.converters.convert_from_keras_model(
        model, hls_config=result.config, backend='Vitis', output_dir=str(folder)
    )


@pytest.mark.parametrize(
    'precision',
    [pytest.param(FOLDING, id='folded'), pytest.param(FOLDING['default'], id='not folded', marks=pytest.mark.slow)],
)
def test_training_and_firmware_agree_on_every_zero(tmp_path, precision):
    model = network()
    result = pruned(
        model, tmp_path / 'run', config=hls_config(precision=dict(precision) if precision is FOLDING else precision)
    )
    assert result.model is model
    assert result.plan.after.dsp <= 0.3 * result.plan.before.dsp
    assert result.metric >= result.baseline - 0.1
    hls_model = firmware(model, result, tmp_path / 'project')
    assert any(node.class_name == 'BatchNormalization' for node in hls_model.get_layers()) == (precision is not FOLDING)
    agree_on_zeros(hls_model, result, open_adapter(model))
    assert hls4ml_hwprune.get_plan(hls_model).after.dsp <= result.plan.after.dsp
    for kernel in result.plan.kernels:
        node = hls_model.graph[kernel.layer]
        assert node.class_name == 'SparseDense'
    x, y = blobs(seed=5)
    found = hls4ml_hwprune.evaluate(hls_model, x, y)
    assert found.accuracy == pytest.approx(np.mean(model.predict(x, verbose=0).argmax(axis=1) == y), abs=0.02)
    # The mask that the plan has is the one that was trained with, whatever batch normalisation was folded in.
    theirs = masks(hls_model)
    assert theirs.keys() == result.masks.keys()
    assert all(np.array_equal(theirs[name], result.masks[name]) for name in theirs)


@pytest.mark.parametrize(
    ('dropout', 'fresh'),
    [(True, True), pytest.param(False, True, marks=pytest.mark.slow), pytest.param(False, False, marks=pytest.mark.slow)],
)
def test_a_run_that_is_killed_anywhere_ends_the_same(tmp_path, monkeypatch, dropout, fresh):
    """In another process, whose model is as it was before, or in the same one, which only interrupted the run."""
    options = {**QUICK, 'epochs': 1, 'regrowth_epochs': 1, 'settling_steps': 1}
    whole = network(dropout=dropout)
    result = pruned(whole, tmp_path / 'whole', options=options)
    model = network(dropout=dropout)
    models = [model]

    def attempt():
        models.append(network(dropout=dropout) if fresh else model)
        return pruned(models[-1], tmp_path / 'killed', options=options)

    again, saved = run_killed(monkeypatch, attempt)
    assert saved > 12
    assert again.steps == result.steps
    for ours, theirs in zip(models[-1].get_weights(), whole.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert same_bytes(tmp_path / 'killed', tmp_path / 'whole')
    # A run that is complete is not run again.
    monkeypatch.setattr(Checkpoint, 'save', None)
    assert pruned(network(dropout=dropout), tmp_path / 'whole', options=options).metric == result.metric


def test_weights_that_others_pruned_stay_zero(tmp_path):
    model = network(normalised=False)
    kernel, bias = model.get_layer('fc1').get_weights()
    zeros = np.random.default_rng(0).random(kernel.shape) < 0.5
    model.get_layer('fc1').set_weights([np.where(zeros, 0, kernel), bias])
    result = pruned(model, tmp_path / 'run', options={**QUICK, 'regrowth_epochs': 1, 'tolerance': 0.5})
    assert not model.get_layer('fc1').get_weights()[0][zeros].any()
    assert not result.masks['fc1'][zeros].any()


@pytest.mark.parametrize(
    'schedule', ['binary', *(pytest.param(name, marks=pytest.mark.slow) for name in ('polynomial', 'constant'))]
)
def test_schedules(tmp_path, schedule):
    result = pruned(network(), tmp_path, options={**QUICK, 'schedule': schedule, 'steps': 3})
    held = [step for step in result.steps if step.held]
    assert held
    assert result.plan.after.dsp <= max(step.used['dsp'] for step in held)


def test_the_last_plan_that_held_is_kept(tmp_path):
    """Of a metric that fails where few slots are left."""
    model = network()
    adapter = open_adapter(model)

    def metric(y, outputs):
        return float(sum(weights.astype(bool).sum() for weights in adapter.weights().values()) > 120)

    result = pruned(model, tmp_path, config=hls_config({'DSP': '0.2x'}), options={**QUICK, 'steps': 5}, metric=metric)
    assert result.metric == 1
    assert [step.held for step in result.steps][-2:] == [True, False]
    assert result.plan.after.as_dict() == next(step for step in reversed(result.steps) if step.held).used
    assert sum(mask.sum() for mask in result.masks.values()) > 120


def test_the_last_plan_goes_on_from_the_best_that_settled(tmp_path):
    metrics = iter([1.0, 0.9, 0.7, 0.8, 0.6, 0.75])
    # Steps large and long enough for groups to change.
    options = {**QUICK, 'settling_steps': 3, 'tolerance': 0.5, 'epochs': 12}
    model = network()
    model.compile(keras.optimizers.Adam(0.05), 'sparse_categorical_crossentropy')
    result = pruned(model, tmp_path, options=options, metric=lambda y, outputs: next(metrics))
    assert [step.metric for step in result.steps] == [0.9, 0.7, 0.8, 0.6, 0.75]
    plans = [Plan.load(tmp_path / f'plan_{number}.json') for number in range(5)]
    first, best, worst, last = ([kernel.mask for kernel in plan.kernels] for plan in plans[1:])
    assert all((mask <= of_best).all() for mask, of_best in zip(last, best, strict=True))
    assert any((mask > of).any() for other in (first, worst) for mask, of in zip(last, other, strict=True))
    assert plans[1].after.dsp == plans[2].after.dsp <= 0.3 * plans[0].before.dsp


def test_a_metric_that_never_holds_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match='no plan keeps the validation metric'):
        calls = iter([1.0, *[0.0] * 100])
        pruned(network(), tmp_path, metric=lambda y, outputs: next(calls))


def test_group_lasso_is_searched_for_and_shrinks_groups(tmp_path):
    model = network(normalised=False)
    result = pruned(model, tmp_path, options={**QUICK, 'group_lasso': 'auto'})
    assert result.plan.after.dsp <= 0.3 * result.plan.before.dsp
    strong, weak = network(normalised=False), network(normalised=False)
    for model, strength in ((strong, 1.0), (weak, 0.0)):
        options = {**QUICK, 'steps': 2, 'group_lasso': strength, 'tolerance': 1.0}
        pruned(model, tmp_path / str(strength), config=hls_config({'DSP': '0.9x'}), options=options)
    sizes = [np.abs(model.get_layer('fc1').get_weights()[0]).sum() for model in (strong, weak)]
    assert sizes[0] < 0.8 * sizes[1]


@pytest.mark.parametrize('whole', [False, True])
def test_the_learning_rate_falls_in_rounds_by_epoch_and_as_a_whole(whole):
    model = network(dropout=whole)
    adapter = open_adapter(model)
    data = as_arrays(blobs(), 'data')
    training = Training(data, None, None, (), 64, decay=True, validation=data)
    adapter.begin(training, {})
    assert adapter.resumes_anywhere is not whole
    rates = []
    for first, last in ((0, 4),) if whole else ((0, 1), (1, 2), (2, 3), (3, 4)):
        adapter.train(first, last, 4, seed=0)
        rates.append(float(model.optimizer.learning_rate))
    assert rates == pytest.approx([0.01 * training.rate(epoch, 4) for epoch in ((3,) if whole else range(4))])
    adapter.end()
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)


def test_a_round_goes_on_with_the_functions_of_the_one_before_and_ends_as_if_it_were_the_first():
    data = as_arrays(blobs(), 'data')
    training = Training(data, None, None, (), 64, decay=True, validation=data)
    rng = np.random.default_rng(0)
    models = [network(), network()]
    adapters = [open_adapter(model) for model in models]
    rounds = []
    for n_groups in (3, 5):
        shapes = {name: weights.shape for name, weights in adapters[0].weights().items()}
        groups = {name: rng.integers(0, n_groups, shape) for name, shape in shapes.items()}
        rounds.append({name: Hold(rng.random(shape) < 0.7, groups[name], 0.1) for name, shape in shapes.items()})
    functions = []
    for number, holds in enumerate(rounds):
        adapters[0].begin(training, holds)
        if number == 1:
            weights = models[0].get_weights()
        adapters[0].train(0, 1, 2, seed=number)
        functions.append(models[0].train_function)
        adapters[0].end()
    assert functions[0] is functions[1]
    models[1].set_weights(weights)
    adapters[1].begin(training, rounds[1])
    adapters[1].train(0, 1, 2, seed=1)
    adapters[1].end()
    for ours, theirs in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert all(not adapters[0].weights()[name][~hold.mask].any() for name, hold in rounds[1].items())


def test_data_sets_and_callbacks(tmp_path):
    import tensorflow as tf

    x, y = blobs()
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(50)
    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    result = pruned(network(), tmp_path, data=data, validation=data, callbacks=[callback])
    assert seen == [0, 1, 0, 1, 2]
    assert result.plan.after.dsp <= 0.3 * result.plan.before.dsp
    with pytest.raises(ConfigError, match='validation: needed'):
        pruned(network(), tmp_path / 'other', data=data)


def test_callbacks_see_the_validation_data_and_the_metrics_that_were_compiled(tmp_path):
    model, seen = network(), []
    metrics = ['accuracy', keras.metrics.SparseTopKCategoricalAccuracy(2, name='top2')]
    model.compile(model.optimizer, model.loss, metrics=metrics)
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(set(logs)))
    pruned(model, tmp_path, callbacks=[callback])
    names = {'loss', 'accuracy', 'top2'}
    assert all(logs == names | {f'val_{name}' for name in names} for logs in seen)
    assert seen
    assert model.evaluate(*blobs(), verbose=0, return_dict=True).keys() == names


METRICS = {
    'of labels': ({'metrics': ['accuracy'], 'weighted_metrics': [keras.metrics.SparseTopKCategoricalAccuracy(2)]}, {'loss'}),
    'of anything': ({'metrics': ['mae']}, {'loss', 'mae'}),
}


@pytest.mark.parametrize('kind', METRICS)
def test_a_reloaded_model_is_trained_on_targets_that_its_own_metrics_do_not_fit(tmp_path, kind):
    compiled, left = METRICS[kind]
    model, seen = network(), []
    model.compile('adam', 'sparse_categorical_crossentropy', **compiled)
    model.train_on_batch(*blobs())
    model.save(tmp_path / 'model.h5')
    model = keras.models.load_model(tmp_path / 'model.h5')
    x, _ = blobs()
    targets = model.predict(x, verbose=0)
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(set(logs)))
    options = {**QUICK, 'steps': 1, 'last_epochs': 1}
    pruned(model, tmp_path / 'run', data=(x, targets), options=options, loss='mse', callbacks=[callback])
    assert all({name.removeprefix('val_') for name in logs} == left for logs in seen)
    assert seen
    # Trained on as it is left.
    assert set(model.fit(x, targets, verbose=0).history) == left


_SCHEDULE = keras.optimizers.schedules.CosineDecay(1e-2, 100)
OPTIMIZERS = {
    'schedule': lambda: keras.optimizers.Adam(_SCHEDULE),
    'legacy': lambda: keras.optimizers.legacy.Adam(1e-2),
    'legacy schedule': lambda: keras.optimizers.legacy.SGD(_SCHEDULE, momentum=0.9),
}


@pytest.mark.parametrize(
    'kind', [pytest.param(name, marks=pytest.mark.slow) if name == 'legacy' else name for name in OPTIMIZERS]
)
def test_optimizers_of_all_kinds_are_trained_with_and_stay(tmp_path, monkeypatch, kind):
    whole, killed = network(), network()
    for model in (whole, killed):
        model.compile(OPTIMIZERS[kind](), model.loss)
    settings = whole.optimizer.get_config()
    result = pruned(whole, tmp_path / 'whole')
    assert whole.optimizer.get_config() == settings
    assert result.metric >= result.baseline - 0.1
    assert all(not whole.get_layer(name).kernel.numpy()[~mask].any() for name, mask in result.masks.items())
    run_killed(monkeypatch, lambda: pruned(killed, tmp_path / 'killed'))
    assert same_bytes(tmp_path / 'killed', tmp_path / 'whole')
    assert all(np.array_equal(a, b) for a, b in zip(whole.get_weights(), killed.get_weights(), strict=True))


@pytest.mark.parametrize('folded', [True, pytest.param(False, marks=pytest.mark.slow)])
def test_constants_keep_the_codes_that_they_moved_to(tmp_path, folded):
    """Latency layers: after the last plan their codes cost what was planned, whatever a folded normalisation does."""
    config = hls_config({'DSP': '0.4x'}, precision=dict(FOLDING))
    config['LayerName'] = {
        'fc1': {'Strategy': 'Latency', 'ReuseFactor': 1},
        'out': {'Strategy': 'Latency', 'ReuseFactor': 1},
    }
    model = network(normalised=folded)
    result = pruned(model, tmp_path / 'run', config=config, options={**QUICK, 'tolerance': 1.0})
    assert result.steps[-1].position == 1
    assert result.plan.after.dsp <= 0.4 * result.plan.before.dsp
    hls_model = firmware(model, result, tmp_path / 'project')
    assert hls4ml_hwprune.get_plan(hls_model).after.dsp <= 0.4 * result.plan.before.dsp
    x, y = blobs(seed=5)
    found = hls4ml_hwprune.evaluate(hls_model, x, y)
    assert found.accuracy == pytest.approx(np.mean(model.predict(x, verbose=0).argmax(axis=1) == y), abs=0.02)


def test_convolutions(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 6, 6, 2)).astype(np.float32), rng.integers(0, 3, 200)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(4, 3, name='conv'),
            layers.BatchNormalization(name='norm'),
            layers.Activation('relu', name='relu'),
            layers.SeparableConv2D(6, 3, name='separable'),
            layers.Flatten(name='flat'),
            layers.Dense(3, activation='softmax', name='out'),
        ]
    )
    model.compile('adam', 'sparse_categorical_crossentropy')
    config = hls_config({'DSP': '0.6x'}, reuse_factor=2)
    result = pruned(model, tmp_path / 'run', config, (x, y), {**QUICK, 'tolerance': 1.0}, io_type='io_stream')
    assert {'conv', 'separable_depthwise', 'separable_pointwise', 'out'} == result.masks.keys()
    assert result.masks['conv'].shape == (3, 3, 2, 4)
    hls_model = hls4ml.converters.convert_from_keras_model(
        model, hls_config=result.config, backend='Vitis', output_dir=str(tmp_path / 'project'), io_type='io_stream'
    )
    agree_on_zeros(hls_model, result, open_adapter(model))


@pytest.mark.parametrize(
    ('cell', 'names'),
    [
        (lambda: layers.GRU(4, name='cell'), {'cell', 'cell.recurrent_weight'}),
        pytest.param(
            lambda: layers.Bidirectional(layers.LSTM(4), name='cell'),
            {f'cell.{way}_{role}' for way in ('forward', 'backward') for role in ('weight', 'recurrent_weight')},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_recurrent_layers(tmp_path, cell, names):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5, 6)).astype(np.float32)
    y = (x[:, -1, 0] + x[:, -2, 1] > 0).astype(int)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Input((5, 6)), cell(), layers.Dense(2, activation='softmax', name='out')])
    model.compile('adam', 'sparse_categorical_crossentropy')
    config = hls_config({'DSP': '0.6x'}, reuse_factor=2)
    result = pruned(model, tmp_path / 'run', config, (x, y), {**QUICK, 'tolerance': 1.0})
    assert result.masks.keys() == names | {'out'}
    assert result.plan.after.dsp <= 0.6 * result.plan.before.dsp
    hls_model = firmware(model, result, tmp_path / 'project')
    agree_on_zeros(hls_model, result, open_adapter(model))
    found = masks(hls_model)
    assert all(np.array_equal(found[name], mask) for name, mask in result.masks.items())
    assert not all(mask.all() for mask in found.values())


def test_qkeras(tmp_path):
    qkeras = pytest.importorskip('qkeras')
    keras.utils.set_random_seed(1)
    quantizer = qkeras.quantized_bits(6, 1, alpha=1)
    model = keras.Sequential([layers.Input((N_IN,))])
    for name, size in (('fc1', 16), ('fc2', 8)):
        model.add(qkeras.QDense(size, kernel_quantizer=quantizer, bias_quantizer=quantizer, name=name))
        model.add(qkeras.QActivation(qkeras.quantized_relu(8, 3), name=f'{name}_relu'))
    model.add(qkeras.QDense(N_CLASSES, kernel_quantizer=quantizer, bias_quantizer=quantizer, name='out'))
    model.add(layers.Activation('softmax', name='softmax'))
    trained(model, 20)
    config = hls4ml.utils.config_from_keras_model(model, granularity='name', backend='Vitis')
    for layer in config['LayerName'].values():
        layer.update(Strategy='Resource', ReuseFactor=4)
    config['LayerName']['softmax'].pop('ReuseFactor')
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'LUT': '0.4x'})
    result = pruned(model, tmp_path / 'run', config=config)
    hls_model = firmware(model, result, tmp_path / 'project')
    agree_on_zeros(hls_model, result, open_adapter(model))
    x, y = blobs(seed=5)
    found = hls4ml_hwprune.evaluate(hls_model, x, y)
    assert found.accuracy == pytest.approx(np.mean(model.predict(x, verbose=0).argmax(axis=1) == y), abs=0.03)


def test_masks_stay_in_force_when_the_user_trains_on(tmp_path):
    model = network(normalised=False)
    config = hls_config()
    hls_model = hls4ml.converters.convert_from_keras_model(
        model, hls_config=config, backend='Vitis', output_dir=str(tmp_path / 'project')
    )
    found = masks(hls_model)
    assert {name: mask.shape for name, mask in found.items()} == {'fc1': (8, 16), 'fc2': (16, 8), 'out': (8, 3)}
    apply_masks(model, found)
    before = model.get_layer('fc2').get_weights()[0]
    model.fit(*blobs(), epochs=1, verbose=0)
    after = model.get_layer('fc2').get_weights()[0]
    assert not after[~found['fc2']].any()
    assert (before != after).any()
    with pytest.raises(ConfigError, match=r"masks: expected the shape \(16, 8\), got 'fc2' of shape \(3,\)"):
        apply_masks(model, {'fc2': np.ones(3, bool)})
    with pytest.raises(ConfigError, match='one of the layers fc1, fc2, out'):
        apply_masks(model, {'other': np.ones(3, bool)})


def test_wrong_configurations_are_refused_before_anything_is_written(tmp_path):
    model = network()
    bad = {
        'Plan': ({'plan': 'plan.json'}, r'HWPrune\.Plan: not where a network is trained'),
        'Minimize': ({'minimize': 'DSP', 'min_importance': '90%'}, r'HWPrune\.Minimize: not where'),
        'Exclude': ({'exclude': ['nothing'], 'budget': {'DSP': '0.5x'}}, "there is no layer 'nothing'"),
    }
    for options, message in bad.values():
        config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 4, 'Strategy': 'Resource'}}
        hls4ml_hwprune.enable(config, backend='Vitis', **options)
        with pytest.raises(ConfigError, match=message):
            pruned(model, tmp_path / 'run', config=config)
    with pytest.raises(ConfigError, match=r'Model\.HWPrune is missing'):
        pruned(model, tmp_path / 'run', config={'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 4}})
    with pytest.raises(ConfigError, match='config: expected a dict as hls4ml takes it, got a str'):
        pruned(model, tmp_path / 'run', config='config.yml')
    with pytest.raises(ConfigError, match='expected a Keras model or a torch'):
        pruned(object(), tmp_path / 'run')
    twice = keras.Model(model.inputs, [model.output, model.layers[0].output])
    with pytest.raises(ConfigError, match='model: expected a functional or sequential model of one output, it has 2'):
        pruned(twice, tmp_path / 'run', data=(blobs()[0], [blobs()[1], blobs()[1]]))
    with pytest.raises(ConfigError, match='loss: needed'):
        pruned(keras.Sequential([layers.Input((N_IN,)), layers.Dense(N_CLASSES, name='out')]), tmp_path / 'run')
    with pytest.raises(InfeasibleError, match='lut'):
        pruned(model, tmp_path / 'run', config=hls_config({'LUT': 10}))
    assert not (tmp_path / 'run').exists()


def test_a_folder_of_another_run_is_refused(tmp_path):
    pruned(network(), tmp_path)
    with pytest.raises(TrainingError, match='holds a run with epochs 2, this one has 1'):
        pruned(network(), tmp_path, options={**QUICK, 'epochs': 1})
    x, y = blobs()
    with pytest.raises(TrainingError, match='holds a run with data '):
        pruned(network(), tmp_path, data=(x + 1, y))
    assert json.loads((tmp_path / 'plan.json').read_text())['kind'] == 'hls4ml_hwprune plan'
