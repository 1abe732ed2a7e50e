"""Calibration samples: what may be given, what is refused, and the loss."""

import numpy as np
import pytest

from hls4ml_hwprune.calibration import Calibration, load_calibration
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.evaluation import network_loss

KEY = 'Model.HWPrune.Calibration'
X = np.arange(12, dtype=np.float32).reshape(4, 3)
Y = np.array([2, 0, 1, 1])


def check(found, inputs, y):
    assert len(found.x) == len(inputs)
    for array, expected in zip(found.x, inputs, strict=True):
        assert array.dtype == np.float64
        np.testing.assert_array_equal(array, expected)
    if y is None:
        assert found.y is None
    else:
        assert found.y.dtype == np.int64
        np.testing.assert_array_equal(found.y, y)
    assert found.n_samples == 4


@pytest.mark.parametrize(
    ('value', 'inputs', 'y'),
    [
        (X, [X], None),
        (X.astype(np.int8), [X], None),
        (X > 4, [X > 4], None),
        (X[:, 0], [X[:, 0]], None),
        ([X, X.T.copy().T], [X, X], None),
        ((X,), [X], None),
        ({'x': X}, [X], None),
        ({'X': X, 'Y': Y}, [X], Y),
        ({'x': X, 'y': None}, [X], None),
        ({'x': [X, X + 1], 'y': Y}, [X, X + 1], Y),
        ({'x1': X + 1, 'y': Y, 'x0': X}, [X, X + 1], Y),
        (Calibration((X, X), Y), [X, X], Y),
        (Calibration((X,)), [X], None),
    ],
    ids=range(13),
)
def test_arrays(value, inputs, y):
    check(load_calibration(value, KEY), inputs, y)


@pytest.mark.parametrize(
    ('labels', 'y'),
    [
        (Y, Y),
        (Y.tolist(), Y),
        (Y.astype(np.float32), Y),
        (np.eye(3)[Y], Y),
        (np.eye(3, dtype=np.int8)[Y], Y),
        (0.1 + 0.5 * np.eye(3)[Y], Y),
        (np.array([[1.0], [0], [0], [1]]), [1, 0, 0, 1]),
        (np.array([True, False, False, True]), [1, 0, 0, 1]),
    ],
    ids=range(8),
)
def test_labels(labels, y):
    check(load_calibration({'x': X, 'y': labels}, KEY), [X], y)


def test_files(tmp_path):
    np.save(tmp_path / 'x.npy', X)
    check(load_calibration(tmp_path / 'x.npy', KEY), [X], None)
    check(load_calibration(str(tmp_path / 'x.npy'), KEY), [X], None)
    for arrays, inputs, y in (
        ({'samples': X}, [X], None),
        ({'x': X, 'y': Y}, [X], Y),
        ({'X': X}, [X], None),
        ({f'x{number}': X + number for number in reversed(range(11))} | {'y': Y}, [X + n for n in range(11)], Y),
    ):
        np.savez_compressed(tmp_path / 'data.npz', **arrays)
        check(load_calibration(tmp_path / 'data.npz', KEY), inputs, y)


@pytest.mark.parametrize(
    ('value', 'words'),
    [
        (None, 'expected a .npy or .npz file, arrays, or a mapping of them, got a NoneType'),
        (3, 'got a int'),
        ([[1.0, 2.0]], 'got a list'),
        ([X, 'x.npy'], 'got a list'),
        ([], 'an array for each input of the network, got none'),
        ({}, "expected 'x', or 'x0', 'x1', .* and optionally 'y', got nothing"),
        ({'inputs': X}, "got 'inputs'"),
        ({'y': Y}, "got 'y'"),
        ({'x': X, 'z': X}, "got 'x', 'z'"),
        ({'x1': X, 'x2': X}, "got 'x1', 'x2'"),
        ({'x': None}, 'got a NoneType'),
        ('x.csv', r"'x.csv' is not a file of one of the kinds .npy, .npz"),
        ('none.npy', r"there is no file 'none.npy'"),
        ('.', 'not a file of one of the kinds'),
        (X.astype(complex), 'x0: expected an array of real numbers, got dtype complex'),
        (X.astype(str), 'x0: expected an array of real numbers, got dtype <U'),
        (X.astype(object), 'x0: expected an array of real numbers, got dtype object'),
        (np.zeros((0, 3)), r'x0: expected at least one sample along the first axis, got shape \(0, 3\)'),
        (np.zeros((3, 0)), r'got shape \(3, 0\)'),
        (np.array(1.0), r'got shape \(\)'),
        ([X, X * np.nan], 'x1: the samples contain NaN or infinity'),
        (np.full((4, 3), -np.inf), 'x0: the samples contain NaN or infinity'),
        ([X, X[:3]], r'the same number of samples, got \[4, 3\]'),
        ({'x': X, 'y': Y[:2]}, r'the same number of samples, got \[4, 2\]'),
        (Calibration((X, X[:1])), r'got \[4, 1\]'),
        (Calibration((X.tolist(),)), 'x0: expected an array of real numbers, got a list'),
        (Calibration(()), 'got none'),
        ({'x': X, 'y': Y + 0.5}, 'y: class numbers must be whole and not negative'),
        ({'x': X, 'y': Y - 1}, 'y: class numbers must be whole and not negative'),
        (
            {'x': X, 'y': Y.reshape(2, 2, 1)},
            r'y: expected labels of shape \(n,\) or \(n, n_classes\), got shape \(2, 2, 1\)',
        ),
        ({'x': X, 'y': ['a', 'b', 'c', 'd']}, 'y: expected an array of real numbers, got dtype <U1'),
    ],
    ids=str,
)
def test_what_is_refused(value, words):
    with pytest.raises(ConfigError, match=words) as caught:
        load_calibration(value, KEY)
    assert str(caught.value).startswith(KEY)


