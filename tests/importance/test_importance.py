"""Values of groups, by hand and under rescaling."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.importance import MEASURES, group_values, resolve, weight_scores
from hls4ml_hwprune.packing import pack
from hls4ml_hwprune.records import Kernel

NAMED = [name for name in MEASURES if name != 'auto']


def kernel(codes, reuse_factor=2, lsb=0.25, strategy='resource', weight_bits=12):
    codes = np.asarray(codes)
    n_out, n_in = codes.shape
    return Kernel('fc', 'weight', n_in, n_out, reuse_factor, strategy, 1, codes * lsb, codes, 16, weight_bits, 32)


def values_of(k, packing, measure):
    scores = weight_scores(k, measure)
    return group_values(pack(k, packing, scores), scores)


# Scores are summed magnitudes or squares; a group is worth its score over the sum of its own and all better ones.


def test_scores_of_weights_by_hand():
    k = kernel([[1, -2], [0, 3]], lsb=0.5)
    assert weight_scores(k, 'l1').tolist() == [[0.5, 1], [0, 1.5]]
    assert weight_scores(k, 'l2').tolist() == [[0.25, 1], [0, 2.25]]


def test_l1_by_hand():
    k = kernel([[1, -1, 2, 0], [2, -3, 0, 1]])
    # Scores 2, 2, 5, 1 quarters; the first of equals counts as the better.
    assert values_of(k, 'aligned', 'l1') == pytest.approx([2 / 7, 2 / 9, 1, 1 / 10])


def test_l2_by_hand():
    k = kernel([[1, -1, 2, 0], [2, -3, 0, 1]])
    assert values_of(k, 'aligned', 'l2') == pytest.approx([2 / 19, 4 / 17, 1, 1 / 20])


def test_words_of_the_weight_memory_by_hand():
    # 12 bits: 3 slots of 2 weights a word; the fourth slot is alone.
    k = kernel([[1, -1, 2, 0], [2, -3, 0, 1]])
    assert values_of(k, 'bram', 'l1') == pytest.approx([1, 1 / 10])


def test_constant_weights_count_alone():
    k = kernel([[1, -2], [0, 4]], reuse_factor=1, strategy='latency')
    assert values_of(k, 'aligned', 'l1') == pytest.approx([1 / 7, 2 / 6, 0, 1])


@pytest.mark.parametrize('measure', MEASURES)
@pytest.mark.parametrize('seed', range(3))
def test_the_best_group_is_worth_one_and_better_groups_more(measure, seed):
    k = kernel(np.random.default_rng(seed).integers(-7, 8, (6, 8)))
    groups = pack(k, 'aligned', np.abs(k.values))
    magnitudes = np.abs(groups.per_weight(k.values.ravel()))
    scores = (magnitudes if resolve(measure) == 'l1' else magnitudes**2).sum(axis=1)
    values = group_values(groups, weight_scores(k, measure))
    best_first = np.argsort(-scores, kind='stable')
    assert values[best_first[0]] == 1
    assert (np.diff(values[best_first]) <= 0).all()
    assert ((values > 0) == (scores > 0)).all()


@pytest.mark.parametrize('measure', MEASURES)
@pytest.mark.parametrize('packing', ['aligned', 'balanced', 'permuted', 'bram'])
@pytest.mark.parametrize('factor', [1000.0, -1.0, 2.0**-12])
def test_scaling_a_layer_does_not_change_its_importance(measure, packing, factor):
    k = kernel(np.random.default_rng(0).integers(-7, 8, (6, 8)))
    scaled = replace(k, values=k.values * factor)
    plain, after = (values_of(one, packing, measure) for one in (k, scaled))
    assert after == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize('measure', MEASURES)
def test_zero_weights_do_not_change_what_the_others_are_worth(measure):
    # A layer that is half zeros already is not worth more or less for it.
    codes = np.random.default_rng(1).integers(1, 8, (4, 8))
    k, wider = kernel(codes), kernel(np.concatenate([codes, np.zeros((4, 8), int)]))
    values, more = (values_of(one, 'aligned', measure) for one in (k, wider))
    assert more[: len(values)] == pytest.approx(values)
    assert not more[len(values) :].any()


@pytest.mark.parametrize('measure', MEASURES)
def test_a_layer_of_zeros_is_worth_nothing(measure):
    k = kernel(np.zeros((3, 4), int))
    values = values_of(k, 'aligned', measure)
    assert values.shape == (6,)
    assert not values.any()


@pytest.mark.parametrize('measure', MEASURES)
def test_gaps_of_a_group_count_as_zero(measure):
    # The last group of an odd kernel holds one weight and a gap.
    k = kernel([[3, 1, 2], [1, 1, 5], [1, 2, 4]])
    values = values_of(k, 'aligned', measure)
    assert len(values) == 5
    # Scores 4, 3, 6, 3, 4 and 10, 5, 26, 5, 16.
    assert values[-1] == pytest.approx({'l1': 4 / (6 + 4 + 4), 'l2': 16 / (26 + 16)}[resolve(measure)])


@pytest.mark.parametrize('measure', NAMED)
def test_signs_do_not_matter_and_larger_weights_are_worth_more(measure):
    k = kernel([[1, 1, -2, -2, 3, -3, 4, 4]])
    values = values_of(k, 'aligned', measure)
    assert (np.diff(values) > 0).all()


def test_l2_prefers_one_large_weight_and_l1_two_middling_ones():
    k = kernel([[4, 0, 3, 2]])
    groups = pack(k, 'aligned', np.abs(k.values))
    assert np.argmax(group_values(groups, weight_scores(k, 'l1'))) == 1
    assert np.argmax(group_values(groups, weight_scores(k, 'l2'))) == 0


def test_auto_is_a_measure_that_exists():
    assert resolve('auto') in NAMED
    assert [resolve(name) for name in NAMED] == NAMED
