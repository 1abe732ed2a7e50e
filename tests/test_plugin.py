"""The plug-in as hls4ml loads it: light, harmless to plain conversions, and only for the back ends that work."""

import copy
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hls4ml.backends import get_available_backends, get_backend
from hls4ml.model.flow import get_available_flows, get_flow
from hls4ml.model.optimizer import get_available_passes
from hls4ml.writer import get_writer

from hls4ml_hwprune.plugin import register
from tests import models

ROOT = Path(__file__).parents[1]
HEAVY = ('tensorflow', 'keras', 'tf_keras', 'torch', 'ortools')
BACKENDS = ('Vivado', 'Vitis', 'VivadoAccelerator', 'Quartus')


def run(code: str) -> str:
    """Run Python code in a process of its own; its last line of output."""
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    'module',
    ['hls4ml_hwprune', 'hls4ml.backends', 'hls4ml_hwprune.api', 'hls4ml_hwprune.selection', 'hls4ml_hwprune.training'],
)
def test_imports_are_light(module):
    loaded = json.loads(run(f'import sys, json, {module}; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))'))
    assert loaded == []


def test_the_package_alone_does_not_import_hls4ml():
    assert run('import sys, hls4ml_hwprune; print("hls4ml" in sys.modules)') == 'False'
    assert run('import hls4ml_hwprune; print(dir(hls4ml_hwprune) == sorted(hls4ml_hwprune.__all__))') == 'True'


@pytest.mark.parametrize(
    'first',
    [
        'import hls4ml',
        'import hls4ml_hwprune',
        'import hls4ml_hwprune; hls4ml_hwprune.enable({}, backend="Vitis")',
        'from hls4ml_hwprune import enable',
        'from hls4ml_hwprune import estimate',
        'from hls4ml_hwprune import get_plan',
        'from hls4ml_hwprune import selection',
        'from hls4ml_hwprune.api import enable',
        'from hls4ml_hwprune.plugin import register',
        'from hls4ml_hwprune.host.graph import read_layers',
        'from hls4ml_hwprune.host.backends.target import project_part',
        'from hls4ml_hwprune.passes.plan import PlanToBudget',
        'from hls4ml_hwprune.host.firmware.templates import SparseCall',
        'from hls4ml_hwprune.selection.planner import make_plan',
        'from hls4ml_hwprune.training import prune',
        'from hls4ml_hwprune.host.dead_structure import remove_dead',
        'from hls4ml_hwprune.calibration.emulation import Emulation',
        'from hls4ml_hwprune.host.simulation import Simulation',
        'from hls4ml_hwprune.calibration.planning import plan_calibrated',
    ],
)
def test_the_flows_are_there_whatever_is_imported_first(first):
    code = f'{first}; import hls4ml; from hls4ml.model.flow import get_available_flows as f; print("vitis:hwprune" in f())'
    assert run(code) == 'True'


def test_importing_says_nothing():
    code = 'import hls4ml_hwprune; hls4ml_hwprune.enable({}, backend="Vitis"); import hls4ml.backends'
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ''


UNTESTED = """
import importlib.metadata, logging
real = importlib.metadata.version
importlib.metadata.version = lambda name: {found!r} if name == 'hls4ml' else real(name)
import hls4ml.backends, hls4ml_hwprune.plugin
hls4ml_hwprune.plugin.register()
hls4ml_hwprune.enable({{}}, backend='Vitis')
"""


