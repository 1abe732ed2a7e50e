"""Outcomes of layers are those of the coverage table: all of them by `make test-matrix`, one of each layer every day."""

import pytest

from tests.matrix.cells import BACKENDS, IO_TYPES, STRATEGIES, Cell, cells, outcome
from tests.matrix.layers import LAYERS
from tests.matrix.table import read

pytest.importorskip('tensorflow')


def everyday():
    """One cell a layer, of each back end, interface and strategy in turn."""
    for number, layer in enumerate(LAYERS):
        place = BACKENDS[number % len(BACKENDS)], IO_TYPES[number // 2 % 2], list(STRATEGIES)[number % 5 // 2]
        yield Cell(layer, *place)


def test_the_table_has_every_cell():
    assert set(read()) == set(cells())


@pytest.mark.parametrize('cell', everyday(), ids=str)
def test_outcome(cell, tmp_path):
    """As far as firmware need not be compiled: the bits have tests of their own."""
    assert read()[cell] in (outcome(cell, tmp_path, compiled=False).word, '-')


@pytest.mark.matrix
@pytest.mark.parametrize('cell', cells(), ids=str)
def test_outcome_everywhere(cell, tmp_path):
    assert read()[cell] == outcome(cell, tmp_path).word.replace('not in hls4ml', '-')
