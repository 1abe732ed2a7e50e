"""Facts of a release: bounds of dependencies, classifiers, the text of an index page, and the page of first commands."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest
import yaml

import hls4ml_hwprune
from hls4ml_hwprune.plugin import TESTED
from tests.wheel.__main__ import EXTRAS, WALK, commands_of_page

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']
README = (ROOT / 'README.md').read_text()


@pytest.fixture(scope='module')
def description():
    return runpy.run_path(str(ROOT / 'setup.py'), run_name='setup')['description']


def test_the_next_hls4ml_is_not_shut_out():
    (needed,) = (one for one in PROJECT['dependencies'] if one.startswith('hls4ml'))
    assert '<' not in needed and '=' not in needed.replace('>=', '')
    assert tuple(map(int, needed.split('>=')[1].split('.'))) <= TESTED


def test_classifiers_are_the_pythons_of_the_workflow():
    known = [name.rsplit(' ', 1)[1] for name in PROJECT['classifiers'] if ' :: Python :: 3.' in name]
    (workflow,) = (ROOT / '.github' / 'workflows').glob('*.yml')
    matrix = yaml.safe_load(workflow.read_text())['jobs']['wheel']['strategy']['matrix']
    assert known == matrix['python']
    assert tuple(matrix['extra']) == EXTRAS
    asked = {part for extra in (*EXTRAS, *(one['extra'] for one in matrix['include'])) for part in extra.split(',') if part}
    assert asked == set(PROJECT['optional-dependencies']) - {'examples', 'test'}


def test_an_index_page_has_no_relative_address(description):
    assert '![' in README and '](docs/' in README
    text = description(README)
    assert '![' not in text
    assert all(address.startswith('https:') for address in re.findall(r'\]\(([^)]+)\)', text))
    assert '| the command line |' in text
    # Nothing else is changed.
    assert description(text) == text


def test_with_an_address_nothing_is_left_out(description):
    text = description(README, 'https://example.org/owner/name/')
    assert '](https://example.org/owner/name/raw/HEAD/docs/accuracy.png)' in text
    assert '[the command line](https://example.org/owner/name/blob/HEAD/docs/command_line.md)' in text
    assert not re.search(r'\]\((?!https?:)', text)


def test_an_index_can_render_it(description):
    markdown = pytest.importorskip('readme_renderer.markdown')
    page = markdown.render(description(README))
    assert page and '<table' in page and '<img' not in page


def test_the_first_commands_name_this_version():
    install, convert, show = commands_of_page()
    assert f'hls4ml_hwprune-{hls4ml_hwprune.__version__}-py3-none-any.whl[{WALK}]' in install
    assert convert.endswith('--output project') and show.endswith('project/hwprune_report.html')
