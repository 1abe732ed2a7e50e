"""Scores of weights and the scale of importance, by hand and under rescaling."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.importance import CALIBRATED, LOSSES, MEASURES, ImportanceScale, importance_scale, resolve, weight_scores
from hls4ml_hwprune.packing import pack
from hls4ml_hwprune.records import Kernel, KernelStatistics
from hls4ml_hwprune.selection.curves import kernel_curve
from hls4ml_hwprune.selection.source import Source

NAMED = [name for name in MEASURES if name != 'auto']


def correlated(n_in, n_out):
    """Statistics of inputs that have much in common; the first outputs matter as much however many there are."""
    rng = np.random.default_rng(7)
    inputs = rng.normal(size=(50, 1)) + rng.normal(size=(50, n_in))
    return KernelStatistics(inputs.T @ inputs / 50, 1 + np.arange(n_out) / 4, 50)


def kernel(codes, reuse_factor=2, lsb=0.25, strategy='resource', weight_bits=12, statistics=correlated):
    codes = np.asarray(codes)
    n_out, n_in = codes.shape
    plain = Kernel('fc', 'weight', n_in, n_out, reuse_factor, strategy, 1, codes * lsb, codes, 16, weight_bits, 32)
    return replace(plain, statistics=None if statistics is None else statistics(n_in, n_out))


def independent(n_in, n_out):
    return KernelStatistics(np.eye(n_in), np.ones(n_out), 1_000)


def values_of(k, packing, measure):
    """What keeping the best groups is worth, for every number of them."""
    return kernel_curve(Source.of(k, measure), packing).value


def test_scores_of_weights_by_hand():
    k = kernel([[1, -2], [0, 3]], lsb=0.5)
    assert weight_scores(k, 'l1').tolist() == [[0.5, 1], [0, 1.5]]
    assert weight_scores(k, 'l2').tolist() == [[0.25, 1], [0, 2.25]]


def test_scale_by_hand():
    # 4 is worth one, 2 its share of 6, 1 its share of 7.
    scale = ImportanceScale.of(np.array([[1.0, 4.0], [0.0, 2.0]]))
    steps = np.cumsum([0, 1, 2 / 6, 1 / 7])
    assert scale(np.array([0.0, 4.0, 6.0, 7.0])) == pytest.approx(steps)
    assert scale(np.array([2.0, 5.0])) == pytest.approx([0.5, (steps[1] + steps[2]) / 2])
    assert scale.total == pytest.approx(steps[-1])


def test_groups_are_worth_what_single_weights_of_their_score_are():
    k = kernel([[1, -1, 2, 0], [2, -3, 0, 1]])
    # Groups score 5, 2, 2, 1; single weights 3, 2, 2, 1, 1, 1.
    at = np.interp([0, 5, 7, 9, 10], [0, 3, 5, 7, 8, 9, 10], np.cumsum([0, 1, 2 / 5, 2 / 7, 1 / 8, 1 / 9, 1 / 10]))
    assert values_of(k, 'aligned', 'l1') == pytest.approx(at)


def test_words_of_the_weight_memory_by_hand():
    # 12 bits: 3 slots of 2 weights a word; the fourth slot is alone.
    k = kernel([[1, -1, 2, 0], [2, -3, 0, 1]])
    assert values_of(k, 'bram', 'l1') == pytest.approx(values_of(k, 'aligned', 'l1')[[0, 3, 4]])


def test_constant_weights_count_alone():
    k = kernel([[1, -2], [0, 4]], reuse_factor=1, strategy='latency')
    assert values_of(k, 'aligned', 'l1') == pytest.approx(np.cumsum([0, 1, 2 / 6, 1 / 7]))


@pytest.mark.parametrize('measure', MEASURES)
@pytest.mark.parametrize('seed', range(3))
@pytest.mark.parametrize('packing', ['aligned', 'balanced', 'permuted'])
def test_curves_rise_ever_more_slowly_to_the_same_total(measure, seed, packing):
    codes = np.random.default_rng(seed).integers(-7, 8, (6, 8))
    totals = []
    for reuse_factor in (2, 4, 8, 16):
        values = values_of(kernel(codes, reuse_factor), packing, measure)
        assert values[0] == 0
        assert (np.diff(values) > 0).all()
        assert (np.diff(values, 2) <= 1e-12).all()
        totals.append(values[-1])
    constants = values_of(kernel(codes, 1, strategy='latency'), 'aligned', measure)
    assert totals == pytest.approx([constants[-1]] * 4)


@pytest.mark.parametrize('measure', MEASURES)
@pytest.mark.parametrize('packing', ['aligned', 'balanced', 'permuted', 'bram'])
@pytest.mark.parametrize('factor', [1000.0, -1.0, 2.0**-12])
def test_scaling_a_layer_does_not_change_its_importance(measure, packing, factor):
    k = kernel(np.random.default_rng(0).integers(-7, 8, (6, 8)))
    # The layers that follow take it back, and so weigh errors of this one less or more.
    statistics = replace(k.statistics, sensitivity=k.statistics.sensitivity / factor**2)
    scaled = replace(k, values=k.values * factor, statistics=statistics)
    plain, after = (values_of(one, packing, measure) for one in (k, scaled))
    assert after == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize('measure', MEASURES)
def test_zero_weights_do_not_change_what_the_others_are_worth(measure):
    # A layer that is half zeros already is not worth more or less for it.
    codes = np.random.default_rng(1).integers(1, 8, (4, 8))
    k, wider = kernel(codes), kernel(np.concatenate([codes, np.zeros((4, 8), int)]))
    values, same = (values_of(one, 'aligned', measure) for one in (k, wider))
    assert same == pytest.approx(values)


@pytest.mark.parametrize('measure', MEASURES)
def test_a_layer_of_zeros_is_worth_nothing(measure):
    assert values_of(kernel(np.zeros((3, 4), int)), 'aligned', measure).tolist() == [0]


def test_weights_that_quantise_to_zero_are_worth_nothing():
    k = replace(kernel([[0, 0, 2, 1]]), values=np.array([[0.1, 0.1, 0.5, 0.25]]))
    assert Source.of(k, 'l1').scores.tolist() == [[0, 0, 0.5, 0.25]]
    assert len(values_of(k, 'aligned', 'l1')) == 2


@pytest.mark.parametrize('measure', NAMED)
def test_signs_do_not_matter_and_larger_weights_are_worth_more(measure):
    k = kernel([[1, 1, -2, -2, 3, -3, 4, 4]], statistics=independent)
    groups, order = kernel_curve(Source.of(k, measure), 'aligned').groups
    assert groups.index[order][:, 0].tolist() == [6, 4, 2, 0]


def test_l2_prefers_one_large_weight_and_l1_two_middling_ones():
    k = kernel([[4, 0, 3, 2]])
    groups = pack(k, 'aligned', np.abs(k.values))
    for measure, best in (('l1', 1), ('l2', 0)):
        assert np.argmax(groups.per_weight(weight_scores(k, measure).ravel()).sum(axis=1)) == best


def test_auto_is_the_loss_where_there_are_statistics():
    k = kernel([[1, -2], [0, 3]])
    plain = replace(k, statistics=None)
    assert (resolve('auto', k), resolve('auto', plain)) == ('obs', 'l1')
    for one in (k, plain):
        assert [resolve(name, one) for name in NAMED] == NAMED
        assert (weight_scores(one, 'auto') == weight_scores(one, resolve('auto', one))).all()


@pytest.mark.parametrize('measure', NAMED)
def test_calibrated_measures_are_those_that_need_statistics(measure):
    plain = kernel([[1, -2], [0, 3]], statistics=None)
    if measure in CALIBRATED:
        with pytest.raises(ConfigError, match="'fc' needs Calibration data"):
            weight_scores(plain, measure)
    else:
        assert (weight_scores(plain, measure) == weight_scores(kernel([[1, -2], [0, 3]]), measure)).all()


def test_losses_count_as_they_are_and_others_relative_to_their_kernel():
    scores = np.array([[1.0, 4.0], [0.0, 2.0]])
    kept = np.array([0.0, 4.0, 5.5, 7.0])
    assert set(LOSSES) <= set(CALIBRATED)
    for measure in NAMED:
        scale = importance_scale(scores, measure)
        assert scale(kept) == pytest.approx(kept if measure in LOSSES else ImportanceScale.of(scores)(kept))
    assert importance_scale(scores, 'obs').total == 7
