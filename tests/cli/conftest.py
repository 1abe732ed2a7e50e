"""Model files, and the command line run in this process."""

import json

import numpy as np
import pytest

pytest.importorskip('click')
from click.testing import CliRunner

from hls4ml_hwprune.cli.app import hwprune


@pytest.fixture(scope='session')
def files(tmp_path_factory):
    """A folder with a Keras network as .h5 and as .json and weights, samples, and files that are no models."""
    keras = pytest.importorskip('tensorflow.keras')
    folder = tmp_path_factory.mktemp('files')
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((8,)),
            layers.Dense(12, 'relu', name='fc'),
            layers.Dense(3, name='out'),
            layers.Activation('softmax', name='softmax'),
        ]
    )
    model.save(folder / 'model.h5', save_format='h5')
    (folder / 'arch.json').write_text(model.to_json())
    model.save_weights(folder / 'arch_weights.h5')
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (60, 8)).astype(np.float32)
    np.savez(folder / 'samples.npz', x=x, y=rng.integers(0, 3, 60))
    np.save(folder / 'wrong.npy', np.zeros((5, 7)))
    (folder / 'broken.h5').write_bytes(b'no file of hdf5')
    (folder / 'notes.txt').write_text('nothing')
    (folder / 'bad.yml').write_text('KerasModel: [1, 2')
    (folder / 'empty.yml').write_text('Backend: Vitis\n')
    (folder / 'misspelt.yml').write_text('KerasModl: model.h5\n')
    (folder / 'gone.yml').write_text('KerasModel: gone.h5\n')
    (folder / 'plan.json').write_text(json.dumps({'kind': 'something else'}))
    return folder


@pytest.fixture
def run(files, tmp_path, monkeypatch):
    """Run `hwprune` in an empty folder, beside the model files; returns the result."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        words = [
            str(files / word[1:]) if isinstance(word, str) and word.startswith('@') else str(word) for word in arguments
        ]
        return CliRunner().invoke(hwprune, ['-q', *words], prog_name='hwprune')

    return call
