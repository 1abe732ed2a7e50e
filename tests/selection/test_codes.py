"""Cheaper codes of constants: what is free, what is paid, and where the weights go; by brute force."""

import numpy as np
import pytest

from hls4ml_hwprune.records import Kernel, Target
from hls4ml_hwprune.resources import constants_in_dsp
from hls4ml_hwprune.resources.multipliers import csd_digits
from hls4ml_hwprune.selection import constant_codes as module
from hls4ml_hwprune.selection.constant_codes import free_codes, neighbours, paid_codes, snap
from tests.work import count_calls

MEAN_OVER_VARIANCE = 0.47
VITIS, VIVADO = Target(tool='Vitis HLS'), Target(part='xcvu13p-flga2577-2-e', tool='Vivado HLS')


def kernel(codes, weight_bits, input_bits=16, target=VITIS):
    n_out, n_in = codes.shape
    return Kernel(
        'fc', 'weight', n_in, n_out, 1, 'latency', 1, codes / 4.0, codes, input_bits, weight_bits, 32, target=target
    )


def random_codes(shape, weight_bits=12, seed=0, zeros=0.2):
    rng = np.random.default_rng(seed)
    drawn = rng.integers(-(2 ** (weight_bits - 1)), 2 ** (weight_bits - 1), shape)
    return np.where(rng.random(shape) < zeros, 0, drawn)


def known_for(codes, weight_bits=12):
    return free_codes(kernel(codes, weight_bits))


def nearest_loss(codes, known, paid):
    """Sum of squared distances to the nearest free or paid code, one weight after the other."""
    return sum(min((code - choice) ** 2 for choice in (*known, *paid.get(i, ()))) for (_, i), code in np.ndenumerate(codes))


def by_input(inputs, codes):
    found = {}
    for i, code in zip(inputs.tolist(), codes.tolist(), strict=True):
        found.setdefault(i, []).append(code)
    return found


def objective(errors):
    errors = errors.astype(float)
    return np.square(errors).sum(axis=1) + MEAN_OVER_VARIANCE * np.square(errors.sum(axis=1))


@pytest.mark.parametrize('target', [VITIS, VIVADO], ids=['vitis', 'vivado'])
@pytest.mark.parametrize('input_bits', [11, 16, 24])
@pytest.mark.parametrize('weight_bits', [1, 3, 5, 8, 12])
def test_free_codes_are_those_without_a_dsp(weight_bits, input_bits, target):
    every = np.arange(-(2 ** (weight_bits - 1)), 2 ** (weight_bits - 1))
    k = kernel(every[None], weight_bits, input_bits, target)
    assert free_codes(k).tolist() == every[constants_in_dsp(k, every) == 0].tolist()


@pytest.mark.parametrize('input_bits', [4, 8, 10])
def test_free_codes_of_short_inputs(input_bits):
    every = np.arange(-(2**11), 2**11)
    k = kernel(every[None], 12, input_bits)
    assert free_codes(k).tolist() == every[constants_in_dsp(k, every) == 0].tolist()


@pytest.mark.parametrize('weight_bits', [8, 12])
def test_free_codes_have_few_digits_or_are_short(weight_bits):
    every = np.arange(-(2 ** (weight_bits - 1)), 2 ** (weight_bits - 1))
    known = known_for(every[None], weight_bits)
    # Constants of less than 5 bits take no DSP whatever their digits: none of those has 3 digits.
    few = every[(csd_digits(every) < 3) | ((every >= -8) & (every < 8))]
    assert known.tolist() == few.tolist()
    powers = 2 ** np.arange(weight_bits - 1)
    assert {0, -(2 ** (weight_bits - 1)), *powers.tolist(), *(-powers).tolist()} <= set(known.tolist())
    assert np.all(np.diff(known) > 0)


def test_free_codes_do_not_depend_on_the_weights():
    assert known_for(np.zeros((2, 3), np.int64)).tolist() == known_for(random_codes((7, 5))).tolist()


@pytest.mark.parametrize('weight_bits', [3, 8, 12])
def test_neighbours(weight_bits):
    every = np.arange(-(2 ** (weight_bits - 1)), 2 ** (weight_bits - 1))
    known = known_for(every[None], weight_bits)
    low, high = neighbours(every, known)
    assert low.tolist() == [max(k for k in known.tolist() if k <= code) for code in every.tolist()]
    assert high.tolist() == [min(k for k in known.tolist() if k >= code) for code in every.tolist()]


@pytest.mark.parametrize('shape', [(1, 1), (1, 9), (13, 1), (20, 6), (64, 3)])
def test_loss_of_every_prefix_of_paid_codes(shape):
    codes = random_codes(shape)
    known = known_for(codes)
    paid = paid_codes(codes, known)
    left = paid.loss - np.concatenate([[0.0], np.cumsum(paid.gains)])
    assert left[-1] == 0
    for n in np.unique(np.linspace(0, paid.codes.size, 12).astype(int)):
        assert left[n] == nearest_loss(codes, known.tolist(), by_input(paid.inputs[:n], paid.codes[:n]))


