"""Messages where nobody configured logging, and the levels of those who did."""

import logging

import pytest

from hls4ml_hwprune.report.console import shown_messages

PACKAGE = logging.getLogger('hls4ml_hwprune')
LOG = logging.getLogger('hls4ml_hwprune.somewhere')


@pytest.fixture(autouse=True)
def _levels():
    root = logging.getLogger()
    before = root.level, PACKAGE.level
    yield
    root.setLevel(before[0])
    PACKAGE.setLevel(before[1])


@pytest.fixture
def root(monkeypatch):
    """A function that makes loggers as they are where nothing is configured; pytest adds its handlers after fixtures."""

    def bare():
        root = logging.getLogger()
        for logger, level in ((root, logging.WARNING), (PACKAGE, logging.NOTSET)):
            monkeypatch.setattr(logger, 'handlers', [])
            logger.setLevel(level)
        return root

    return bare


@shown_messages()
def speak():
    LOG.debug('detail')
    LOG.info('table')
    LOG.warning('worse')


def test_plans_are_seen_where_nothing_is_configured(root, capsys):
    root()
    speak()
    with shown_messages():
        speak()
    assert capsys.readouterr().out == 'table\nworse\n' * 2
    assert (PACKAGE.level, PACKAGE.handlers) == (logging.NOTSET, [])


@pytest.mark.parametrize(
    ('level', 'said'), [(logging.DEBUG, 'detail\ntable\nworse\n'), (logging.WARNING, 'worse\n'), (logging.ERROR, '')]
)
def test_a_level_of_the_package_is_respected(root, capsys, level, said):
    root()
    PACKAGE.setLevel(level)
    speak()
    assert capsys.readouterr().out == said
    assert PACKAGE.level == level


@pytest.mark.parametrize(('level', 'said'), [(logging.ERROR, ''), (logging.INFO, 'table\nworse\n')])
def test_a_level_of_the_root_is_respected(root, capsys, level, said):
    root().setLevel(level)
    speak()
    assert capsys.readouterr().out == said


def test_handlers_of_an_application_get_what_its_level_lets_through(root, capsys):
    root()
    # Configured after a first conversion: nothing of that one may stick.
    speak()
    capsys.readouterr()
    logging.basicConfig(level=logging.WARNING, format='app %(message)s')
    speak()
    found = capsys.readouterr()
    assert (found.out, found.err) == ('', 'app worse\n')


def test_a_handler_of_the_package_is_the_only_one(root, capsys):
    root()
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    PACKAGE.addHandler(handler)
    speak()
    assert capsys.readouterr().out == ''
    assert [record.getMessage() for record in records] == ['worse']


def test_loggers_are_as_they_were_after_an_error(root):
    root()
    with pytest.raises(ValueError, match='no'), shown_messages():
        raise ValueError('no')
    assert (PACKAGE.level, PACKAGE.handlers) == (logging.NOTSET, [])
