"""Plan files that contradict themselves, and names that no plan can be saved under: one error that names the fault."""

import json
import os
import stat
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.arrays import decode_array, encode_array
from hls4ml_hwprune.errors import ConfigError, PlanError
from tests.models import convert, hls_config, mlp

SIZES = (16, 24, 12, 5)


def planned(folder, block, **model):
    config = hls_config(block, ['vitis:hwprune'], **model)
    return hls4ml_hwprune.get_plan(convert(mlp(SIZES), config, folder, 'Vitis', io_type='io_parallel'))


@pytest.fixture(scope='module')
def plans(tmp_path_factory):
    """Plans whose slots have tables, and whose slots are hls4ml's own."""
    folder = tmp_path_factory.mktemp('plans')
    blocks = {'balanced': {'Budget': {'DSP': '0.3x'}, 'Packing': 'balanced'}, 'aligned': {'Budget': {'DSP': '0.5x'}}}
    blocks['aligned']['Packing'] = 'aligned'
    return {name: planned(folder / name, block) for name, block in blocks.items()}


@pytest.fixture
def files(plans, tmp_path):
    for name, plan in plans.items():
        plan.save(tmp_path / f'{name}.json')
    return tmp_path


def edit(path, change):
    """Apply `change` to the content of a file, and return the error of reading it."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(PlanError) as caught:
        Plan.load(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def set_to(*keys_and_value):
    *keys, last, value = keys_and_value

    def change(content):
        for key in keys:
            content = content[key]
        content[last] = value

    return change


def edit_table(name, change):
    """Change an array of the slots of the first kernel."""

    def whole(content):
        slots = content['kernels'][0]['slots']
        array = decode_array(slots[name], 'i', 10**6)
        slots[name] = encode_array(np.asarray(change(array), np.int32))

    return whole


def first_changed(value):
    def change(array):
        array = array.copy()
        array.flat[0] = value if not callable(value) else value(array.flat[0])
        return array

    return change


def new_values(values_of):
    """Give the first kernel new weights, by its mask."""

    def change(content):
        kernel = content['kernels'][0]
        mask = np.unpackbits(decode_array(kernel['mask'], 'u', 10**6)).astype(bool)
        values = values_of(mask).reshape(kernel['n_out'], kernel['n_in'])
        kernel.update(fingerprint=64 * 'a', values=encode_array(values))

    return change


KERNEL = ('kernels', 0)


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        (set_to(*KERNEL, 'n_in', '16'), "kernel 'fc1': n_in: expected a whole number, got '16'"),
        (set_to(*KERNEL, 'n_in', 16.5), 'n_in: expected a whole number, got 16.5'),
        (set_to(*KERNEL, 'n_in', True), 'n_in: expected a whole number, got a bool'),
        (set_to(*KERNEL, 'n_in', None), 'n_in: expected a whole number, got a NoneType'),
        (set_to(*KERNEL, 'n_in', 0), 'n_in: expected a positive number, got 0'),
        (set_to(*KERNEL, 'n_in', -16), 'n_in: expected a positive number, got -16'),
        (set_to(*KERNEL, 'n_in', 10**400), 'n_in: the number is beyond those of floating point'),
        (set_to(*KERNEL, 'n_in', 10**9), '1000000000 x 24 weights are more than'),
        (set_to(*KERNEL, 'n_in', 17), 'n_slots: expected 102, got 96'),
        (set_to(*KERNEL, 'reuse_factor', 2), 'n_slots: expected 192, got 96'),
        (set_to(*KERNEL, 'reuse_factor', 10**12), 'reuse_factor: 1000000000000 is more than the 384 weights'),
        (set_to(*KERNEL, 'configured_reuse_factor', 0), 'configured_reuse_factor: expected a positive number'),
        (set_to(*KERNEL, 'copies', -1), 'copies: expected a positive number'),
        (set_to(*KERNEL, 'n_kept', 97), r'n_kept: expected 0 to 96 \(n_slots\), got 97'),
        (set_to(*KERNEL, 'n_kept', 96), 'n_kept: 96 is more than the'),
        (set_to(*KERNEL, 'removed_inputs', 17), r'removed_inputs: expected 0 to 16 \(n_in\)'),
        (set_to(*KERNEL, 'strategy', 'fast'), "strategy: 'fast' is not one of resource, latency"),
        (set_to(*KERNEL, 'packing', 'auto'), "packing: 'auto' is not one of aligned"),
        (set_to(*KERNEL, 'importance', 'luck'), "importance: 'luck' is not one of l1"),
        (set_to(*KERNEL, 'fingerprint', 'abc'), "fingerprint: 'abc' is no hash"),
        (set_to(*KERNEL, 'layer', 3), 'kernel number 0: layer: expected a word, got a int'),
        (set_to(*KERNEL, 'packed', 3), "packed: unknown key, 'packing' is one"),
        (set_to(*KERNEL, 'before', {'dsp': 3, 'bam18': 1}), "before: bam18: unknown key, 'bram18' is one"),
        (set_to(*KERNEL, 'after', 'dsp', -3), 'after: dsp: expected no negative number, got -3'),
        (set_to(*KERNEL, 'after', 'dsp', float('nan')), 'after: dsp: expected a number, got nan'),
        (set_to(*KERNEL, 3), 'kernels?.*expected a mapping, got a int'),
        (set_to('kernels', {}), 'kernels: expected a list'),
        (lambda content: content['kernels'].append(content['kernels'][0]), "kernel 'fc1': it is there twice"),
        (lambda content: content['kernels'][1].pop('mask'), "kernel 'fc2': mask: missing"),
        (lambda content: content['kernels'][1].pop('packing'), "kernel 'fc2': packing: missing"),
        (lambda content: content.pop('status'), 'damaged: status: missing'),
        (set_to('stage', 'synth'), "stage: 'synth' is not one of csynth, vsynth"),
        (set_to('statsu', 'optimal'), "statsu: unknown key, 'status' is one"),
        (set_to('budget', {'dsps': 3}), "budget: 'dsps' is not one of dsp"),
        (set_to('budget', {'dsp': 'many'}), "budget: dsp: expected a number, got 'many'"),
        (set_to('budget', []), 'budget: expected a mapping, got a list'),
        (set_to('objective', float('inf')), 'objective: expected a number, got inf'),
        (set_to('importance', 10**400), 'importance: the number is beyond'),
        (set_to('timing_after', 'ii', 1.5), 'timing_after: ii: expected a whole number, got 1.5'),
        (set_to('timing_after', 'latency_min', 10**9), 'timing_after: latency_min is more than latency_max'),
        (set_to('not_pruned', {'fc4': 4}), 'not_pruned: fc4: expected a word, got a int'),
        (set_to('evaluation', {'accuracy': 1}), 'evaluation: n_samples: missing'),
        (set_to(*KERNEL, 'mask', 'all'), 'mask: expected an array as {dtype, shape, zlib}'),
        (set_to(*KERNEL, 'mask', encode_array(np.zeros(47, np.uint8))), 'mask: expected a bit for each of 24 x 16 weights'),
        (set_to(*KERNEL, 'mask', encode_array(np.zeros(48, np.uint8))), 'positions: they are not the weights that the mask'),
        (set_to(*KERNEL, 'mask', 'dtype', '|O'), 'arrays of type object are not read here'),
        (set_to(*KERNEL, 'mask', 'dtype', 'x9'), "there is no type 'x9'"),
        (set_to(*KERNEL, 'mask', 'shape', [-1]), 'mask: its shape is no list of sizes'),
        (set_to(*KERNEL, 'mask', 'shape', [10**12]), r'mask: its shape \(1000000000000,\) has more than 48 elements'),
        (set_to(*KERNEL, 'mask', 'zlib', '&&'), 'mask: its data cannot be decompressed'),
        (set_to(*KERNEL, 'values', encode_array(np.zeros((16, 24)))), r'values: expected the shape \(24, 16\)'),
        (set_to(*KERNEL, 'values', encode_array(np.full((24, 16), np.nan))), 'values: there are NaN'),
        (set_to(*KERNEL, 'values', encode_array(np.zeros((24, 16)))), 'fingerprint: it must be there with new weights'),
        (set_to(*KERNEL, 'fingerprint', 64 * 'a'), 'fingerprint: it must be there with new weights'),
        (new_values(lambda mask: mask * 0.5 + ~mask * 0.25), r'the weight of output \d+, input \d+ is not zero, but'),
        (set_to(*KERNEL, 'bias', encode_array(np.zeros(24, np.int32))), 'bias: arrays of type int32 are not read here'),
        (lambda content: content['kernels'][0].pop('slots'), 'mask: slot 0 is kept in part: its slots are missing'),
        (lambda content: content['kernels'][0]['slots'].pop('legs'), 'slots: expected positions, lane_inputs'),
        (edit_table('positions', first_changed(10**6)), 'positions: expected numbers from -1 to 383'),
        (edit_table('positions', first_changed(-2)), 'positions: expected numbers from -1 to 383'),
        (
            edit_table('positions', first_changed(lambda old: old ^ 1)),
            r'positions: (the weight at \d+ is used twice|they are)',
        ),
        (edit_table('positions', lambda array: array[:, ::-1]), 'lane_inputs: a lane does not bring'),
        (edit_table('positions', lambda array: array[:-1]), 'lane_of: expected a lane for each of'),
        (edit_table('positions', lambda array: array[:, :3]), 'positions: the shape .* is not that of 4 cycles'),
        (
            edit_table('positions', lambda array: array.T.ravel().reshape(array.shape)),
            'serves several outputs|does not bring',
        ),
        (edit_table('lane_of', lambda array: array + 1), 'lane_of: expected numbers from 0'),
        (edit_table('lane_of', lambda array: np.zeros_like(array)), 'a lane does not bring the input'),
        (edit_table('lane_inputs', first_changed(lambda old: (old + 1) % 16)), 'a lane does not bring the input'),
        (edit_table('lane_inputs', lambda array: np.vstack([array, array[:1]])), 'lane_of: a lane serves no slot'),
        (edit_table('lane_inputs', first_changed(16)), 'lane_inputs: expected numbers from -1 to 15'),
        (edit_table('legs', first_changed(lambda old: old + 1)), 'legs: they are not those of the lanes'),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else '',
)
def test_what_contradicts_itself_is_named(files, change, words):
    import re

    assert re.search(words, message := edit(files / 'balanced.json', change)), message


def test_masks_of_own_slots_are_whole(files):
    def change(content):
        packed = decode_array(content['kernels'][0]['mask'], 'u', 48)
        content['kernels'][0]['mask'] = encode_array(packed ^ np.eye(48, dtype=np.uint8)[0] * 0x80)

    message = edit(files / 'aligned.json', change)
    assert "kernel 'fc1': mask: slot 0 is kept in part" in message


def test_slots_that_serve_outputs_in_turn(tmp_path):
    plan = planned(tmp_path / 'p', {'Budget': {'DSP': '0.5x'}, 'Packing': 'permuted'}, ReuseFactor=48)
    plan.save(tmp_path / 'plan.json')
    assert Plan.load(tmp_path / 'plan.json') == plan
    (number,) = (n for n, k in enumerate(plan.kernels) if k.layer == 'fc1')

    def change(content):
        slots = content['kernels'][number]['slots']
        positions = decode_array(slots['positions'], 'i', 10**4)
        # One input of an output changes its place with that of another.
        positions[0, [0, 16]] = positions[0, [16, 0]]
        slots['positions'] = encode_array(positions)

    assert 'a slot serves several outputs, and not all inputs' in edit(tmp_path / 'plan.json', change)


def test_whole_numbers_written_as_floats_are_read(plans, files):
    content = json.loads((files / 'balanced.json').read_text())
    for kernel in content['kernels']:
        kernel.update({name: float(kernel[name]) for name in ('n_in', 'n_out', 'reuse_factor', 'n_slots', 'n_kept')})
    (files / 'balanced.json').write_text(json.dumps(content))
    assert Plan.load(files / 'balanced.json') == plans['balanced']
    assert type(Plan.load(files / 'balanced.json').kernels[0].n_in) is int


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('[' * 100_000, 'nested too deeply'),
        ('{"a":' * 100_000, 'nested too deeply'),
        ('{"kind": 1, "kind": 2}', "the key 'kind' is there twice"),
        ('\ufeff{}', 'not JSON'),
        ('[]', 'Plan.save makes one'),
        ('1' * 5000, 'not JSON'),
    ],
    ids=range(6),
)
def test_texts_that_are_no_plans(tmp_path, text, words):
    (tmp_path / 'plan.json').write_text(text)
    with pytest.raises(PlanError, match=words):
        Plan.load(tmp_path / 'plan.json')


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / 'plan.json').write_bytes(b'\xff\xfe\x00')
    with pytest.raises(PlanError, match='not JSON'):
        Plan.load(tmp_path / 'plan.json')


def test_sizes_are_checked_before_anything_is_made_of_them(files, plans):
    content = json.loads((files / 'aligned.json').read_text())
    zeros = encode_array(np.zeros(20_000_000, np.uint8))
    content['kernels'][0]['mask'] = zeros
    content['kernels'][1]['values'] = zeros | {'dtype': '<f8', 'shape': [12, 24]}
    (files / 'aligned.json').write_text(json.dumps(content))
    tracemalloc.start()
    try:
        with pytest.raises(PlanError, match="kernel 'fc1': mask: its shape"):
            Plan.load(files / 'aligned.json')
        content['kernels'][0]['mask'] = encode_array(np.packbits(plans['aligned'].kernels[0].mask))
        (files / 'aligned.json').write_text(json.dumps(content))
        with pytest.raises(PlanError, match="kernel 'fc2': values: its data are not the 2,304 bytes of its shape"):
            Plan.load(files / 'aligned.json')
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_the_design_bounds_a_plan(files, tmp_path):
    content = json.loads((files / 'balanced.json').read_text())
    content['kernels'][1].update(n_in=2**12, n_out=2**12, n_slots=2**22)
    (files / 'balanced.json').write_text(json.dumps(content))
    with pytest.raises(PlanError, match="kernel 'fc2': mask: expected a bit"):
        Plan.load(files / 'balanced.json')
    # In a conversion the weights of the network are a bound.
    config = hls_config({'Plan': str(files / 'balanced.json')}, ['vitis:hwprune'])
    with pytest.raises(PlanError, match="kernel 'fc2': with its 4096 x 4096 weights there are more than 1,048,576"):
        convert(mlp(SIZES), config, tmp_path / 'project')


@pytest.mark.parametrize('name', ['fifo', 'folder', '/dev/null', '', 'nul\0.json', 'x' * 300, 'file/plan.json', 3, 'loop'])
def test_names_that_are_no_plain_files(plans, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    os.mkfifo('fifo')
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'file').write_text('mine')
    (tmp_path / 'loop').symlink_to('loop')
    before = sorted(tmp_path.iterdir())
    with pytest.raises(PlanError, match='cannot be written'):
        plans['aligned'].save(name)
    with pytest.raises(PlanError, match=r'cannot be read: \w'):
        Plan.load(name)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / 'file').read_text() == 'mine'
    assert stat.S_ISCHR(os.stat('/dev/null').st_mode)


def test_links_lead_to_the_file_that_is_replaced(plans, tmp_path):
    (tmp_path / 'here').mkdir()
    (tmp_path / 'there').mkdir()
    link = tmp_path / 'here/plan.json'
    link.symlink_to(tmp_path / 'there/real.json')
    plans['aligned'].save(link)
    plans['balanced'].save(link)
    assert link.is_symlink()
    assert Plan.load(tmp_path / 'there/real.json') == plans['balanced']
    assert [path.name for path in (tmp_path / 'there').iterdir()] == ['real.json']
    link.unlink()
    link.symlink_to('/dev/null')
    with pytest.raises(PlanError, match='it is no regular file'):
        plans['aligned'].save(link)


def test_a_file_keeps_its_permissions_and_the_longest_name_will_do(plans, tmp_path):
    path = tmp_path / ('n' * 250 + '.json')
    plans['aligned'].save(path)
    os.chmod(path, 0o640)
    plans['balanced'].save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_stays_whole_where_the_disk_is_full(plans, tmp_path, monkeypatch):
    plans['aligned'].save(tmp_path / 'plan.json')

    def full(self, target):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('pathlib.Path.replace', full)
    with pytest.raises(PlanError, match=r'cannot be written to .*plan\.json.*: No space left on device'):
        plans['balanced'].save(tmp_path / 'plan.json')
    monkeypatch.undo()
    assert Plan.load(tmp_path / 'plan.json') == plans['aligned']
    assert [path.name for path in tmp_path.iterdir()] == ['plan.json']


def test_numpy_scalars_are_saved_as_they_are(plans, tmp_path):
    plan = plans['aligned']
    kernels = [
        replace(k, n_in=np.int64(k.n_in), n_kept=np.int32(k.n_kept), layer=np.str_(k.layer), copies=np.uint8(k.copies))
        for k in plan.kernels
    ]
    scalars = replace(
        plan, kernels=kernels, importance=np.float32(0.5), timing_after=replace(plan.timing_after, ii=np.int8(4))
    )
    scalars.save(tmp_path / 'plan.json')
    again = Plan.load(tmp_path / 'plan.json')
    assert again == replace(plan, importance=0.5)
    assert type(again.kernels[0].n_in) is int


@pytest.mark.parametrize('value', [np.nan, -np.inf])
@pytest.mark.parametrize('flow', ['hwprune', 'hwprune_estimate'])
def test_weights_that_are_no_numbers_are_named(tmp_path, value, flow):
    layers = mlp(SIZES)
    next(layer for layer in layers if layer['name'] == 'fc2')['weight_data'][3, 4] = value
    config = hls_config({} if flow == 'hwprune_estimate' else {'Budget': {'DSP': '0.5x'}}, [f'vitis:{flow}'])
    with pytest.raises(ConfigError, match=rf"layer 'fc2': 1 of 288 values of its weight are no numbers: {value}"):
        convert(layers, config, tmp_path / 'project', 'Vitis', io_type='io_parallel')
    assert not (tmp_path / 'project').exists()