@pytest.mark.parametrize('n_out', [65, 80])
def test_of_many_outputs_the_loss_is_at_most_what_is_said(n_out):
    codes = random_codes((n_out, 2))
    known = known_for(codes)
    paid = paid_codes(codes, known)
    left = paid.loss - np.concatenate([[0.0], np.cumsum(paid.gains)])
    assert left[0] == nearest_loss(codes, known.tolist(), {})
    assert left[-1] == 0
    for n in (5, 20, 60):
        assert nearest_loss(codes, known.tolist(), by_input(paid.inputs[:n], paid.codes[:n])) <= left[n]


@pytest.mark.parametrize('n_out', [8, 64, 100])
def test_gains_fall_and_no_code_is_paid_twice(n_out):
    codes = random_codes((n_out, 10), weight_bits=9)
    known = known_for(codes, 9)
    paid = paid_codes(codes, known)
    assert np.all(paid.gains > 0)
    assert np.all(np.diff(paid.gains) <= 0)
    for i, found in by_input(paid.inputs, paid.codes).items():
        assert len(set(found)) == len(found)
        assert set(found) <= set(codes[:, i].tolist()) - set(known.tolist())


@pytest.mark.parametrize('n_out', [8, 100])
def test_paid_codes_are_the_same_again(n_out):
    codes = random_codes((n_out, 10), weight_bits=7)
    first, second = (paid_codes(codes.copy(), known_for(codes, 7)) for _ in range(2))
    for name in ('inputs', 'codes', 'gains'):
        assert getattr(first, name).tolist() == getattr(second, name).tolist()
    assert first.loss == second.loss


def test_the_first_code_of_an_input_gains_most():
    codes = random_codes((15, 1))
    known = known_for(codes)
    paid = paid_codes(codes, known)
    rivals = [nearest_loss(codes, known.tolist(), {0: [code]}) for code in codes[:, 0].tolist()]
    assert paid.loss - paid.gains[0] == min(rivals)


@pytest.mark.parametrize('codes', [np.zeros((3, 4), np.int64), np.array([[0, 1, -2], [3, 96, 127]])])
def test_nothing_to_pay_for(codes):
    paid = paid_codes(codes, known_for(codes, 8))
    assert paid.loss == 0
    assert (paid.inputs.size, paid.codes.size, paid.gains.size) == (0, 0, 0)
    for positive in (False, True):
        assert snap(codes, known_for(codes, 8), paid.inputs, paid.codes, positive).tolist() == codes.tolist()


@pytest.mark.parametrize('positive', [False, True])
@pytest.mark.parametrize('shape', [(1, 1), (20, 6), (6, 40), (100, 5)])
def test_all_codes_paid_gives_the_weights_back(shape, positive):
    codes = random_codes(shape)
    known = known_for(codes)
    paid = paid_codes(codes, known)
    assert snap(codes, known, paid.inputs, paid.codes, positive).tolist() == codes.tolist()


@pytest.mark.parametrize('positive', [False, True])
@pytest.mark.parametrize('share', [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize('shape', [(20, 6), (6, 40), (100, 5)])
def test_weights_become_free_or_paid_and_zeros_stay(shape, share, positive):
    codes = random_codes(shape)
    known = known_for(codes)
    paid = paid_codes(codes, known)
    n = round(share * paid.codes.size)
    bought = by_input(paid.inputs[:n], paid.codes[:n])
    snapped = snap(codes, known, paid.inputs[:n], paid.codes[:n], positive)
    assert snapped.shape == codes.shape
    assert np.issubdtype(snapped.dtype, np.integer)
    # No weight is lost either: +-1 are free.
    assert np.array_equal(snapped == 0, codes == 0)
    for (output, i), code in np.ndenumerate(snapped):
        sides = {int(side) for side in neighbours(codes[output, i], known)}
        assert code in sides or code in bought.get(i, ())
    if not positive:
        assert np.square(snapped - codes).sum() == nearest_loss(codes, known.tolist(), bought)


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('share', [0.0, 0.2])
@pytest.mark.parametrize('shape', [(20, 6), (6, 40), (32, 32), (3, 1)])
def test_errors_add_up_less_where_inputs_are_positive(shape, share, seed):
    codes = random_codes(shape, seed=seed)
    known = known_for(codes)
    paid = paid_codes(codes, known)
    n = round(share * paid.codes.size)
    plain, balanced = (snap(codes, known, paid.inputs[:n], paid.codes[:n], positive) - codes for positive in (False, True))
    assert np.all(objective(balanced) <= objective(plain) + 1e-9)
    assert MEAN_OVER_VARIANCE == module._MEAN_OVER_VARIANCE
    if shape == (32, 32) and not share:
        assert np.abs(balanced.sum(axis=1)).sum() < 0.5 * np.abs(plain.sum(axis=1)).sum()


def test_a_large_kernel_takes_few_steps():
    codes = random_codes((256, 256), weight_bits=16, zeros=0.0)
    known = known_for(codes, 16)

    def snapped():
        paid = paid_codes(codes, known)
        n = paid.codes.size // 5
        snap(codes, known, paid.inputs[:n], paid.codes[:n], positive=True)

    assert count_calls(snapped) < 30_000
