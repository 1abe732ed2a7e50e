"""Whole conversions with calibration data, on the digits: accuracy, budgets, firmware, files, and the same again."""

import logging
import sys

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.calibration import effort, grids, planner
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.node.weights import set_bias, set_weights
from hls4ml_hwprune.packing import narrowed_matrix
from hls4ml_hwprune.selection.design import read_design
from tests import models

BUDGET = {'DSP': '0.2x'}


@pytest.fixture(autouse=True)
def _no_keras(monkeypatch):
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)


@pytest.fixture(autouse=True, scope='module')
def _less_effort():
    """A quarter of the gradient steps, and fewer inputs that are made: enough for networks of this size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(effort, '_LAST', 500)
        patch.setattr(effort, '_EACH', 100)
        patch.setattr(effort, '_ENOUGH', 400)
        yield


@pytest.fixture(scope='module')
def digits():
    """Layers of a trained network 64-32-24-10, inputs to calibrate with, and others with their labels."""
    datasets, neural = pytest.importorskip('sklearn.datasets'), pytest.importorskip('sklearn.neural_network')
    x, y = datasets.load_digits(return_X_y=True)
    x = x / 16
    network = neural.MLPClassifier((32, 24), alpha=0.01, random_state=0, max_iter=60).fit(x[:1000], y[:1000])
    layers = [models.input_layer((64,))]
    for number, (weights, bias) in enumerate(zip(network.coefs_, network.intercepts_, strict=True), 1):
        layers += [models.dense(f'fc{number}', weights, bias), models.relu(f'relu{number}')]
    return layers[:-1], x[:1000], x[1000:], y[1000:]


@pytest.fixture(scope='module')
def build(digits, tmp_path_factory):
    def build(io_type='io_parallel', layer_names=(), **options):
        config = models.hls_config() | {'LayerName': dict(layer_names)}
        if options:
            hls4ml_hwprune.enable(config, backend='Vitis', **options)
        else:
            config.pop('Flows', None)
        return models.convert(digits[0], config, tmp_path_factory.mktemp('project') / 'p', 'Vitis', io_type=io_type)

    return build


@pytest.fixture(scope='module')
def dense(build):
    model = build()
    model.compile()
    return model


@pytest.fixture(scope='module')
def calibrated(build, digits):
    model = build(budget=BUDGET, calibration=digits[1], validation={'x': digits[2], 'y': digits[3]})
    model.compile()
    return model


def accuracy(model, digits):
    return float(np.mean(model.predict(digits[2]).argmax(axis=1) == digits[3]))


def test_a_fifth_of_the_multipliers_do(calibrated, dense, digits, build):
    plan = hls4ml_hwprune.get_plan(calibrated)
    assert plan.after.dsp <= 0.2 * plan.before.dsp
    assert hls4ml_hwprune.estimate(calibrated).total == plan.after
    before, after = accuracy(dense, digits), accuracy(calibrated, digits)
    assert before > 0.9
    assert after > before - 0.03
    one_shot = build(budget=BUDGET, packing='aligned', importance='l1')
    one_shot.compile()
    assert after > accuracy(one_shot, digits) + 0.15
    # Measured on the validation data, with their labels.
    assert plan.evaluation.accuracy == pytest.approx(after)
    assert plan.evaluation.reference_accuracy == pytest.approx(before)
    assert plan.evaluation.n_samples == len(digits[3])
    assert hls4ml_hwprune.evaluate(calibrated, digits[2], digits[3], reference=dense) == plan.evaluation


def test_the_firmware_is_the_plain_one_with_the_weights_of_the_plan(calibrated, build, digits):
    plain = build()
    for kernel in hls4ml_hwprune.get_plan(calibrated).kernels:
        assert kernel.values is not None
        assert (kernel.values[~kernel.mask] == 0).all()
        set_weights(plain.graph[kernel.layer], kernel.values)
        set_bias(plain.graph[kernel.layer], kernel.bias)
    plain.compile()
    np.testing.assert_array_equal(calibrated.predict(digits[2]), plain.predict(digits[2]))


def test_two_slots_in_a_dsp_lose_less_for_the_same(dense, digits, build, monkeypatch):
    held, budget = [], {'DSP': '0.08x'}
    monkeypatch.setattr(planner, 'Grids', lambda *parts: held.append(parts) or grids.Grids(*parts))
    wide, paired = (build(budget=budget, calibration=digits[1], slot_width=width) for width in ('config', 'auto'))
    # New weights are found on the grids of the slots, not rounded to them at last.
    assert set(held[-1][3]) == {kernel.key for kernel in hls4ml_hwprune.get_plan(paired).kernels}
    plans = [hls4ml_hwprune.get_plan(model) for model in (wide, paired)]
    assert max(plan.after.dsp for plan in plans) <= 0.08 * plans[0].before.dsp
    for kernel in plans[1].kernels:
        assert kernel.slot_bits == 6
        codes = np.rint(kernel.values * 1024).astype(np.int64)
        np.testing.assert_array_equal(narrowed_matrix(codes, kernel.slots.positions, 6), codes)
    for model in (wide, paired):
        model.compile()
    losses = [hls4ml_hwprune.evaluate(model, digits[2], reference=dense).loss for model in (wide, paired)]
    assert losses[1] < 0.8 * losses[0]


def test_weights_and_biases_are_on_the_grid_of_their_types(calibrated):
    for kernel in hls4ml_hwprune.get_plan(calibrated).kernels:
        for values in (kernel.values, kernel.bias):
            assert (values * 2**10 == np.rint(values * 2**10)).all()
            assert np.abs(values).max() < 32


def test_a_saved_plan_gives_the_same_firmware(calibrated, build, digits, tmp_path):
    plan = hls4ml_hwprune.get_plan(calibrated)
    plan.save(tmp_path / 'plan.json')
    again = build(plan=str(tmp_path / 'plan.json'))
    again.compile()
    np.testing.assert_array_equal(again.predict(digits[2]), calibrated.predict(digits[2]))
    assert hls4ml_hwprune.get_plan(again).after == plan.after


@pytest.mark.parametrize('reconstruction', ['none', 'layers'])
def test_less_is_done_where_less_is_asked(build, digits, calibrated, reconstruction):
    model = build(budget=BUDGET, calibration=digits[1], reconstruction=reconstruction)
    plan, full = hls4ml_hwprune.get_plan(model), hls4ml_hwprune.get_plan(calibrated)
    assert plan.evaluation.n_samples == 1000
    assert plan.evaluation.agreement < full.evaluation.agreement
    assert all((kernel.values is None) == (reconstruction == 'none') for kernel in plan.kernels)
    assert all(kernel.importance == 'obs' for kernel in plan.kernels)
    if reconstruction == 'layers':
        assert plan.evaluation.agreement > 0.7


def test_the_same_again(build, digits, tmp_path):
    """Few samples, so that inputs are made of them; weights of one layer are constants."""
    found = []
    for number in range(2):
        options = {'calibration': digits[1][:60], 'importance': 'activation'}
        model = build(layer_names={'fc3': {'Strategy': 'Latency', 'ReuseFactor': 1}}, budget={'DSP': '0.3x'}, **options)
        plan = hls4ml_hwprune.get_plan(model)
        plan.save(tmp_path / f'{number}.json')
        found.append((tmp_path / f'{number}.json').read_bytes())
        assert plan.after.dsp <= 0.3 * plan.before.dsp
        assert hls4ml_hwprune.estimate(model).total == plan.after
        assert plan.evaluation.agreement > 0.9
    assert found[0] == found[1]


def test_nothing_to_prune_changes_nothing(build, digits, dense):
    model = build(budget={'DSP': '1x'}, calibration=digits[1])
    model.compile()
    plan = hls4ml_hwprune.get_plan(model)
    assert plan.evaluation.agreement == 1
    np.testing.assert_array_equal(model.predict(digits[2]), dense.predict(digits[2]))


def test_a_layer_that_cannot_be_emulated(digits, tmp_path, caplog, monkeypatch):
    """Layers are then matched one by one."""
    monkeypatch.delitem(sys.modules, 'keras')
    keras = pytest.importorskip('tensorflow').keras
    import hls4ml

    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.layers.Input((8, 8)),
            keras.layers.LayerNormalization(name='norm'),
            keras.layers.Flatten(),
            keras.layers.Dense(16, 'relu', name='fc1'),
            keras.layers.Dense(4, name='fc2'),
        ]
    )
    config = models.hls_config()
    x = digits[1].reshape(-1, 8, 8)[:200]
    agreement = {}
    for reconstruction in ('auto', 'none'):
        hls4ml_hwprune.enable(
            config,
            backend='Vitis',
            budget={'DSP': '0.7x'},
            calibration=x,
            reconstruction=reconstruction,
            exclude=['fc2'],
        )
        model = hls4ml.converters.convert_from_keras_model(
            network, hls_config=config, backend='Vitis', output_dir=str(tmp_path / reconstruction), part=models.PART
        )
        plan = hls4ml_hwprune.get_plan(model)
        assert [kernel.layer for kernel in plan.kernels] == ['fc1']
        assert plan.pruned
        agreement[reconstruction] = plan.evaluation.agreement
    assert 'not all layers can be emulated' in caplog.text
    assert agreement['auto'] >= agreement['none']


def test_samples_of_another_shape_are_refused_before_anything_is_written(build, tmp_path):
    with pytest.raises(ConfigError, match=r'Validation: x0 has samples of shape \(63,\), the network takes \(64,\)'):
        build(budget=BUDGET, validation=np.zeros((3, 63)))


@pytest.mark.parametrize(('budget', 'on_the_way'), [({'DSP': '0.5x'}, False), ({'DSP': '0.5x', 'LUT': '0.8x'}, True)])
def test_layouts_are_searched_for_in_the_last_plan_and_where_luts_decide(build, digits, budget, on_the_way, monkeypatch):
    asked = []

    def read(*arguments, searched=True):
        asked.append(searched)
        return read_design(*arguments, searched=searched)

    monkeypatch.setattr(planner, 'read_design', read)
    for name in ('_LAST', '_EACH'):
        monkeypatch.setattr(effort, name, 5)
    build(budget=budget, calibration=digits[1][:100])
    assert asked[0] and asked[-1]
    assert len(asked) > 2
    assert set(asked[1:-1]) == {on_the_way}
