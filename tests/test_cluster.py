"""Sweeps and evaluations through joblib: processes, threads, and two workers of Dask, with the same bytes as alone."""

import io
import json
import sys
import tarfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.host.simulation import spread
from tests.models import cnn, convert, hls_config, mlp

needs_distributed = pytest.mark.skipif(find_spec('distributed') is None, reason='distributed is not installed')
BUDGETS = [{'DSP': f'{share}x'} for share in (0.9, 0.5, 0.3)] + [{'LUT': 3}]


@pytest.fixture(autouse=True)
def no_keras(monkeypatch):
    """hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here."""
    monkeypatch.setitem(sys.modules, 'keras', None)


@pytest.fixture(scope='module')
def client():
    """Two workers, each a process of its own."""
    distributed = pytest.importorskip('distributed')
    options = {'n_workers': 2, 'threads_per_worker': 1, 'processes': True, 'dashboard_address': None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as made:
        yield made


@pytest.fixture(scope='module')
def plain(tmp_path_factory):
    return convert(mlp((16, 24, 12, 5)), hls_config(), tmp_path_factory.mktemp('plain') / 'project', io_type='io_parallel')


@pytest.fixture(scope='module')
def alone(plain):
    return hls4ml_hwprune.sweep(plain, BUDGETS)


def saved(swept, folder):
    """Bytes of all plan files, and the reasons."""
    for number, plan in enumerate(swept.plans):
        plan.save(folder / f'{number}.json')
    return [(folder / f'{n}.json').read_bytes() for n in range(len(swept.plans))], [p.reason for p in swept.points]


@needs_distributed
def test_a_sweep_on_a_cluster_has_the_same_bytes(plain, alone, client, tmp_path):
    tasks = client.run(lambda dask_worker: len(dask_worker.state.log))
    with parallel_config('dask'):
        found = hls4ml_hwprune.sweep(plain, BUDGETS)
    assert saved(found, tmp_path) == saved(alone, tmp_path)
    assert len(found.plans) == 3 and 'lut is bounded by 3' in found.points[3].reason
    after = client.run(lambda dask_worker: len(dask_worker.state.log))
    assert all(after[worker] > tasks[worker] for worker in tasks), 'each worker made plans'


@pytest.mark.parametrize('backend', ['threading', 'multiprocessing', 'loky'])
def test_no_backend_is_forced(plain, alone, backend, tmp_path):
    with parallel_config(backend, n_jobs=2):
        found = hls4ml_hwprune.sweep(plain, BUDGETS, jobs=2)
    assert saved(found, tmp_path) == saved(alone, tmp_path)


@pytest.fixture(scope='module')
def firmware(tmp_path_factory):
    """A pruned streamed CNN, with samples."""
    folder = tmp_path_factory.mktemp('firmware')
    rng = np.random.default_rng(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, 'keras', None)
        config = hls_config({'Budget': {'DSP': '0.5x'}}, ['vitis:hwprune'])
        model = convert(cnn(), config, folder / 'project', io_type='io_stream')
        model.compile()
    return model, rng.uniform(-1, 1, (41, 72)), rng.integers(0, 3, 41)


@pytest.fixture(scope='module')
def answers(firmware):
    return hls4ml_hwprune.evaluate(*firmware)


@pytest.mark.parametrize('backend', ['loky', pytest.param('dask', marks=needs_distributed)])
def test_answers_in_parts_are_those_of_one_run(firmware, answers, backend, request):
    if backend == 'dask':
        request.getfixturevalue('client')
    with parallel_config(backend):
        assert hls4ml_hwprune.evaluate(*firmware, jobs=2) == answers


def test_threads_do_not_share_the_state_of_layers(firmware):
    model, x, _ = firmware
    known = spread.firmware_of(model, Path(model._top_function_lib._name))
    with parallel_config('threading'):
        for part in (x, x[:3], x[:1]):
            assert np.array_equal(spread.run_spread(known, [part], 2)[0], model.predict(part).reshape(len(part), -1))


def test_machines_that_do_not_see_the_project_compile_it(firmware):
    model, x, _ = firmware
    made = spread.firmware_of(model, Path(model._top_function_lib._name))
    elsewhere = replace(made, library=Path('/elsewhere') / made.library.relative_to(made.library.parents[2]))
    for known in (replace(made, digest='of another library'), elsewhere):
        assert np.array_equal(spread.run_spread(known, [x], 1)[0], model.predict(x))
    with pytest.raises(HWPruneError, match=r'cannot be compiled on .*: .*bridge'):
        spread.run_spread(replace(elsewhere, sources=_without_bridge(made.sources)), [x], 1)
    with pytest.raises(HWPruneError, match='cannot be read'):
        spread.firmware_of(model, Path('/elsewhere/firmware/a.so'))


def _without_bridge(sources):
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(sources)) as old, tarfile.open(fileobj=made, mode='w:gz') as new:
        for entry in old:
            if 'bridge' not in entry.name:
                new.addfile(entry, old.extractfile(entry) if entry.isfile() else None)
    return made.getvalue()


