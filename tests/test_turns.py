"""Products of parameters in turn: nothing is left out when slow tests run, and little of each value on any day."""

from collections import Counter

from tests.turns import in_turn

AXES = ['ab', range(6), 'xyz']


def everyday(params):
    return [param.values for param in params if not param.marks]


def test_all_combinations_are_there_and_every_day_a_part():
    params = in_turn(*AXES)
    assert len({param.values for param in params}) == len(params) == 2 * 6 * 3
    assert all([mark.name for mark in param.marks] in ([], ['slow']) for param in params)
    chosen = everyday(params)
    assert Counter(values[:2] for values in chosen) == Counter((a, b) for a in 'ab' for b in range(6))


def test_values_of_the_last_axis_take_turns():
    chosen = everyday(in_turn(*AXES))
    assert {(a, c) for a, _, c in chosen} == {(a, c) for a in 'ab' for c in 'xyz'}
