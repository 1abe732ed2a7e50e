"""The resource model against real reports (where the data is there), and how long an estimate takes."""

from pathlib import Path

import numpy as np
import pytest

import hls4ml_hwprune
from tests.models import conv2d, convert, dense, flatten, hls_config, input_layer, relu
from tests.work import count_calls

DATA = Path(__file__).resolve().parents[2] / 'shared' / 'data' / 'synthesis'


@pytest.fixture(scope='module')
def checks():
    if not DATA.exists():
        pytest.skip('there are no synthesis reports beside the checkout')
    from benchmarks.model_checks import all_checks

    return {(check.family, check.quantity): check for check in all_checks(DATA)}


def quantiles(check):
    error = np.abs(check.predicted - check.reported) / np.maximum(check.reported, 1)
    return np.quantile(error, [0.5, 0.9])


def share(check, within=0):
    return np.mean(np.abs(np.round(check.predicted) - check.reported) <= within)


@pytest.mark.parametrize('group', ['campaign', 'other repositories'])
def test_multiplexed_kernels(checks, group):
    found = {quantity: checks[f'Resource RF > 1, {group}', quantity] for quantity in ('DSP', 'LUT', 'FF', 'II')}
    assert share(found['DSP']) == 1
    assert share(found['II']) == 1
    for quantity in ('LUT', 'FF'):
        median, p90 = quantiles(found[quantity])
        assert median <= 0.08
        assert p90 <= 0.25


def test_blocks_and_latency_of_multiplexed_kernels(checks):
    for quantity, least in (('BRAM18', 0.98), ('latency', 0.99)):
        parts = [checks[f'Resource RF > 1, {group}', quantity] for group in ('campaign', 'other repositories')]
        assert np.average([share(part, 1) for part in parts], weights=[part.reported.size for part in parts]) >= least
    assert share(checks['weight memories', 'BRAM18']) >= 0.97


def test_constants(checks):
    dsp = checks['Latency RF 1, 14 to 18 bits', 'DSP']
    assert share(dsp) >= 0.85
    ours, plain = (np.abs(predicted - dsp.reported).mean() for predicted in (dsp.predicted, dsp.plain))
    assert 5 * ours <= plain
    for quantity in ('LUT', 'FF'):
        assert quantiles(checks['Constants (Latency, or RF 1)', quantity])[0] <= 0.25


@pytest.mark.parametrize('strategy', ['Latency', 'Resource'])
def test_convolutions(checks, strategy):
    for quantity in ('LUT', 'FF'):
        assert quantiles(checks[f'conv io_stream, {strategy}', quantity])[0] <= 0.25


def test_logic_synthesis_and_whole_models(checks):
    for quantity in ('LUT', 'FF'):
        assert quantiles(checks['Resource RF > n_in, vsynth', quantity])[0] <= 0.3
    models = checks['whole models', 'DSP']
    assert np.mean(np.abs(models.predicted - models.reported) <= 0.05 * models.reported) >= 0.8


def test_an_estimate_of_ten_layers_takes_few_steps(tmp_path):
    rng = np.random.default_rng(0)
    layers, size, channels = [input_layer((32, 32, 3))], 32, 3
    for number, filters in enumerate((16, 16, 24, 24, 32)):
        weights = rng.normal(0, 0.2, (3, 3, channels, filters))
        layers += [conv2d(f'conv{number}', weights, (size, size)), relu(f'relu{number}')]
        size, channels = size - 2, filters
    layers.append(flatten('flat', size * size * channels))
    n_in = size * size * channels
    for number, n_out in enumerate((64, 64, 32, 32, 10)):
        layers.append(dense(f'fc{number}', rng.normal(0, 0.1, (n_in, n_out))))
        n_in = n_out
    model = convert(layers, hls_config(ReuseFactor=36), tmp_path / 'project', io_type='io_stream')
    hls4ml_hwprune.estimate(model)
    # About 3,000 a layer, in 20 ms: weights are arrays, and nothing loops over them.
    assert count_calls(hls4ml_hwprune.estimate, model) < 65_000
