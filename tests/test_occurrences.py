"""First occurrences by a table and by a sort."""

import numpy as np
import pytest

from hls4ml_hwprune.occurrences import first_places


@pytest.mark.parametrize('span', [1, 5, 1_000, 10_000_000])
def test_places_are_those_of_a_sort(span):
    numbers = np.random.default_rng(0).integers(-span, span, (30, 7))
    np.testing.assert_array_equal(first_places(numbers), np.unique(numbers, return_index=True)[1])


def test_nothing_occurs_nowhere():
    assert first_places(np.zeros(0, np.int64)).size == 0
