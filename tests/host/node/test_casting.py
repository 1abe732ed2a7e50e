"""Assignments to types against the C++ headers that hls4ml compiles with."""

import subprocess
from importlib.resources import files
from itertools import product

import numpy as np
import pytest
from hls4ml.model.types import FixedPrecisionType, IntegerPrecisionType, RoundingMode, SaturationMode

from hls4ml_hwprune.host.node.casting import cast, cast_double, is_settled

# Widths and integer bits; more of the latter than of the former, none, and less than none among them.
_SHAPES = [(8, 3), (6, 7), (4, -1), (1, 1)]
SOURCES = [
    FixedPrecisionType(14, 6),
    FixedPrecisionType(9, 1),
    FixedPrecisionType(9, 0),
    FixedPrecisionType(9, 5, signed=False),
    IntegerPrecisionType(9),
    IntegerPrecisionType(8, signed=False),
    None,
]


def targets():
    """Every mode of rounding and of overflow for some shape, and integers."""
    modes = list(product(RoundingMode, SaturationMode, (True, False)))
    fixed = [
        FixedPrecisionType(*_SHAPES[number % len(_SHAPES)], signed, rounding, saturation)
        for number, (rounding, saturation, signed) in enumerate(modes)
    ]
    fixed += [FixedPrecisionType(8, 3, True, rounding, saturation) for rounding, saturation, _ in modes[::2]]
    return fixed + [IntegerPrecisionType(width, signed) for width in (1, 4, 12) for signed in (True, False)]


def cpp(precision):
    """C++ name of a type; None is `double`."""
    if precision is None:
        return 'double'
    name = f'ap_{"" if precision.signed else "u"}'
    if isinstance(precision, IntegerPrecisionType):
        return f'{name}int<{precision.width}>'
    modes = f'AP_{precision.rounding_mode.name},AP_{precision.saturation_mode.name}'
    return f'{name}fixed<{precision.width},{precision.integer},{modes}>'


def values_of(precision, rng):
    """Some numbers of a type, those at its ends and around zero among them."""
    if precision is None:
        return np.concatenate([rng.integers(-400, 400, 60) / 32, rng.normal(0, 20, 20), [-0.5, -0.4, -0.01, 0.01, 0.5]])
    low = -(2 ** (precision.width - 1)) if precision.signed else 0
    high = low + 2**precision.width
    codes = [*range(low, low + 4), *range(high - 4, high), *range(max(low, -9), 10), *rng.integers(low, high, 60)]
    return np.unique(codes) * 2.0**-precision.fractional


@pytest.fixture(scope='module')
def converted(tmp_path_factory):
    """Values by (source, target), and the numbers that C++ makes of them."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp('casting')
    values = [values_of(source, rng) for source in SOURCES]
    pairs = [
        (i, target) for i in range(len(SOURCES)) for number, target in enumerate(targets()) if _is_tried(i, number, target)
    ]
    lines = ['#include "ap_fixed.h"', '#include "ap_int.h"', '#include <cstdio>']
    lines += [f'static double v{i}[] = {{{", ".join(map(repr, map(float, found)))}}};' for i, found in enumerate(values)]
    lines.append(
        'template <class S, class T, int N> void show(double (&v)[N]) {'
        ' for (double d : v) { S s = d; T t = s; printf("%.17g ", t.to_double()); } puts(""); }'
    )
    calls = ' '.join(f'show<{cpp(SOURCES[i])}, {cpp(target)}>(v{i});' for i, target in pairs)
    (folder / 'show.cpp').write_text('\n'.join([*lines, f'int main() {{ {calls} }}\n']))
    types = files('hls4ml') / 'templates' / 'vivado' / 'ap_types'
    # The headers assert that shifts stay within a number, though nothing depends on it.
    command = ['g++', '-std=c++11', '-w', '-O0', '-DNDEBUG', f'-I{types}', 'show.cpp', '-o', 'show']
    subprocess.run(command, cwd=folder, check=True)
    out = subprocess.run([folder / 'show'], capture_output=True, text=True, check=True).stdout.splitlines()
    return [(SOURCES[i], to, values[i], np.array(line.split(), float)) for (i, to), line in zip(pairs, out, strict=True)]


def _is_tried(i, number, target):
    """A sixth of the fixed-point types a source, to save the compiler's time."""
    return isinstance(target, IntegerPrecisionType) or (i + number) % 6 == 0


def test_casts_are_those_of_cpp(converted):
    unsettled = 0
    for source, target, values, expected in converted:
        found = cast_double(values, target) if source is None else cast(values, target)
        settled = np.ones(values.shape, bool) if source is None else is_settled(values, target, source)
        name = f'{cpp(source)} to {cpp(target)}'
        np.testing.assert_array_equal(found[settled], expected[settled], err_msg=name)
        # Not known only where it matters.
        assert settled.all() or (isinstance(target, IntegerPrecisionType) and source.integer <= 0), name
        unsettled += int((~settled & (found != expected)).sum())
    assert unsettled


def test_what_is_not_known_without_the_source():
    values = np.array([-1.5, -0.5, -0.25, 0.0, 0.25])
    settled = is_settled(values, IntegerPrecisionType(8))
    np.testing.assert_array_equal(settled, [True, False, False, True, True])
    assert is_settled(values, FixedPrecisionType(8, 8)).all()
    assert is_settled(values, IntegerPrecisionType(8), FixedPrecisionType(8, 1)).all()


def test_rounding_is_exact_next_to_a_half():
    below = np.nextafter(0.5, 0)
    for rounding in ('RND', 'RND_INF', 'RND_ZERO', 'RND_MIN_INF', 'RND_CONV'):
        np.testing.assert_array_equal(cast(np.array([below, -below]), FixedPrecisionType(8, 8, True, rounding)), [0, 0])
