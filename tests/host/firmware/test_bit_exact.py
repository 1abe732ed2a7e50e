"""The sparse firmware against the project that plain hls4ml writes for the same weights set to zero, bit for bit.

Many layers go into one project, side by side, and many projects into one compilation.
"""

import pytest

from tests.host.firmware.cases import (
    BACKENDS,
    FAMILIES,
    IO_TYPES,
    PRECISIONS,
    cases,
    check,
    check_together,
    few_cases,
    legal_reuse_factors,
    pair,
    some_cases,
    some_reuse_factors,
)

# Dense layers everywhere, images on each back end and each interface once or twice, and sequences, which are images of one
# row, on one of each in turn. `test_bit_exact_everywhere` has all combinations.
EVERYDAY = [('dense', backend, io_type) for backend in BACKENDS for io_type in IO_TYPES] + [
    ('conv2d', 'Vivado', 'io_stream'),
    ('conv2d', 'Vitis', 'io_parallel'),
    ('conv2d_same', 'Vivado', 'io_parallel'),
    ('conv2d_same', 'Vitis', 'io_stream'),
    ('pointwise2d', 'Vivado', 'io_stream'),
    ('pointwise2d', 'Vitis', 'io_parallel'),
    ('conv1d', 'Vivado', 'io_parallel'),
    ('conv1d_strided', 'Vitis', 'io_stream'),
    ('conv1d_same', 'Vitis', 'io_parallel'),
    ('pointwise1d', 'Vivado', 'io_stream'),
    ('conv2d_strided', 'Vivado', 'io_stream'),
    ('pointwise2d_strided', 'Vitis', 'io_stream'),
    ('depthwise1d', 'Vitis', 'io_stream'),
    ('depthwise1d', 'Vivado', 'io_parallel'),
    ('depthwise2d', 'Vivado', 'io_stream'),
    ('depthwise2d', 'Vitis', 'io_parallel'),
]


def parallel_pixels(family):
    """ParallelizationFactor: several output pixels share the weights and each has multipliers of its own."""
    return few_cases(family), {'extra': {'ParallelizationFactor': 3}}


def encoded(family):
    """The other io_stream implementation, which only Vivado has."""
    return few_cases(family), {'extra': {'ConvImplementation': 'Encoded'}}


def whole_memory_words(family):
    """The bram packing drops runs of slots; the last run of a kernel may be shorter."""
    return [case for case in some_cases(family) if case.kept == 'some'], {'packing': 'bram'}


VARIANTS = [
    (parallel_pixels, 'conv1d', 'Vitis', 'io_parallel'),
    (parallel_pixels, 'conv2d', 'Vivado', 'io_parallel'),
    (parallel_pixels, 'conv2d', 'Vitis', 'io_parallel'),
    (parallel_pixels, 'pointwise2d', 'Vivado', 'io_parallel'),
    (encoded, 'conv1d_strided', 'Vivado', 'io_stream'),
    (encoded, 'conv2d', 'Vivado', 'io_stream'),
    (whole_memory_words, 'dense', 'Vitis', 'io_stream'),
    (whole_memory_words, 'conv2d', 'Vitis', 'io_stream'),
]


@pytest.mark.parametrize('io_type', IO_TYPES)
@pytest.mark.parametrize('backend', BACKENDS)
def test_bit_exact(backend, io_type, tmp_path, monkeypatch):
    """The everyday networks and the variants of a back end and an interface."""
    pairs, place = [], (backend, io_type)
    for turn, (family, *where) in enumerate(EVERYDAY):
        if tuple(where) == place:
            pairs.append(pair(family, some_cases(family, turn), *place, tmp_path / family, monkeypatch))
    for variant, family, *where in VARIANTS:
        if tuple(where) == place:
            chosen, options = variant(family)
            folder = tmp_path / f'{family}_{variant.__name__}'
            pairs.append(pair(family, chosen, *place, folder, monkeypatch, **options))
    check_together(pairs)


@pytest.mark.slow
@pytest.mark.parametrize('precision', PRECISIONS)
@pytest.mark.parametrize('io_type', IO_TYPES)
@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('family', FAMILIES)
def test_bit_exact_everywhere(family, backend, io_type, precision, tmp_path, monkeypatch):
    """The whole matrix: all legal reuse factors, precisions and shares."""
    _, _, n_in, n_out = FAMILIES[family]
    every = list(cases(n_in, n_out, legal_reuse_factors(n_in, n_out), every=True))
    check(family, [c for c in every if c.precision == precision], backend, io_type, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(('variant', 'family', 'backend', 'io_type'), VARIANTS)
def test_variants_everywhere(variant, family, backend, io_type, tmp_path, monkeypatch):
    """The variants of a family at some reuse factors, with all precisions and shares."""
    _, _, n_in, n_out = FAMILIES[family]
    _, options = variant(family)
    every = cases(n_in, n_out, some_reuse_factors(n_in, n_out), every=True)
    check(family, list(every), backend, io_type, tmp_path, monkeypatch, **options)
