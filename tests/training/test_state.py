"""Checkpoints: what is written is read, and nothing else is taken for it."""

import os
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


@pytest.mark.parametrize('name', ['file', 'file/run', 'n' * 300, 'nul\0', 'fifo'])
def test_folders_that_cannot_be_are_refused_before_anything_is_trained(tmp_path, name):
    (tmp_path / 'file').write_text('mine')
    os.mkfifo(tmp_path / 'fifo')
    before = sorted(tmp_path.iterdir())
    checkpoint = Checkpoint(tmp_path / name, {})
    with pytest.raises(TrainingError, match=r'^folder: '):
        checkpoint.load()
    with pytest.raises(TrainingError, match=r'^folder: '):
        checkpoint.save(STATE, {})
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize('folder', ['', 3, None])
def test_no_name_of_a_folder(folder):
    with pytest.raises(TrainingError, match='folder: expected the name of a folder'):
        Checkpoint(folder, {})


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'access', lambda path, mode: False)
    with pytest.raises(TrainingError, match=r'folder: .*/run. cannot be made: .* cannot be written'):
        Checkpoint(tmp_path / 'a/run', {}).load()


def test_a_checkpoint_that_is_no_file(tmp_path):
    os.mkfifo(tmp_path / 'checkpoint.npz')
    with pytest.raises(TrainingError, match='it is no regular file'):
        Checkpoint(tmp_path, {}).load()
    with pytest.raises(TrainingError, match='it is no regular file'):
        Checkpoint(tmp_path, {}).save(STATE, {})


def test_numpy_scalars_in_a_state_come_back(tmp_path):
    Checkpoint(tmp_path, {}).save(replace(STATE, metric=np.float32(0.5), epoch=np.int64(7)), {})
    state, _ = Checkpoint(tmp_path, {}).load()
    assert (state.metric, state.epoch) == (0.5, 7)