@pytest.mark.parametrize(
    ('found', 'warned'),
    [('1.4.0', 1), ('2.0.0rc1', 1), ('1.10.dev5+g1234', 1), ('1.3.0', 0), ('1.3.9', 0), ('0+unknown', 0)],
)
def test_newer_versions_of_hls4ml_give_one_warning(found, warned):
    done = subprocess.run(
        [sys.executable, '-c', UNTESTED.format(found=found)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.count(f'hls4ml {found} is newer than 1.3, the newest version') == warned, done.stderr


def test_registering_again_changes_nothing():
    def state():
        return (
            sorted(get_available_flows()),
            {name: list(get_flow(name).requires) for name in get_available_flows()},
            sorted(get_available_passes()),
            {name: dict(vars(get_backend(name).writer)) for name in get_available_backends()},
        )

    before = state()
    register()
    register(None, None)
    register(register_backend=None, register_writer=None)
    assert state() == before


@pytest.mark.parametrize('name', BACKENDS)
def test_writers_stay_hls4mls_own(name):
    writer, plain = get_backend(name).writer, get_writer(name)
    assert type(writer) is type(plain)
    assert vars(type(plain)).keys() == vars(type(writer)).keys()
    assert type(plain).write_hls.__module__.startswith('hls4ml.')
    assert vars(writer).keys() - vars(plain).keys() == {'write_hls'}
    assert inspect.signature(writer.write_hls) == inspect.signature(plain.write_hls)
    assert type(copy.deepcopy(writer)) is type(plain)


@pytest.mark.parametrize('name', BACKENDS)
def test_our_flow_is_the_ip_flow_with_our_stages(name):
    own = [f'{name.lower()}:hwprune_{stage}' for stage in ('check', 'reuse_factor', 'prune', 'pack', 'defer')]
    stages = list(get_flow(f'{name.lower()}:hwprune').requires)
    assert [stage for stage in stages if stage not in own] == list(get_flow(get_backend(name).get_default_flow()).requires)
    assert stages[0] == own[0]
    family = 'quartus' if name == 'Quartus' else 'vivado'
    types = stages.index(f'{family}:specific_types')
    assert stages[types - 2 : types + 2] == [*own[1:3], f'{family}:specific_types', own[3]]
    assert stages[stages.index(f'{family}:optimize') - 1] == own[4]
    # Ours is not what a project without `Flows` gets.
    assert 'hwprune' not in get_backend(name).get_default_flow()


def test_no_flow_of_hls4ml_requires_ours():
    ours = {name for name in get_available_flows() if 'hwprune' in name}
    for name in set(get_available_flows()) - ours:
        assert not ours & set(get_flow(name).requires), name


def test_every_other_backend_refuses():
    others = [get_backend(name).name.lower() for name in get_available_backends() if get_backend(name).name not in BACKENDS]
    assert others
    for name in others:
        assert list(get_flow(f'{name}:hwprune').requires) == [f'{name}:hwprune_check']


PLAIN = """
import importlib.metadata, json, sys
from pathlib import Path

# hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
sys.modules['keras'] = None
if {disabled}:
    every = importlib.metadata.entry_points
    class Without:
        def __init__(self, found):
            self.found = found
        def select(self, **wanted):
            return [] if wanted.get('group') == 'hls4ml.backends' else self.found.select(**wanted)
    importlib.metadata.entry_points = lambda: Without(every())

from hls4ml.model.flow import get_available_flows
from tests import models

stamps = {{}}
for backend in {backends}:
    for io_type in ('io_parallel', 'io_stream'):
        for kind, strategy in (('mlp', 'Resource'), ('cnn', 'Resource'), ('mlp', 'Latency')):
            name = f'{{backend}}_{{io_type}}_{{kind}}_{{strategy}}'
            config = models.hls_config(Strategy=strategy)
            model = models.convert(getattr(models, kind)(), config, Path('project'), backend, io_type=io_type)
            model.config.config['OutputDir'] = str(Path({folder!r}) / name)
            model.write()
            stamps[name] = model.config.config['Stamp']
print(json.dumps([('vitis:hwprune' in get_available_flows()), stamps]))
"""


def test_plain_projects_are_the_same_with_and_without_the_plug_in(tmp_path):
    written = {}
    for disabled in (True, False):
        folder = tmp_path / 'same'
        registered, stamps = json.loads(run(PLAIN.format(disabled=disabled, backends=BACKENDS, folder=str(folder))))
        assert registered is not disabled
        written[disabled] = {name: models.project_files(folder / name, stamp) for name, stamp in stamps.items()}
        # Both projects at the same place: hls4ml writes paths into some files.
        folder.rename(tmp_path / f'disabled_{disabled}')
    assert len(written[True]) == 24
    for name, files in written[True].items():
        assert sorted(files) == sorted(written[False][name]), name
        for path, data in files.items():
            assert data == written[False][name][path], f'{name}/{path}'
        assert not any('sparse' in path or 'hwprune' in path for path in files)


def test_plain_projects_after_a_pruned_one_are_plain(tmp_path):
    # Nothing sticks to the back end, which all conversions of a process share.
    def plain():
        model = models.convert(models.cnn(), models.hls_config(), tmp_path / 'plain')
        model.write()
        return models.project_files(tmp_path / 'plain', model.config.config['Stamp'])

    before = plain()
    pruned = models.convert(
        models.cnn(), models.hls_config({'Budget': {'DSP': '0.4x'}}, ['vitis:hwprune']), tmp_path / 'pruned'
    )
    pruned.write()
    assert (tmp_path / 'pruned/firmware/nnet_utils/nnet_conv_sparse.h').exists()
    (tmp_path / 'plain').rename(tmp_path / 'first')
    assert plain() == before
