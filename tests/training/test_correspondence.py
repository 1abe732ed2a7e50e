"""Weights of the framework that a kernel was made of."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.training.correspondence import framework_weights, from_kernel, match_kernels, to_kernel

UNIT = 2.0**-10


class Framework:
    """Weights (n_out, n_in), whose inputs may be an image of any number of channels."""

    def __init__(self, **weights):
        self._weights = weights

    def weights(self):
        return self._weights

    def to_matrix(self, weights):
        return weights

    def from_matrix(self, matrix, like):
        return matrix.reshape(like.shape)

    def channel_counts(self, weights):
        return [count for count in range(1, weights.shape[1] + 1) if weights.shape[1] % count == 0]


def kernel(values, name='fc'):
    codes = np.floor(values / UNIT).astype(np.int64)
    n_out, n_in = values.shape
    return Kernel(name, 'weight', n_in, n_out, 4, 'resource', 1, codes * UNIT, codes, 16, 16, 32, unit=UNIT)


@pytest.fixture
def weights():
    return np.random.default_rng(0).normal(size=(5, 12)).astype(np.float32)


def test_the_same_weights_have_scale_one(weights):
    (match,) = match_kernels(Framework(fc=weights), [kernel(weights)]).values()
    assert match.channels == 1
    assert np.array_equal(match.scale, np.ones(5))


def test_the_scale_of_a_folded_normalisation_is_found(weights):
    scale = np.array([0.5, -2.0, 1.0, 3.0, 0.1])
    (match,) = match_kernels(Framework(fc=weights), [kernel(weights * scale[:, None])]).values()
    assert match.scale == pytest.approx(scale, rel=0.02)


@pytest.mark.parametrize('channels', [2, 3, 4, 6])
def test_the_order_of_a_flattened_image_is_found(weights, channels):
    framework = Framework(fc=weights)
    values = to_kernel(framework, weights, channels, len(weights))
    assert not np.array_equal(values, weights)
    assert np.array_equal(from_kernel(framework, values, weights, channels), weights)
    (match,) = match_kernels(framework, [kernel(values)]).values()
    assert match.channels == channels


@pytest.mark.parametrize('scale', [np.ones(5), np.array([0.7, -1.9, 1.0, 3.0, 0.3])])
def test_codes_that_are_written_back_come_out_the_same(weights, scale):
    """Truncated, as hls4ml's types do, and rounded, as quantisers may."""
    (match,) = match_kernels(Framework(fc=weights), [kernel(weights * scale[:, None])]).values()
    values = np.random.default_rng(1).integers(-900, 900, (5, 12)) * UNIT
    match = replace(match, scale=scale)
    found = framework_weights(Framework(fc=weights), match, values).astype(float) * scale[:, None]
    assert np.array_equal(np.floor(found / UNIT) * UNIT, values)
    assert np.array_equal(np.rint(found / UNIT) * UNIT, values)


def test_other_weights_are_refused(weights):
    with pytest.raises(ConfigError, match=r"no layer 'fc', which hls4ml made; it has other\. Exclude"):
        match_kernels(Framework(other=weights), [kernel(weights)])
    with pytest.raises(ConfigError, match=r'have the shape \(5, 11\), but hls4ml made a kernel of 12 inputs and 5 outputs'):
        match_kernels(Framework(fc=weights[:, 1:]), [kernel(weights)])
    with pytest.raises(ConfigError, match='are not those that hls4ml converted'):
        match_kernels(Framework(fc=np.random.default_rng(5).normal(size=(5, 12))), [kernel(weights)])


def test_a_kernel_without_weights_is_like_any(weights):
    (match,) = match_kernels(Framework(fc=np.zeros_like(weights)), [kernel(np.zeros((5, 12)))]).values()
    assert match.channels == 1
