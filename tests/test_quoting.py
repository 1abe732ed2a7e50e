"""Values in messages: one line, short, and no error, whatever the value is."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from hls4ml_hwprune.quoting import shown, shown_name


class Loud:
    """A class whose `repr` raises."""

    def __repr__(self):
        raise RuntimeError('no')


class Long:
    """A class whose `repr` has lines."""

    def __repr__(self):
        return 'one\n   two\r\n' + 'x' * 500


def named_int():
    """An object of a class that is called as one of Python's own."""
    return type('int', (), {})()


def endless():
    found = [1]
    found.append(found)
    return found


CASES = [
    ('auto', "'auto'"),
    ("it's", '"it\'s"'),
    ('a\nb', r"'a\nb'"),
    (3, '3'),
    (-0.5, '-0.5'),
    (True, 'True'),
    (None, 'None'),
    (10**39, str(10**39)),
    (10**50, 'a whole number of about 51 digits'),
    (-(10**5000), 'a whole number of about 5001 digits'),
    ([10**5000], '[a whole number of about 5001 digits]'),
    ({'DSP': '0.5x'}, "{'DSP': '0.5x'}"),
    ([{'DSP': 3}, 'x'], "[{'DSP': 3}, 'x']"),
    (Path('a/b'), "'a/b'"),
    (np.zeros((3, 3)), 'an array of shape (3, 3)'),
    ([np.zeros(10**6)], '[an array of shape (1000000,)]'),
    (np.array(0.5), 'array(0.5)'),
    (np.float32(0.5), '0.5'),
    (float, "<class 'float'>"),
    (len, '<built-in function len>'),
    (object(), '<object object>'),
    (Loud(), 'a Loud'),
    (named_int(), 'a int'),
]
LONG = [
    *('x' * 5000, '\0' * 5000, '\N{PARAGRAPH SEPARATOR}' * 500, '\ud800' * 200, b'\0' * 5000, 'é' * 100),
    *([0] * 10**6, [[['abc' * 50] * 9] * 9] * 9, {k: k for k in range(1000)}, {'x' * 500: {'y' * 500: 'z' * 500}}),
    *(set(range(1000)), frozenset('abc'), OrderedDict.fromkeys('abcdef' * 9), range(10**9), 1j, Long(), endless()),
    *(np.zeros((3,) * 9), np.array(['x' * 500] * 9), np.str_('x' * 500), Exception('a\nb'), Path('x' * 500)),
]


# Not by their values, of which pytest makes names.
@pytest.mark.parametrize('number', range(len(CASES)))
def test_values(number):
    value, text = CASES[number]
    assert shown(value) == text


@pytest.mark.parametrize('number', range(len(LONG)))
def test_long_values_are_one_short_line(number):
    value = LONG[number]
    text = shown(value)
    assert len(text) <= 80
    assert text.isprintable()
    assert len(shown(value, 20)) <= 20
    assert len(shown_name(value)) <= 80


def test_beginning_and_end_of_a_long_word_are_shown():
    assert shown('begin' + 'x' * 500 + 'end').startswith("'beginxxx")
    assert shown('begin' + 'x' * 500 + 'end').endswith("xxxend'")


@pytest.mark.parametrize(('name', 'text'), [('fc1', 'fc1'), ('', "''"), (1, '1'), ('a\nb', r"'a\nb'"), (None, 'None')])
def test_names_of_places(name, text):
    assert shown_name(name) == text
