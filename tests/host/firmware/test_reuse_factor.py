"""Reuse factors that the knapsack chose: configuration, firmware and estimate tell the same, and sums stay bit for bit."""

import copy
import logging
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from tests.host.firmware.projects import both_outputs, zero_like
from tests.models import cnn, conv2d, convert, hls_config, input_layer, mlp

CASES = {
    'mlp Vitis': (mlp((16, 24, 12, 5)), 'Vitis', 'io_parallel', {'Budget': {'DSP': 40, 'LUT': 9000}, 'Latency': 40}),
    'mlp Vivado': (mlp((16, 24, 12, 5)), 'Vivado', 'io_parallel', {'Budget': {'DSP': 40}, 'Latency': 40, 'II': 8}),
    'cnn Vitis': (cnn(), 'Vitis', 'io_stream', {'Budget': {'DSP': 20}, 'Latency': '3300 ns'}),
}


def twin(layers, model, backend, io_type, folder):
    """Plain hls4ml with the chosen reuse factors and the plan's weights."""
    plan = hls4ml_hwprune.get_plan(model)
    config = hls_config() | {'LayerName': {k.layer: {'ReuseFactor': k.reuse_factor} for k in plan.kernels}}
    plain = convert(layers, config, folder, backend, io_type=io_type)
    zero_like(plain, plan)
    return plain


@pytest.mark.parametrize('case', CASES)
def test_chosen_reuse_factors_go_all_the_way(case, tmp_path):
    layers, backend, io_type, block = CASES[case]
    config = hls_config({**block, 'ReuseFactor': 'auto'}, [f'{backend.lower()}:hwprune'])
    mine = copy.deepcopy(config)
    model = convert(layers, mine, tmp_path / 'sparse', backend, io_type=io_type)
    assert mine == config
    plan = hls4ml_hwprune.get_plan(model)
    chosen = {kernel.layer: kernel.reuse_factor for kernel in plan.kernels}
    assert any(k.reuse_factor != k.configured_reuse_factor for k in plan.kernels)
    # As planned, and within every bound.
    estimate = hls4ml_hwprune.estimate(model)
    assert estimate.total == plan.after
    used = {**plan.after.as_dict(), 'latency': estimate.design.latency_max, 'ii': estimate.design.ii}
    assert all(used[name] <= bound for name, bound in {**plan.part_bounds, **plan.budget}.items())
    assert set(block) - {'Budget'} <= {'Latency' if name == 'latency' else 'II' for name in plan.budget}
    # The written configuration names them, and so does the firmware.
    model.write()
    folder = Path(model.config.get_output_dir())
    written = yaml.safe_load((folder / 'hls4ml_config.yml').read_text())['HLSConfig']['LayerName']
    parameters = (folder / 'firmware' / 'parameters.h').read_text()
    for kernel in plan.kernels:
        if kernel.reuse_factor != kernel.configured_reuse_factor:
            assert written[kernel.layer]['ReuseFactor'] == kernel.reuse_factor
        index = model.graph[kernel.layer].index
        (struct,) = re.findall(rf'struct config{index} .*?^}};', parameters, re.DOTALL | re.MULTILINE)
        assert f'reuse_factor = {kernel.reuse_factor};' in struct
    plain = twin(layers, model, backend, io_type, tmp_path / 'plain')
    assert chosen == {name: plain.graph[name].get_attr('reuse_factor') for name in chosen}
    x = np.random.default_rng(1).uniform(-4, 4, (50, *layers[0]['input_shape'])).astype(np.float32)
    np.testing.assert_array_equal(*both_outputs(model, plain, x))


