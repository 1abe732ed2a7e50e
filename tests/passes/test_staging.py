"""Projects of our flows: swapped in whole, as if hls4ml had written them in place, and true wherever they are written."""

import json
import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from hls4ml.backends import get_backend

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.passes import staging
from hls4ml_hwprune.passes.writer import OURS
from tests import models

ROOT = Path(__file__).parents[2]
REPORT = 'hwprune_report.json'
HEADER = 'firmware/nnet_utils/nnet_dense_sparse.h'
STEPS = ('write_project_cpp', 'write_weights', 'write_nnet_utils', 'write_yml', 'write_build_opts')


@pytest.fixture(autouse=True)
def _no_keras(monkeypatch):
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)


def converted(output, prune=True, budget='0.5x', backend='Vitis', **options):
    config = models.hls_config({'Budget': {'DSP': budget}}, [f'{backend.lower()}:hwprune']) if prune else models.hls_config()
    return models.convert(models.mlp((8, 6, 4)), config, output, backend, **options)


def files_of(model):
    output = Path(model.config.get_output_dir())
    return models.project_files(output, model.config.config['Stamp'])


def written(output, *arguments, **options):
    model = converted(output, *arguments, **options)
    model.write()
    return model


@pytest.mark.parametrize('backend', ['Vitis', 'Vivado', 'VivadoAccelerator'])
def test_the_files_are_those_that_hls4ml_writes_in_place(tmp_path, backend):
    options = {'backend': backend} | ({'board': 'pynq-z2'} if backend == 'VivadoAccelerator' else {})
    model = written(tmp_path / 'project', **options)
    ours = files_of(model)
    (tmp_path / 'project').rename(tmp_path / 'moved')
    writer = get_backend(backend).writer
    type(writer).write_hls(writer, model)
    theirs = files_of(model)
    assert {name: data for name, data in ours.items() if name not in OURS} == theirs
    assert {REPORT, HEADER} <= set(ours) - set(theirs)
    assert oct((tmp_path / 'project').stat().st_mode) == oct((tmp_path / 'moved').stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['moved', 'project']


@pytest.mark.parametrize('step', STEPS)
def test_a_project_stays_whole_where_writing_fails(tmp_path, monkeypatch, step):
    written(tmp_path / 'project')
    before = models.project_files(tmp_path / 'project')
    model = converted(tmp_path / 'project', budget='0.25x')

    def fail(model):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(get_backend('Vitis').writer, step, fail, raising=False)
    with pytest.raises(OSError, match='No space left'):
        model.write()
    monkeypatch.undo()
    assert models.project_files(tmp_path / 'project') == before
    assert [path.name for path in tmp_path.iterdir()] == ['project']
    with monkeypatch.context() as patch, pytest.raises(OSError, match='No space left'):
        patch.setattr(get_backend('Vitis').writer, step, fail, raising=False)
        converted(tmp_path / 'a/b/new').write()
    assert not (tmp_path / 'a').exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from hls4ml.backends import get_backend
from hls4ml_hwprune.passes import staging
sys.modules['keras'] = None
from tests.passes.test_staging import converted
model = converted(Path(sys.argv[1]), budget='0.25x')
def kill(*arguments):
    os.kill(os.getpid(), getattr(signal, sys.argv[3]))
place = staging if hasattr(staging, sys.argv[2]) else get_backend('Vitis').writer
setattr(place, sys.argv[2], kill)
model.write()
"""


@pytest.mark.parametrize(
    ('step', 'name'),
    [('write_weights', 'SIGKILL'), ('write_build_opts', 'SIGTERM'), ('_keep_others', 'SIGKILL'), ('_exchange', 'SIGKILL')],
)
def test_a_kill_leaves_the_project_that_was_there(tmp_path, step, name):
    written(tmp_path / 'project')
    before = models.project_files(tmp_path / 'project')
    command = [sys.executable, '-c', KILLED, str(tmp_path / 'project'), step, name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -getattr(signal, name), done.stderr
    assert models.project_files(tmp_path / 'project') == before
    if name == 'SIGTERM':
        assert [path.name for path in tmp_path.iterdir()] == ['project']
    # What a kill leaves beside it goes with the next one.
    written(tmp_path / 'project', budget='0.25x')
    assert [path.name for path in tmp_path.iterdir()] == ['project']
    assert json.loads((tmp_path / 'project' / REPORT).read_text())['budget'] == {'dsp': 5}


def whole(output, before):
    """Check that a project was written over another, whose files beside hls4ml's stayed."""
    model = written(output, budget='0.25x')
    assert json.loads((output / REPORT).read_text())['budget'] != json.loads(before[REPORT])['budget']
    found = models.project_files(output)
    assert set(before) <= set(found)
    assert not any('hwprune-' in name for name in found)
    assert not any(b'.hwprune-' in data for data in found.values())
    return model


def test_files_of_others_stay(tmp_path):
    output = tmp_path / 'project'
    before = files_of(written(output))
    (output / 'myproject_prj/solution1').mkdir(parents=True)
    (output / 'myproject_prj/solution1/csynth.xml').write_text('a report')
    (output / 'notes.txt').write_text('mine')
    (output / 'tb_data/tb_input_features.dat').write_text('1 2 3')
    (output / 'link').symlink_to('notes.txt')
    (output / 'firmware/ap_types/stale.h').write_text('hls4ml removes it')
    (output / 'firmware/nnet_utils/nnet_old_sparse.h').write_text('kept')
    os.chmod(output, 0o750)
    number = (output / 'notes.txt').stat().st_ino
    whole(output, before)
    assert (output / 'myproject_prj/solution1/csynth.xml').read_text() == 'a report'
    assert (output / 'tb_data/tb_input_features.dat').read_text() == '1 2 3'
    assert (output / 'notes.txt').stat().st_ino == number
    assert (output / 'link').is_symlink()
    assert not (output / 'firmware/ap_types/stale.h').exists()
    assert (output / 'firmware/nnet_utils/nnet_old_sparse.h').exists()
    assert oct(output.stat().st_mode)[-3:] == '750'
    assert [path.name for path in tmp_path.iterdir()] == ['project']


@pytest.mark.parametrize('case', ['link', 'slash', 'cwd', 'inner link', 'no exchange', 'nothing beside it'])
def test_folders_that_stay_what_they_are(tmp_path, monkeypatch, case):
    output = tmp_path / 'project'
    if case == 'link':
        (tmp_path / 'elsewhere').mkdir()
        output.symlink_to('elsewhere')
    before = files_of(written(output))
    number = output.stat().st_ino
    if case == 'cwd':
        monkeypatch.chdir(output / 'firmware')
    if case == 'inner link':
        (output / 'tb_data').rename(tmp_path / 'data')
        (output / 'tb_data').symlink_to(tmp_path / 'data')
        (output / 'firmware/defines.h').rename(tmp_path / 'defines.h')
        (output / 'firmware/defines.h').symlink_to(tmp_path / 'defines.h')
        (tmp_path / 'defines.h').write_text('old')
    if case == 'no exchange':
        monkeypatch.setattr(staging, '_exchange', lambda *folders: (_ for _ in ()).throw(OSError(22, 'Invalid argument')))
    if case == 'nothing beside it':
        allowed = os.access
        monkeypatch.setattr(os, 'access', lambda path, mode: Path(path) != tmp_path and allowed(path, mode))
    if case == 'slash':
        model = converted(output, budget='0.25x')
        model.config.config['OutputDir'] += '/'
        model.write()
        assert json.loads((output / REPORT).read_text())['budget'] == {'dsp': 5}
    else:
        whole(output, before)
    assert output.is_symlink() == (case == 'link')
    if case not in ('link', 'slash'):
        assert output.stat().st_ino == number
    if case == 'cwd':
        assert Path.cwd() == output / 'firmware'
        assert (Path.cwd() / 'defines.h').is_file()
    if case == 'inner link':
        assert (output / 'tb_data').is_symlink()
        assert (output / 'firmware/defines.h').is_symlink()
        assert (tmp_path / 'defines.h').read_text() != 'old'
    assert not [path for path in tmp_path.iterdir() if path.name.startswith('.hwprune')]


def test_paths_in_files_are_those_of_the_project(tmp_path, monkeypatch):
    writer = get_backend('Vitis').writer

    def write_yml(model):
        # As hls4ml notes where it saved a Keras model.
        path = Path(model.config.get_output_dir())
        (path / 'model.keras').write_bytes(b'\0' + bytes(path))
        (path / 'note.yml').write_text(f'saved: {path}/model.keras, {model.config.config["OutputDir"]}')

    monkeypatch.setattr(writer, 'write_yml', write_yml, raising=False)
    output = tmp_path / 'project'
    written(output)
    assert (output / 'note.yml').read_text() == f'saved: {output}/model.keras, {output}'
    assert b'.hwprune' in (output / 'model.keras').read_bytes()


def test_an_archive_beside_the_project(tmp_path):
    output = tmp_path / 'project'
    for budget in ('0.5x', '0.25x'):
        written(output, budget=budget, write_tar=True)
        (output / 'notes.txt').write_text('mine')
        with tarfile.open(tmp_path / 'project.tar.gz') as archive:
            names = set(archive.getnames())
            report = json.load(archive.extractfile(REPORT))
        assert report['budget'] == {'dsp': 5 if budget == '0.25x' else 10}
        assert {REPORT, HEADER, 'firmware/myproject.cpp', 'build_opt.tcl'} <= names
        assert ('notes.txt' in names) == (budget == '0.25x')
        assert sorted(path.name for path in tmp_path.iterdir()) == ['project', 'project.tar.gz']
    assert 'WriteTar: true' in (output / 'hls4ml_config.yml').read_text()


@pytest.mark.parametrize('flow', ['hwprune', 'hwprune_estimate'])
def test_a_plain_project_has_none_of_our_files(tmp_path, flow):
    output = tmp_path / 'project'
    config = models.hls_config({'Budget': {'DSP': '0.5x'}} if flow == 'hwprune' else None, [f'vitis:{flow}'])
    models.convert(models.mlp((8, 6, 4)), config, output).write()
    assert any((output / name).exists() for name in OURS)
    plain = written(output, prune=False)
    found = files_of(plain)
    assert not set(found) & set(OURS)
    # Neither has a pruned one those that it does not need.
    models.convert(models.mlp((8, 6, 4)), config, output).write()
    models.convert(models.mlp((8, 6, 4)), models.hls_config(flows=['vitis:hwprune_estimate']), output).write()
    assert {name for name in files_of(plain) if name in OURS} == {'hwprune_estimate.json'}


@pytest.mark.parametrize(
    ('name', 'words'), [('x' * 300, 'File name too long'), ('file/project', 'is no folder'), ('file', 'no folder')]
)
def test_projects_that_cannot_be_written(tmp_path, name, words):
    (tmp_path / 'file').write_text('mine')
    with pytest.raises(HWPruneError, match=rf"OutputDir: the project cannot be written to '.*: .*{words}"):
        written(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ['file']
    assert (tmp_path / 'file').read_text() == 'mine'
