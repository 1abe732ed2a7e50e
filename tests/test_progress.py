"""Progress: bars on terminals alone, plain lines elsewhere."""

import logging
import sys

import pytest

from hls4ml_hwprune import progress as module
from hls4ml_hwprune.progress import meter, progress


@pytest.fixture
def seconds(monkeypatch):
    """A clock that goes on by four seconds each time it is read."""
    readings = iter(range(0, 10_000, 4))
    monkeypatch.setattr(module, 'monotonic', lambda: next(readings))


def test_lines_where_there_is_no_terminal(capsys, caplog, seconds):
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    assert list(progress(range(9), 'matching')) == list(range(9))
    assert list(progress(iter('abc'), 'budgets', 3)) == list('abc')
    with meter('training') as show:
        show(0.25, 'plan, metric 0.9')
    found = capsys.readouterr()
    assert (found.out, found.err) == ('', '')
    messages = [record.getMessage() for record in caplog.records]
    # The first after the delay, the next ten seconds later each.
    assert messages == [
        *('matching: 1 of 9', 'matching: 4 of 9', 'matching: 7 of 9'),
        *('budgets: 1 of 3',),
        'training: 25 %, plan, metric 0.9',
    ]


def test_short_work_says_nothing(capsys, caplog, monkeypatch):
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    monkeypatch.setattr(module, 'monotonic', lambda: 0.0)
    assert list(progress({'a': 1, 'b': 2}, 'matching')) == ['a', 'b']
    assert (capsys.readouterr().err, caplog.text) == ('', '')


def test_bars_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: True, raising=False)
    assert list(progress(range(3), 'matching', delay=0)) == [0, 1, 2]
    with meter('training') as show:
        show(0.5, 'plan')
    found = capsys.readouterr().err
    assert 'matching' in found
    assert '50%' in found
    assert 'plan' in found


def test_no_standard_error_at_all(monkeypatch):
    monkeypatch.setattr(sys, 'stderr', None)
    assert list(progress([1, 2], 'matching')) == [1, 2]
