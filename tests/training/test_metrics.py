"""The metric of a network that is trained: accuracy of classes, explained variance of values."""

import numpy as np
import pytest

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training.metrics import default_metric

SCORES = np.array([[3.0, 1], [0, 1], [3, 0]])
VALUES = np.array([[-1.0, 4], [0, 0], [1, -4]])


@pytest.mark.parametrize('y', [[0, 1, 1], [[0], [1], [1]], [[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]]])
def test_accuracy_where_there_are_labels(y):
    assert default_metric(np.array(y), SCORES) == pytest.approx(2 / 3)


def test_explained_variance_of_every_value():
    # Squared errors of 1 and of 4, over variances of 2/3 and of 32/3.
    expected = pytest.approx(1 - (1 / (2 / 3) + 4 / (32 / 3)) / 2)
    assert default_metric(VALUES, VALUES + np.array([1, 2])) == expected
    assert default_metric(VALUES[:, :1], VALUES[:, :1] + 1) == pytest.approx(1 - 3 / 2)
    # The highest of these targets is told from the highest of the outputs only if somebody says so.
    assert default_metric(VALUES, VALUES + np.array([1, 2]), 'classification') == pytest.approx(2 / 3)
    shares = np.array([[1, 0], [0, 1], [0, 1]])
    assert default_metric(shares, shares + 0.1, 'regression') == pytest.approx(1 - 0.01 / (2 / 9))


def test_a_single_output_is_a_class_if_the_task_says_so():
    y, outputs = np.array([0, 1, 1, 0]), np.array([[0.2], [0.9], [0.4], [0.6]])
    assert default_metric(y, outputs, 'classification') == 0.5


def test_targets_of_another_shape_are_refused():
    with pytest.raises(ConfigError, match='data: 1 targets a sample, but the network has 2 outputs'):
        default_metric(np.array([0, 1, 1]), SCORES, 'regression')