def test_a_layer_keeps_the_reuse_factor_that_it_was_given(tmp_path):
    block = {'Budget': {'DSP': 40}, 'ReuseFactor': 'auto', 'Latency': 40}
    fixed = {'fc1': {'HWPrune': {'ReuseFactor': 2}}, 'fc2': {'ReuseFactor': 6, 'HWPrune': {'ReuseFactor': 'config'}}}
    config = hls_config(block, ['vitis:hwprune']) | {'LayerName': fixed}
    plan = hls4ml_hwprune.get_plan(convert(mlp((16, 24, 12, 5)), config, tmp_path, 'Vitis', io_type='io_parallel'))
    assert [kernel.reuse_factor for kernel in plan.kernels][:2] == [2, 6]
    assert [kernel.configured_reuse_factor for kernel in plan.kernels] == [4, 6, 4]


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
def test_pointwise_convolutions_get_legal_reuse_factors(io_type, tmp_path, caplog):
    weights = np.random.default_rng(2).normal(0, 0.7, (1, 1, 3, 6))
    layers = [input_layer((4, 4, 3)), conv2d('point', weights, (4, 4))]
    config = hls_config({'Budget': {'DSP': 2}}, ['vitis:hwprune']) | {'LayerName': {'point': {'ReuseFactor': 4}}}
    with caplog.at_level(logging.WARNING, 'hls4ml_hwprune'):
        model = convert(layers, config, tmp_path / 'sparse', io_type=io_type)
    assert "layer 'point': the reuse factor 4 is not legal, takes 3; legal are [1, 3, 6, 9, 18]" in caplog.text
    (kernel,) = hls4ml_hwprune.get_plan(model).kernels
    assert (kernel.reuse_factor, kernel.n_kept) == (3, 2)
    plain = twin(layers, model, 'Vitis', io_type, tmp_path / 'plain')
    x = np.random.default_rng(1).uniform(-4, 4, (20, 4, 4, 3)).astype(np.float32)
    np.testing.assert_array_equal(*both_outputs(model, plain, x))


def test_designs_that_need_no_pruning_are_made_as_fast_as_fits(tmp_path):
    # Without a bound on the latency any reuse factor would do; DSPs are enough for RF 4 or so.
    config = hls_config({'Budget': {'DSP': 250}, 'ReuseFactor': 'auto'}, ['vitis:hwprune'])
    plan = hls4ml_hwprune.get_plan(convert(mlp((16, 24, 12, 5)), config, tmp_path, 'Vitis', io_type='io_parallel'))
    assert plan.percent_kept == pytest.approx(100)
    assert plan.after.dsp <= 250
    slow = hls_config({'Budget': {'DSP': 250}}, ['vitis:hwprune'], ReuseFactor=8)
    other = hls4ml_hwprune.get_plan(convert(mlp((16, 24, 12, 5)), slow, tmp_path, 'Vitis', io_type='io_parallel'))
    assert plan.timing_after.latency_max <= other.timing_after.latency_max


@pytest.mark.parametrize('backend', ['Vivado', 'Vitis'])
def test_convolutions_that_keep_a_template_that_fails_are_refused(backend, tmp_path):
    flows = [f'{backend.lower()}:hwprune']

    def converted(block, rf=36, **options):
        config = hls_config({'Budget': {'DSP': '1x'}, **block}, flows)
        config['LayerName'] = {'conv': {'ReuseFactor': rf}}
        return convert(cnn(), config, tmp_path / 'project', backend, **options)

    with pytest.raises(ConfigError, match=r"'conv'.*ReuseFactor 36.*window x channels \(18\).*io_stream.*pruned"):
        converted({'Exclude': ['conv']})
    assert not (tmp_path / 'project').exists()
    # A plan that does not name the layer leaves it alone too.
    plan = hls4ml_hwprune.get_plan(converted({'Exclude': ['conv']}, 18))
    assert [kernel.layer for kernel in plan.kernels] == ['fc']
    plan.save(tmp_path / 'plan.json')
    with pytest.raises(ConfigError, match='ReuseFactor 36'):
        converted({'Plan': str(tmp_path / 'plan.json')})
    # Everything that the message says can be done.
    assert converted({}).graph['conv'].class_name == 'SparseConv2D'
    assert converted({'Exclude': ['conv']}, io_type='io_stream').graph['conv'].class_name == 'Conv2D'
