"""Training data of every kind, and the metric."""

import numpy as np
import pytest

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training.metrics import default_metric
from hls4ml_hwprune.training.samples import as_arrays, collect, split

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20)


def test_pairs_of_arrays():
    arrays = as_arrays((X, Y), 'data')
    assert len(arrays) == 20
    assert len(arrays.x) == 1
    assert len(as_arrays(([X, X], Y), 'data').x) == 2
    assert as_arrays([(X, Y)], 'data') is None


@pytest.mark.parametrize('value', [(X, Y[:-1]), ([X, X[:3]], Y), (X[:0], Y[:0])])
def test_unequal_or_empty_arrays_are_refused(value):
    with pytest.raises(ConfigError, match='data: expected arrays of the same number of samples'):
        as_arrays(value, 'data')


def test_several_targets_are_refused():
    with pytest.raises(ConfigError, match='data: expected one array of targets, got 2 of other shapes each'):
        as_arrays((X, [Y, X]), 'data')


def test_a_tenth_is_held_out_and_always_the_same():
    fitted, held_out = split(as_arrays((X, Y), 'data'), seed=3)
    assert len(held_out) == 2
    assert sorted([*fitted.y, *held_out.y]) == list(Y)
    assert np.array_equal(split(as_arrays((X, Y), 'data'), seed=3)[1].y, held_out.y)
    with pytest.raises(ConfigError, match='validation: needed, as 5 samples are too few'):
        split(as_arrays((X[:5], Y[:5]), 'data'), seed=0)


def test_batches_are_gathered():
    batches = [(X[i : i + 8], Y[i : i + 8]) for i in range(0, 20, 8)]
    assert np.array_equal(collect(batches, 'data').x[0], X)
    assert len(collect(batches, 'data', most=10)) == 10
    several = [((x, x), y) for x, y in batches]
    assert len(collect(several, 'data').x) == 2


@pytest.mark.parametrize('value', [3, [], [X], [(X,)]])
def test_what_gives_no_batches_is_refused(value):
    with pytest.raises(ConfigError, match='validation: expected '):
        collect(value, 'validation')


def test_the_metric_is_accuracy_or_explained_variance():
    outputs = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]])
    assert default_metric(np.array([1, 0, 0, 1]), outputs) == 0.75
    assert default_metric(np.eye(2)[[1, 0, 0, 1]], outputs) == 0.75
    target = np.array([1.0, 2.0, 3.0])
    assert default_metric(target, target[:, None]) == 1
    assert default_metric(target, np.full((3, 1), 2.0)) == pytest.approx(0)