@pytest.mark.parametrize('jobs', [0, True, 1.5, 'two', 2**20])
def test_numbers_of_jobs(firmware, jobs):
    model, x, y = firmware
    with pytest.raises(ConfigError, match='jobs: expected a number of processes'):
        hls4ml_hwprune.evaluate(model, x, y, jobs=jobs)


class TestCommands:
    """`--scheduler` of the command line."""

    @pytest.fixture
    def run(self, plain, tmp_path, monkeypatch):
        pytest.importorskip('click')
        from click.testing import CliRunner

        from hls4ml_hwprune.cli.app import hwprune
        from hls4ml_hwprune.cli.commands import evaluate, sweep

        for command in (evaluate, sweep):
            monkeypatch.setattr(command, 'configured', lambda options: (None, None))
            monkeypatch.setattr(command, 'convert', lambda *arguments: self.model, raising=True)
        monkeypatch.setattr(sweep, 'without_pruning', lambda project: None)
        self.model = plain
        return lambda *words: CliRunner().invoke(hwprune, ['-q', *words])

    @needs_distributed
    def test_results_are_the_same(self, run, client, firmware, tmp_path):
        address = client.scheduler.address
        for words in (['sweep', 'model.h5', '--at', '0.5x,0.2x', '--json'],):
            on_cluster, here = run(*words, '--scheduler', address), run(*words)
            assert on_cluster.exit_code == 0, on_cluster.output
            assert json.loads(on_cluster.stdout) == json.loads(here.stdout)
        self.model, x, y = firmware
        np.savez(tmp_path / 'samples.npz', x=x, y=y)
        words = ['evaluate', 'model.h5', '--samples', str(tmp_path / 'samples.npz'), '--json']
        on_cluster, here = run(*words, '--scheduler', address), run(*words)
        assert on_cluster.exit_code == 0, on_cluster.output
        assert json.loads(on_cluster.stdout) == json.loads(here.stdout)

    @needs_distributed
    def test_workers_of_other_versions(self, run, client, monkeypatch):
        from hls4ml_hwprune.cli import cluster

        monkeypatch.setattr(cluster, 'version', lambda name: '9.9')
        result = run('sweep', 'model.h5', '--scheduler', client.scheduler.address)
        assert result.exit_code == 1 and 'hls4ml_hwprune 9.9' in result.stderr and 'the worker' in result.stderr

    def test_without_distributed(self, run, monkeypatch):
        from hls4ml_hwprune.cli import cluster

        monkeypatch.setattr(cluster, 'find_spec', lambda name: None)
        result = run('evaluate', 'model.h5', '--samples', 'x.npy', '--scheduler', 'tcp://127.0.0.1:8786')
        assert result.exit_code == 1 and 'pip install "hls4ml_hwprune[cli,cluster]"' in result.stderr

    # Last: the loop of a client that failed disturbs later ones of the process.
    @needs_distributed
    @pytest.mark.parametrize(
        ('address', 'words'), [('tcp://127.0.0.1:9', 'no scheduler answers'), ('nowhere://x', 'address'), ('', 'address')]
    )
    def test_addresses_that_lead_nowhere(self, run, address, words, monkeypatch):
        from hls4ml_hwprune.cli import cluster

        monkeypatch.setattr(cluster, '_WAIT', 1)
        result = run('sweep', 'model.h5', '--scheduler', address)
        assert result.exit_code == 1 and words in result.stderr and len(result.stderr.splitlines()) == 1
