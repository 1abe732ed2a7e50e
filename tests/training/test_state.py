"""Checkpoints: what is written is read, and nothing else is taken for it."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.errors import TrainingError
from hls4ml_hwprune.training.schedule import Progress
from hls4ml_hwprune.training.state import Checkpoint, State, Step

STATE = State(phase='train', progress=Progress(2, 0.5), epoch=3, best=1, steps=(Step(0.5, {'dsp': 40}, 0.9, True),))


def test_state_and_arrays_come_back(tmp_path):
    checkpoint = Checkpoint(tmp_path / 'run', {'epochs': 5})
    assert checkpoint.load() is None
    assert not (tmp_path / 'run').exists()
    arrays = {'now/model/0': np.arange(6, dtype=np.float32).reshape(2, 3), 'zeros/fc': np.array([True, False])}
    checkpoint.save(STATE, arrays)
    checkpoint.save(replace(STATE, epoch=4), arrays)
    state, found = Checkpoint(tmp_path / 'run', {'epochs': 5}).load()
    assert state == replace(STATE, epoch=4)
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    assert [path.name for path in (tmp_path / 'run').iterdir()] == ['checkpoint.npz']


def test_a_folder_of_another_run_is_refused(tmp_path):
    Checkpoint(tmp_path, {'epochs': 5, 'backend': 'Vitis'}).save(STATE, {})
    with pytest.raises(TrainingError, match='holds a run with epochs 5, this one has 6'):
        Checkpoint(tmp_path, {'epochs': 6, 'backend': 'Vitis'}).load()
    with pytest.raises(TrainingError, match="holds a run with backend 'Vitis', this one has None"):
        Checkpoint(tmp_path, {'epochs': 5}).load()


@pytest.mark.parametrize('content', [b'', b'nonsense', b'PK\x03\x04'])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / 'checkpoint.npz').write_bytes(content)
    with pytest.raises(TrainingError, match=r'checkpoint\.npz.* cannot be read'):
        Checkpoint(tmp_path, {}).load()
