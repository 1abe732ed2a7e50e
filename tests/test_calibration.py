"""Calibration samples: what may be given, what is refused, and the loss."""

import io
import os
import tracemalloc
import zipfile

import numpy as np
import pytest

from hls4ml_hwprune import sample_files
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.evaluation import network_loss
from hls4ml_hwprune.samples import Calibration, load_calibration

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
        ('objects.npy', 'cannot be read: there are objects in it'),
        ('text.npy', 'cannot be read'),
        ('text.npz', 'cannot be read'),
        ('empty.npy', 'cannot be read'),
        ('none.npz', 'got nothing'),
        ('two.npz', "got 'arr_0', 'arr_1'"),
        ('labels.npz', "got 'y'"),
        ('objects.npz', 'cannot be read'),
        ('folder.npy', 'cannot be read: it is a folder'),
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


@pytest.mark.parametrize('suffix', ['npy', 'npz'])
@pytest.mark.parametrize('dtype', ['f4', '>f8', 'i2', 'u1', 'b1'])
def test_files_of_all_types_and_orders(tmp_path, suffix, dtype, monkeypatch):
    # Several pieces, of which the last is smaller.
    monkeypatch.setattr(sample_files, '_PIECE', 7)
    x = np.random.default_rng(0).integers(0, 200, (4, 3, 2)).astype(dtype)
    for array in (x, np.asfortranarray(x), x[::-1], x.transpose(0, 2, 1)):
        path = tmp_path / f'x.{suffix}'
        (np.save if suffix == 'npy' else np.savez_compressed)(path, array)
        check(load_calibration(path, KEY), [array.astype(float)], None)


def write_header(path, shape, dtype='<f8', data=b'', archive=False, version=(1, 0)):
    """An .npy file, perhaps within an .npz, that promises an array of this shape."""
    content = io.BytesIO()
    header = {'descr': dtype, 'fortran_order': False, 'shape': shape}
    np.lib.format._write_array_header(content, header, version)
    content.write(data)
    if not archive:
        path.write_bytes(content.getvalue())
        return
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as file:
        file.writestr('x.npy', content.getvalue())


@pytest.mark.parametrize(
    ('shape', 'options', 'words'),
    [
        ((10**9, 10), {}, r'too short for an array of shape \(1000000000, 10\)'),
        ((10**9, 10), {'archive': True}, 'holds 10,000,000,000 numbers'),
        ((4, 3), {'data': bytes(95)}, 'too short'),
        ((4, 3), {'data': bytes(95), 'archive': True}, 'ends too early'),
        ((4, 3), {'dtype': '|O', 'data': bytes(96)}, 'there are objects in it'),
        ((4, 3), {'dtype': '<c16', 'data': bytes(192)}, 'an array of real numbers, got dtype complex128'),
        ((-1, 3), {'data': bytes(96)}, r'cannot have the shape \(-1, 3\)'),
        ((4, 3), {'data': bytes(96), 'version': (3, 0)}, 'no array of real numbers'),
        ((4, 3), {'data': np.full(12, np.nan).tobytes(), 'archive': True}, 'x0: the samples contain NaN'),
    ],
)
def test_sizes_are_known_before_anything_is_read(tmp_path, shape, options, words):
    path = tmp_path / ('x.npz' if options.get('archive') else 'x.npy')
    write_header(path, shape, **options)
    tracemalloc.start()
    try:
        with pytest.raises(ConfigError, match=words) as caught:
            load_calibration(path, KEY)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(KEY)


def test_a_small_file_does_not_become_a_large_array(tmp_path):
    path = tmp_path / 'x.npz'
    write_header(path, (3000, 1000), '|u1', bytes(3_000_000), archive=True)
    assert path.stat().st_size < 10_000
    tracemalloc.start()
    try:
        with pytest.raises(ConfigError, match=r'x0 has samples of shape \(1000,\), the network takes \(16,\)'):
            load_calibration(path, KEY, [(16,)])
        with pytest.raises(ConfigError, match='1 arrays of inputs, but the network has 2'):
            load_calibration(path, KEY, [(1000,), (16,)])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert load_calibration(path, KEY, [(10, 100)]).x[0].shape == (3000, 1000)


def test_a_damaged_archive(tmp_path):
    path = tmp_path / 'x.npz'
    np.savez(path, x=X)
    content = bytearray(path.read_bytes())
    content[content.index(X.tobytes()) + 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ConfigError, match='Bad CRC'):
        load_calibration(path, KEY)


@pytest.mark.parametrize('name', ['fifo.npy', 'nul\0.npy', 'n' * 300 + '.npy', 'x.npy/x.npy', 'loop.npz'])
def test_names_that_are_no_files(tmp_path, name):
    os.mkfifo(tmp_path / 'fifo.npy')
    (tmp_path / 'loop.npz').symlink_to('loop.npz')
    np.save(tmp_path / 'x.npy', X)
    with pytest.raises(ConfigError, match=f'{KEY}: (there is no file|.* cannot be read: )'):
        load_calibration(str(tmp_path / name), KEY)


@pytest.mark.parametrize(
    ('labels', 'words'),
    [
        ([[1, 0], [0, 1], [1], [0]], 'y: expected an array of real numbers, got a list: .*inhomogeneous'),
        ([10**400, 1, 0, 1], 'y: expected an array of real numbers, got dtype object'),
        ([10**400, 0.5, 0, 1], 'y: expected an array of real numbers, got (a list|dtype object)'),
        ([1e300, 0, 1, 1], 'y: class numbers must be whole'),
        ([2**31, 0, 1, 1], 'y: class numbers must be whole'),
        (np.array([np.longdouble(10) ** 400, 0, 1, 1]), 'y: the samples contain NaN or infinity'),
    ],
    ids=range(6),
)
@pytest.mark.filterwarnings('error')
def test_labels_that_are_no_classes(labels, words):
    with pytest.raises(ConfigError, match=words):
        load_calibration({'x': X, 'y': labels}, KEY)
