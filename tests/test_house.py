"""Rules of import: rooms know those below them alone. docs/architecture.md draws the floors."""

import ast
import re
from pathlib import Path

import networkx as nx
import pytest

import hls4ml_hwprune

ROOT = Path(hls4ml_hwprune.__file__).parent
# From the ground up. Modules of one floor do not know one another.
FLOORS = (
    ('errors', 'quoting', 'tables', 'plain', 'arrays', 'occurrences', 'tools', 'markup'),
    ('records', 'tool_programs'),
    ('kernel_map', 'wiring', 'jobs'),
    ('files', 'progress', 'evaluation'),
    ('temporary', 'sample_files'),
    ('samples',),
    ('packing', 'importance', 'devices'),
    ('resources', 'reconstruction'),
    ('plan_check',),
    ('plan_arrays',),
    ('kernel_plan', 'plan_file'),
    ('plan_table', 'report.html'),
    ('plan',),
    ('config',),
    ('selection.knapsack',),
    ('selection',),
    ('report',),
    ('host.backends',),
    ('host.node',),
    ('host.firmware',),
    ('host.families',),
    ('host.graph',),
    ('host.simulation', 'host.dead_structure'),
    ('host.session',),
    ('calibration',),
    ('passes',),
    ('api',),
    ('pareto', 'training', 'explain', 'qualification'),
    ('plugin', 'reference', 'cli'),
    ('__main__',),
)
KNOW_HLS4ML = ('host', 'calibration', 'passes', 'api', 'pareto', 'training', 'plugin', 'explain', 'qualification', 'cli')
LEVELS = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.') for path in ROOT.rglob('*.py'))


def room_of(module):
    """Room of a module without the package's name, the deepest that has a floor."""
    parts = module.split('.')
    return next((room for n in range(len(parts), 0, -1) if (room := '.'.join(parts[:n])) in LEVELS), None)


def imported(module):
    """Modules that a module imports anywhere; of this package without its name."""
    tree = ast.parse((ROOT / f'{module.replace(".", "/")}.py').read_text())
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f'{node.module}.{alias.name}' for alias in node.names)]
        yield from (name.removeprefix('hls4ml_hwprune.') if name.startswith('hls4ml_hwprune.') else name for name in names)


@pytest.mark.parametrize('module', [m for m in MODULES if room_of(m)])
def test_imports_go_down(module):
    own = room_of(module)
    for name in imported(module):
        room = room_of(name)
        assert room is None or room == own or LEVELS[room] < LEVELS[own], f'{module} imports {name}'


def test_no_file_imports_itself_through_others():
    arrows = nx.DiGraph((module, name) for module in MODULES for name in imported(module) if name in MODULES)
    assert arrows.number_of_edges() > len(MODULES)
    assert not list(nx.simple_cycles(arrows))


@pytest.mark.parametrize('module', [m for m in MODULES if room_of(m)])
def test_numbers_do_not_know_hls4ml(module):
    knows = room_of(module).split('.')[0] in KNOW_HLS4ML
    assert knows or not any(name.split('.')[0] == 'hls4ml' for name in imported(module))


def test_a_stranger_could_lift_the_knapsack_out():
    for module in MODULES:
        if room_of(module) == 'selection.knapsack':
            own = {name for name in imported(module) if room_of(name) or name.startswith('hls4ml')}
            assert all(room_of(name) == 'selection.knapsack' or name.startswith('errors') for name in own), module


def test_every_module_has_a_floor():
    assert {m for m in MODULES if not room_of(m)} == {'__init__', 'host.__init__'}


def texts(*without):
    """Package code by path, but for some rooms; imports and docstrings included."""
    for path in sorted(ROOT.rglob('*.py')):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(without):
            yield place, path.read_text()


def test_a_layer_class_is_named_in_its_familys_file_alone():
    """Training names classes of frameworks, which are others."""
    from hls4ml_hwprune.host.families.registry import FAMILIES

    classes = {name for family in FAMILIES for name in family.classes}
    assert len(classes) == sum(len(family.classes) for family in FAMILIES)
    quoted = re.compile('[\'"](' + '|'.join(sorted(classes)) + ')[\'"]')
    found = {place: quoted.findall(text) for place, text in texts('host/families/', 'training/adapters/')}
    # A key of VivadoAccelerator's configuration is spelt like a class.
    assert {place: names for place, names in found.items() if names} == {'host/graph/accelerator.py': ['Input']}
    for family in FAMILIES:
        rooms = [
            p for p, text in texts() if p.startswith('host/families/') and all(f"'{n}'" in text for n in family.classes)
        ]
        assert len(rooms) == 1, family.classes


@pytest.mark.parametrize(
    ('text', 'homes'),
    [
        ("'Conv' in", ()),
        ("removeprefix('Sparse", ()),
        ("startswith('Sparse", ()),
        ("'Sparse'", ('host/families/registry.py',)),
        ("'Vivado HLS'", ('tools.py',)),
        ("'Vitis HLS'", ('tools.py',)),
        # Attributes of nodes; flows, passes and files; and the folder of checkpoints.
        ("'hwprune_", ('host/node/attributes.py', 'passes/names.py', 'training/api.py')),
        ("== 'Vitis'", ()),
        ("== 'Vivado'", ()),
    ],
)
def test_each_word_has_one_home(text, homes):
    assert {place for place, content in texts() if text in content} == set(homes)
