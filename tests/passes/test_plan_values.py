"""New weights and biases of a plan that the layers' types do not have: refused by name, before anything is written."""

from dataclasses import replace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.node.weights import bias_vector
from hls4ml_hwprune.passes.plan_values import check_plan_values
from hls4ml_hwprune.records import fingerprint
from tests.models import convert, hls_config, mlp

SIZES = (6, 8, 5)
# Weights of eight bits, four of them fractional, without a sign in the second layer.
TYPES = {
    'LayerName': {
        'fc1': {'Precision': {'weight': 'fixed<8,4>', 'bias': 'fixed<8,4>'}},
        'fc2': {'Precision': {'weight': 'ufixed<6,2>', 'bias': 'fixed<16,6>'}},
    }
}


@pytest.fixture(scope='module')
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp('plain')
    return convert(mlp(SIZES), {**hls_config(), **TYPES}, folder, 'Vitis', io_type='io_parallel')


@pytest.fixture(scope='module')
def plan(plain):
    (plan,) = hls4ml_hwprune.sweep(plain, [{'DSP': '1x'}]).plans
    return plan


def moved(plan, plain, layer, values, bias=None):
    """Return the plan with new values for the weights of a layer."""
    codes = next(one for one in read_layers(plain) if one.name == layer).kernels[0].codes

    def with_values(kernel):
        if kernel.layer != layer:
            return kernel
        return replace(kernel, values=np.asarray(values, float), bias=bias, fingerprint=fingerprint(codes))

    return replace(plan, kernels=[with_values(kernel) for kernel in plan.kernels])


def with_value(shape, value):
    values = np.full(shape, 0.5)
    values[2, 1] = value
    return values


@pytest.mark.parametrize(
    ('layer', 'value'),
    [('fc1', v) for v in (7.9375, -8.0, 0.0, -0.0625)] + [('fc2', v) for v in (0.0, 3.9375, 0.0625)],
)
def test_values_of_the_type_are_taken(plain, plan, layer, value):
    shape = (8, 6) if layer == 'fc1' else (5, 8)
    check_plan_values(plain, moved(plan, plain, layer, with_value(shape, value)), read_layers(plain))


@pytest.mark.parametrize(
    ('layer', 'value', 'said'),
    [
        ('fc1', 0.03125, '0.03125'),
        ('fc1', 8.0, '8'),
        ('fc1', -8.0625, '-8.0625'),
        ('fc1', 1e300, r'1e\+300'),
        ('fc1', 5e-324, r'4.94065646e-324'),
        ('fc2', -0.0625, '-0.0625'),
        ('fc2', 4.0, '4'),
    ],
)
def test_other_values_are_named(plain, plan, layer, value, said):
    shape = (8, 6) if layer == 'fc1' else (5, 8)
    damaged = moved(plan, plain, layer, with_value(shape, value))
    kind = r'fixed<8,4\S*>' if layer == 'fc1' else r'ufixed<6,2\S*>'
    words = rf'the weight {said} \(output 2, input 1\), which its type {kind} does not have'
    with pytest.raises(PlanError, match=f"^the plan gives the layer '{layer}' {words}"):
        check_plan_values(plain, damaged, read_layers(plain))


@pytest.mark.parametrize('value', [0.01, 8.0])
def test_biases_too(plain, plan, value):
    values, bias = np.full((8, 6), 0.5), np.zeros(8)
    check_plan_values(plain, moved(plan, plain, 'fc1', values, bias), read_layers(plain))
    # The model's own, which hls4ml rounds, may stay.
    check_plan_values(plain, moved(plan, plain, 'fc1', values, bias_vector(plain.graph['fc1'])), read_layers(plain))
    bias[3] = value
    with pytest.raises(PlanError, match=rf"the layer 'fc1' the bias {value:g} \(output 3\), which its type "):
        check_plan_values(plain, moved(plan, plain, 'fc1', values, bias), read_layers(plain))


def test_values_for_other_weights_are_not_used_and_not_checked(plain, plan):
    damaged = moved(plan, plain, 'fc1', with_value((8, 6), 1e9))
    kernels = [replace(kernel, fingerprint='0' * 64 if kernel.fingerprint else '') for kernel in damaged.kernels]
    check_plan_values(plain, replace(plan, kernels=kernels), read_layers(plain))


@pytest.mark.parametrize('value', [0.01, 40.0])
def test_a_plan_file_of_constants(tmp_path, value):
    """Constants are priced by their codes: of others than the firmware holds the estimate would be untrue."""
    options = {'Strategy': 'Latency', 'ReuseFactor': 1}
    config = hls_config({'Budget': {'DSP': '0.3x'}, 'Packing': 'snapped'}, ['vitis:hwprune'], **options)
    found = hls4ml_hwprune.get_plan(convert(mlp(SIZES), config, tmp_path / 'first', 'Vitis', io_type='io_parallel'))
    kernel = next(kernel for kernel in found.kernels if kernel.values is not None)
    values = kernel.values.copy()
    values[tuple(np.argwhere(values)[0])] = value
    damaged = [replace(one, values=values) if one is kernel else one for one in found.kernels]
    replace(found, kernels=damaged).save(tmp_path / 'plan.json')
    Plan.load(tmp_path / 'plan.json')
    given = hls_config({'Plan': str(tmp_path / 'plan.json')}, ['vitis:hwprune'], **options)
    with pytest.raises(PlanError, match=rf"the layer '{kernel.layer}' the weight {value:g} "):
        convert(mlp(SIZES), given, tmp_path / 'project', 'Vitis', io_type='io_parallel')
    assert not (tmp_path / 'project').exists()
