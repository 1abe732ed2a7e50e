"""Every code block of the README and of docs/ runs."""

import re
from pathlib import Path

import hls4ml.backends  # noqa: F401  (registers the flows)
import numpy as np
import pytest
import yaml
from hls4ml.model.flow import get_available_flows

from hls4ml_hwprune import get_plan
from hls4ml_hwprune.config import parse_settings
from tests import models

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / 'README.md', ROOT / 'benchmarks' / 'README.md', *sorted((ROOT / 'docs').rglob('*.md'))]
BLOCKS = [
    (page.name, language, text)
    for page in PAGES
    for language, text in re.findall(r'^```(\w+)\n(.*?)^```', page.read_text(), re.MULTILINE | re.DOTALL)
]


def blocks(language):
    return [pytest.param(text, id=page) for page, found, text in BLOCKS if found == language]


def test_only_languages_that_are_checked():
    assert {language for _, language, _ in BLOCKS} <= {'python', 'sh', 'text', 'yaml'}
    assert blocks('python')
    assert blocks('yaml')


def reloaded(model, folder):
    """A model as users have it: compiled with labels and a metric, trained, saved and loaded."""
    from tensorflow import keras

    inputs = np.random.default_rng(1).normal(size=(64, *model.input_shape[1:]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile('adam', loss, metrics=['accuracy'])
    model.fit(inputs, np.arange(64) % model.output_shape[-1], verbose=0)
    model.save(folder / 'model.h5')
    return keras.models.load_model(folder / 'model.h5')


@pytest.mark.parametrize('page', sorted({page for page, language, _ in BLOCKS if language == 'python'}))
def test_python(page, tmp_path, monkeypatch):
    """The blocks of a page run one after the other, as a reader would, on a model that was compiled, saved and loaded."""
    pytest.importorskip('tensorflow')
    monkeypatch.chdir(tmp_path)
    names = {}
    made = None
    for found, language, text in BLOCKS:
        if found == page and language == 'python':
            exec(compile(text, page, 'exec'), names)
            if names.get('model') is not made:
                names['model'] = made = reloaded(names['model'], tmp_path)


def test_commands(tmp_path, monkeypatch):
    """The commands of a page run one after the other, beside a model and samples."""
    keras = pytest.importorskip('tensorflow.keras')
    from click.testing import CliRunner

    from hls4ml_hwprune.cli.app import hwprune

    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential([layers.Input((8,)), layers.Dense(12, 'relu'), layers.Dense(3), layers.Activation('softmax')])
    reloaded(model, tmp_path)
    rng = np.random.default_rng(0)
    np.savez('samples.npz', x=rng.normal(size=(50, 8)), y=rng.integers(0, 3, 50))
    # Pages begin with the same commands.
    commands = dict.fromkeys(line for _, language, text in BLOCKS if language == 'sh' for line in text.splitlines())
    assert len(commands) >= 7
    for command in commands:
        name, *arguments = command.split()
        result = CliRunner().invoke(hwprune, arguments)
        assert (name, result.exit_code) == ('hwprune', 0), f'{command}: {result.output}'


@pytest.mark.parametrize('text', blocks('yaml'))
def test_yaml(text):
    config = yaml.safe_load(text)['HLSConfig']
    (flow,) = config['Flows']
    assert flow in get_available_flows()
    settings = parse_settings(config)
    if flow == 'vitis:hwprune':
        assert set(settings.budget) == {'dsp', 'bram18', 'lut'}


def test_the_table_that_is_shown_is_that_of_a_plan(tmp_path):
    """Of the network in the README; all but the numbers, which follow the model of resources."""

    def words(text):
        return [re.sub(r'[\d.]+', '#', ' '.join(line.split())) for line in text.splitlines()]

    (shown,) = (text for _, language, text in BLOCKS if language == 'text')
    block = {'Budget': {'DSP': '0.5x', 'BRAM': '20%', 'LUT': 300000}}
    plan = get_plan(models.convert(models.mlp(), models.hls_config(block, ['vitis:hwprune']), tmp_path / 'project'))
    made = [line for line in words(str(plan)) if not line.startswith('layer x')]
    assert words(shown) == made[: len(words(shown))]


def test_linked_pages_exist():
    for page in PAGES:
        for target in re.findall(r'\]\((?!http)([^)#]+)\)', page.read_text()):
            assert (page.parent / target).exists(), f'{page.name} links to {target}'