def test_files_that_are_refused(tmp_path):
    np.save(tmp_path / 'objects.npy', np.array([{}, {}]), allow_pickle=True)
    (tmp_path / 'text.npy').write_text('no array')
    (tmp_path / 'text.npz').write_text('no archive')
    (tmp_path / 'empty.npy').write_bytes(b'')
    np.savez(tmp_path / 'none.npz')
    np.savez(tmp_path / 'two.npz', X, X)
    np.savez(tmp_path / 'labels.npz', y=Y)
    np.savez(tmp_path / 'objects.npz', x=np.array([{}, {}]))
    (tmp_path / 'folder.npy').mkdir()
    for name, words in (
        ('objects.npy', 'cannot be read: Object arrays cannot be loaded'),
        ('text.npy', 'cannot be read'),
        ('text.npz', 'cannot be read'),
        ('empty.npy', 'cannot be read'),
        ('none.npz', 'got nothing'),
        ('two.npz', "got 'arr_0', 'arr_1'"),
        ('labels.npz', "got 'y'"),
        ('objects.npz', 'cannot be read'),
        ('folder.npy', 'there is no file'),
    ):
        with pytest.raises(ConfigError, match=words) as caught:
            load_calibration(tmp_path / name, KEY)
        assert str(caught.value).startswith(KEY)
        assert name in str(caught.value)


def test_samples_are_not_in_the_repr():
    assert repr(load_calibration({'x': X, 'y': Y}, KEY)) == 'Calibration()'


def test_accuracy_that_is_lost():
    reference, outputs = np.eye(3)[[2, 0, 1, 0]], np.eye(3)[[2, 1, 0, 0]]
    assert network_loss(reference, outputs, Y) == 0.5
    assert network_loss(outputs, reference, Y) == -0.5
    assert network_loss(reference, reference, Y) == 0
    assert network_loss([reference, reference], [outputs, reference], Y) == 0.25


def test_accuracy_of_one_output():
    y = np.array([0, 1, 1, 0])
    probabilities = np.array([[0.2], [0.9], [0.6], [0.4]])
    assert network_loss(probabilities, np.array([[0.2], [0.4], [0.6], [0.4]]), y) == 0.25
    # Scores, of which those above 0 mean class 1.
    scores = np.array([[-2.0], [0.25], [3.0], [-0.1]])
    assert network_loss(scores, np.array([[-2.0], [0.25], [-3.0], [-0.1]]), y) == 0.25
    assert network_loss(scores, np.array([[-2.0], [0.25], [3.0], [-0.2]]), y) == 0


def test_classes_that_the_network_does_not_have():
    with pytest.raises(ConfigError, match='y has class 2, but the network only has the classes 0 to 1'):
        network_loss(np.zeros((4, 2)), np.zeros((4, 2)), Y)
    with pytest.raises(ConfigError, match='classes 0 to 1'):
        network_loss(np.zeros((4, 1)), np.zeros((4, 1)), Y)


def test_loss_without_labels():
    reference = np.eye(3)[[2, 0, 1, 0]]
    assert network_loss(reference, reference * 0.6) == 0
    assert network_loss(reference, np.eye(3)[[2, 1, 1, 0]]) == 0.25
    one = np.array([[1.0], [3.0]])
    assert network_loss(one, one) == 0
    assert network_loss(one, one + 1) == 1
    assert network_loss([reference, one], [reference, one + 2]) == 2
    constant = np.full((3, 1), 2.0)
    assert network_loss(constant, constant + 1) == 0.25
    zero = np.zeros((3, 1))
    assert network_loss(zero, zero) == 0
    assert network_loss(zero, zero + 1) == float('inf')
    assert isinstance(network_loss(reference, reference), float)
