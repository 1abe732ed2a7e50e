"""Magnitudes times the size of what they multiply."""

import numpy as np
import pytest

from hls4ml_hwprune.importance import weight_scores
from hls4ml_hwprune.records import Kernel, KernelStatistics


def test_scores_by_hand():
    codes = np.array([[1, -2], [0, 3]])
    # Root mean squares 2 and 0.5; neither correlations nor what an output matters count.
    statistics = KernelStatistics(np.array([[4.0, 0.9], [0.9, 0.25]]), np.array([1.0, 100.0]), 100)
    kernel = Kernel('fc', 'weight', 2, 2, 1, 'resource', 1, codes * 0.5, codes, 16, 16, 32, statistics=statistics)
    assert weight_scores(kernel, 'activation') == pytest.approx(np.array([[1.0, 0.5], [0.0, 0.75]]))


def test_an_input_that_is_always_zero_is_worth_nothing():
    statistics = KernelStatistics(np.diag([0.0, 1.0]), np.ones(1), 100)
    codes = np.array([[9, 1]])
    kernel = Kernel('fc', 'weight', 2, 1, 1, 'resource', 1, codes * 1.0, codes, 16, 16, 32, statistics=statistics)
    assert weight_scores(kernel, 'activation').tolist() == [[0, 1]]
