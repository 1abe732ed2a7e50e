"""Liveness, cuts and spines on small graphs of channels made by hand."""

import numpy as np
import pytest

from hls4ml_hwprune.selection.narrowing import narrowed
from hls4ml_hwprune.selection.spine import spine
from hls4ml_hwprune.wiring import KernelLink, Link, Wiring, cut, liveness


def kernel(name, source, output, n_in, n_out, channel=None):
    channel = np.arange(n_in) if channel is None else channel
    return KernelLink(name, source, output, channel, np.ones((n_out, n_in), bool))


def same(source, output, n):
    return Link(source, output, np.stack([np.arange(n)] * 2, axis=1))


def chain():
    """Make x (3 channels) - a - h (2) - activation - b - y (2)."""
    links = (kernel('a', 'x', 'h', 3, 2), same('h', 'r', 2), kernel('b', 'r', 'y', 2, 2))
    return Wiring({'x': 3, 'h': 2, 'r': 2, 'y': 2}, links, ('x',), ('y',))


def diamond():
    """Make x (2) - a - h (2), added to x - s (2) - b - y (1)."""
    links = (kernel('a', 'x', 'h', 2, 2), same('x', 's', 2), same('h', 's', 2), kernel('b', 's', 'y', 2, 1))
    return Wiring({'x': 2, 'h': 2, 's': 2, 'y': 1}, links, ('x',), ('y',))


def test_weights_on_no_way_are_dead():
    a, b = np.zeros((2, 3), bool), np.zeros((2, 2), bool)
    # Neuron 0 is read by nothing; neuron 1 is read by output 0; output 1 reads neuron 1 too, which reads input 2.
    a[0, 0] = a[1, 2] = b[0, 1] = b[1, 1] = True
    live = liveness(chain(), {'a': a, 'b': b})
    assert live.severed == ()
    np.testing.assert_array_equal(live.alive['a'], [[False] * 3, [False, False, True]])
    np.testing.assert_array_equal(live.alive['b'], b)
    # With neuron 1 left without inputs nothing is alive, and the output is a constant.
    a[1, 2] = False
    live = liveness(chain(), {'a': a, 'b': b})
    assert live.severed == ('y',)
    assert not live.alive['a'].any()
    assert not live.alive['b'].any()


def test_layers_that_mix_channels_pass_all_on():
    wiring = Wiring({'x': 2, 'm': 3, 'y': 1}, (Link('x', 'm'), kernel('b', 'm', 'y', 3, 1)), ('x',), ('y',))
    for input_read in range(3):
        mask = np.zeros((1, 3), bool)
        mask[0, input_read] = True
        live = liveness(wiring, {'b': mask})
        assert live.severed == ()
        assert live.used['x'].all()


@pytest.mark.parametrize(
    ('wiring', 'empty', 'expected'),
    [
        (chain(), ['a'], {'a'}),
        (chain(), ['b'], {'b'}),
        (chain(), [], set()),
        # The way around leads past it.
        (diamond(), ['a'], set()),
        (diamond(), ['b'], {'b'}),
        (diamond(), ['a', 'b'], {'b'}),
    ],
)
def test_cuts(wiring, empty, expected):
    assert cut(wiring, empty) == expected


def test_a_cut_of_several_layers():
    links = (kernel('a', 'x', 'h', 2, 2), kernel('c', 'x', 'g', 2, 2), same('h', 's', 2), same('g', 's', 2))
    wiring = Wiring({'x': 2, 'h': 2, 'g': 2, 's': 2}, links, ('x',), ('s',))
    assert cut(wiring, ['a']) == frozenset()
    assert cut(wiring, ['a', 'c']) == {'a', 'c'}


def test_a_spine_is_the_best_chain():
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.random((2, 3)), rng.random((2, 2))
        found = spine(chain(), {'a': a, 'b': b}, ['y'])
        (first,), (second,) = found['a'], found['b']
        worth = a.ravel()[first] * b.ravel()[second]
        assert first // 3 == second % 2
        assert worth == pytest.approx(max(a[h, i] * b[o, h] for h in range(2) for i in range(3) for o in range(2)))


def test_spines_of_several_outputs_share_what_they_can():
    links = (kernel('a', 'x', 'h', 2, 3), kernel('b', 'h', 'y', 3, 1), kernel('c', 'h', 'z', 3, 1))
    wiring = Wiring({'x': 2, 'h': 3, 'y': 1, 'z': 1}, links, ('x',), ('y', 'z'))
    a = np.array([[0.9, 0.1], [0.8, 0.1], [0.1, 0.1]])
    found = spine(wiring, {'a': a, 'b': np.array([[1.0, 0.9, 0.1]]), 'c': np.array([[0.9, 1.0, 0.1]])}, ['y', 'z'])
    assert {name: positions.tolist() for name, positions in found.items()} == {'a': [0], 'b': [0], 'c': [0]}


def test_weights_that_cannot_be_part_of_a_spine():
    a, b = np.full((2, 3), np.nan), np.ones((2, 2))
    assert spine(chain(), {'a': a, 'b': b}, ['y']) == {}
    a[1, 0] = 0.0
    assert spine(chain(), {'a': a, 'b': b}, ['y'])['a'].tolist() == [3]


def test_kernels_that_are_not_pruned_are_part_of_a_chain_and_need_no_pins():
    found = spine(chain(), {'b': np.array([[0.1, 0.9], [0.2, 0.3]])}, ['y'])
    assert {name: positions.tolist() for name, positions in found.items()} == {'b': [1]}


def test_narrowing_gives_up_the_least_channels_of_hidden_layers_alone():
    a = np.array([[5.0, 5.0, 5.0], [0.1, 0.1, 0.1]])
    b = np.array([[3.0, 0.1], [3.0, 0.1]])
    rows = narrowed(chain(), {'a': a, 'b': b}, 0.5)
    assert {name: kept.tolist() for name, kept in rows.items()} == {'a': [True, False]}
    # One stays, whatever the share.
    assert narrowed(chain(), {'a': a, 'b': b}, 0.99)['a'].tolist() == [True, False]
