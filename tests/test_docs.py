"""Every code block of the README and of docs/ runs."""

import re
from pathlib import Path

import pytest
import yaml

from hls4ml_hwprune.config import parse_settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / 'README.md', ROOT / 'benchmarks' / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]
BLOCKS = [
    (page.name, language, text)
    for page in PAGES
    for language, text in re.findall(r'^```(\w+)\n(.*?)^```', page.read_text(), re.MULTILINE | re.DOTALL)
]


def blocks(language):
    return [pytest.param(text, id=page) for page, found, text in BLOCKS if found == language]


def test_only_languages_that_are_checked():
    assert {language for _, language, _ in BLOCKS} <= {'python', 'yaml'}
    assert blocks('python')
    assert blocks('yaml')


@pytest.mark.parametrize('code', blocks('python'))
def test_python(code, tmp_path, monkeypatch):
    pytest.importorskip('tensorflow')
    monkeypatch.chdir(tmp_path)
    exec(compile(code, 'README', 'exec'), {})


@pytest.mark.parametrize('text', blocks('yaml'))
def test_yaml(text):
    config = yaml.safe_load(text)
    settings = parse_settings(config['HLSConfig'])
    assert set(settings.budget) == {'dsp', 'bram18', 'lut'}
    assert config['HLSConfig']['Flows'] == ['vitis:hwprune']


def test_linked_pages_exist():
    for page in PAGES:
        for target in re.findall(r'\]\((?!http)([^)#]+)\)', page.read_text()):
            assert (page.parent / target).exists(), f'{page.name} links to {target}'
