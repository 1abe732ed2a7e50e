"""The reference page of options follows from their declarations."""

from pathlib import Path

from hls4ml_hwprune.config.options import OPTIONS
from hls4ml_hwprune.reference import page
from hls4ml_hwprune.training.options import OPTIONS as TRAINING

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'options.md'


def test_the_page_is_that_of_the_declarations():
    assert PAGE.read_text() == page(), 'renew it: python -m hls4ml_hwprune.reference > docs/options.md'


def test_every_option_has_a_row():
    rows = [line.split(' | ')[0].strip('| `') for line in page().splitlines() if line.startswith('| `')]
    for name in (*(one.key for one in OPTIONS), *(one.keyword for one in TRAINING)):
        assert name in rows
    widths = {line.replace('\\|', '').count('|') for line in page().splitlines() if line.startswith('|')}
    assert widths == {5, 6, 8}
