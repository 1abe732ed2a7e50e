"""Arrays that are partitioned completely have no more elements than Vivado HLS takes apart."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.host.backends.base import VIVADO
from hls4ml_hwprune.host.firmware.dialects import DIALECTS
from tests.host.firmware.projects import both_outputs, zero_like
from tests.models import conv2d, convert, dense, hls_config, input_layer

LARGEST = 4096
_PRAGMA = re.compile(r'#pragma HLS ARRAY_PARTITION variable=(\w+) complete(?: dim=0)?$', re.MULTILINE)
_NAME = re.compile(r'[A-Za-z_]\w*(?:::\w+)*')
_ARRAY = re.compile(r'(\w+)((?:\[[^\]]+\])+)(?:;|,|\))')


def network(n_in, n_out, seed=0):
    return [input_layer((n_in,)), dense('layer', np.random.default_rng(seed).normal(0, 0.5, (n_in, n_out)))]


def image():
    weights = np.random.default_rng(0).normal(0, 0.5, (3, 3, 8, 32))
    return [input_layer((10, 10, 8)), conv2d('layer', weights, (10, 10))]


def written(layers, output, packing, backend='Vivado', io_type='io_parallel', share='0.6x', **options):
    block = {'Budget': {'DSP': share}, 'Packing': packing}
    config = hls_config(block, [f'{backend.lower()}:hwprune'], **options)
    model = convert(layers, config, output, backend, io_type=io_type)
    model.write()
    return model


def constants(text):
    """Numbers in each configuration of a project, by its name."""
    found = {}
    for name, body in re.findall(r'struct (config\w+)[^{]*{(.*?)\n};', text, re.DOTALL):
        values = found[name] = {}
        for constant, value in re.findall(r'static const unsigned (\w+) = ([^;]+);', body):
            if set(_NAME.findall(value)) <= set(values):
                values[constant] = evaluate(value, values)
        values['N_LEGS'] = max((int(legs) for legs in re.findall(r'LaneGroups<(\d+),', body)), default=1)
        # Wires of a multiplexer: the inputs of a lane, or the outputs that a slot serves in turn.
        values['N'] = max(values.get('reuse_factor', 1) if 'n_lanes' in values else 1, values.get('n_turns', 1))
        values.update({f'mult_config::{n}': v for n, v in found.get(f'{name}_mult', {}).items()})
    return found


def evaluate(expression, values):
    named = _NAME.sub(lambda match: str(values[match[0]]), expression.replace('CONFIG_T::', ''))
    return int(eval(named.replace('/', '//')))  # arithmetic of the numbers of a header


def partitioned(project):
    """Elements of every array of our headers that a project takes apart, by header, configuration, name and place."""
    firmware = Path(project) / 'firmware'
    text = (firmware / 'parameters.h').read_text()
    # Weights are taken apart where they are constants.
    unused = () if 'multiplier_limit' in text else ('weights',)
    found = {}
    for header in sorted((firmware / 'nnet_utils').glob('nnet_*sparse*.h')):
        code = header.read_text()
        for pragma in _PRAGMA.finditer(code):
            declared = [match for match in _ARRAY.finditer(code, 0, pragma.start()) if match[1] == pragma[1]][-1]
            sizes = re.findall(r'\[([^\]]+)\]', declared[2])
            needs = {name for size in sizes for name in _NAME.findall(size.replace('CONFIG_T::', ''))}
            for name, values in constants(text).items():
                # A header of convolutions reads their configuration, others that of the product; each has its own tables.
                if pragma[1] not in unused and needs <= set(values):
                    elements = np.prod([evaluate(size, values) for size in sizes])
                    found[header.name, name, pragma[1], pragma.start()] = int(elements)
    return found


@pytest.mark.parametrize(
    ('layers', 'packing', 'layout', 'rf', 'options'),
    [
        (network(128, 64), 'balanced', 'streams', 16, {}),
        (network(128, 64), 'permuted', 'lanes', 16, {}),
        (network(64, 128), 'balanced', 'lanes', 4, {}),
        (network(16, 640), 'permuted', 'turns', 160, {}),
        (image(), 'balanced', 'streams', 9, {'ParallelizationFactor': 16}),
        (image(), 'balanced', 'streams', 9, {'io_type': 'io_stream'}),
    ],
    ids=['balanced', 'permuted', 'small', 'turns', 'pixels', 'stream'],
)
def test_arrays_can_be_taken_apart(layers, packing, layout, rf, options, tmp_path):
    model = written(layers, tmp_path / 'project', packing, ReuseFactor=rf, **options)
    assert hls4ml_hwprune.get_plan(model).kernels[0].n_kept > 0
    assert f'SparseSlots_{layout}<' in (tmp_path / 'project' / 'firmware' / 'parameters.h').read_text()
    found = partitioned(tmp_path / 'project')
    assert {'acc', 'biases'} < {name for _, _, name, _ in found}
    assert max(found.values()) <= LARGEST, max(found, key=found.get)


def test_lanes_in_parts_are_bit_exact(tmp_path, monkeypatch):
    monkeypatch.setitem(DIALECTS, VIVADO, replace(DIALECTS[VIVADO], most_lanes=5))
    layers = network(24, 12)
    sparse = written(layers, tmp_path / 'sparse', 'balanced', 'Vitis', ReuseFactor=4)
    text = (tmp_path / 'sparse' / 'firmware' / 'parameters.h').read_text()
    assert constants(text)['config2']['n_parts'] > 2
    assert constants(text)['config2']['n_lanes'] <= 5
    plain = convert(layers, hls_config(ReuseFactor=4), tmp_path / 'plain')
    zero_like(plain, hls4ml_hwprune.get_plan(sparse))
    x = np.random.default_rng(1).normal(0, 2, (40, 24)).astype(np.float32)
    np.testing.assert_array_equal(*both_outputs(sparse, plain, x))
