"""Slots of hls4ml's layout read shared multiplexers in its order; small memories are not forced into blocks."""

import re
from importlib.resources import files

import numpy as np
import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import both_outputs, zero_like
from tests.host.firmware.test_layouts import table
from tests.models import conv2d, convert, dense, hls_config, input_layer

SATURATING = {'accum': 'ap_fixed<9,4,AP_RND,AP_SAT>', 'result': 'ap_fixed<12,5>'}
HEADERS = {
    entry.name: entry.read_text()
    for entry in (files('hls4ml_hwprune.host.firmware') / 'nnet_utils').iterdir()
    if entry.name.endswith('.h')
}


def network(kind):
    """One layer of weights of which none is zero."""
    rng = np.random.default_rng(0)
    shape = {'dense': (16, 12), 'conv': (3, 3, 2, 4)}[kind]
    weights = rng.choice((-1.0, 1.0), shape) * rng.uniform(0.1, 1.0, shape)
    if kind == 'dense':
        return [input_layer((16,)), dense('layer', weights)]
    return [input_layer((5, 5, 2)), conv2d('layer', weights, (5, 5))]


def made(kind, folder, backend='Vivado', io_type='io_parallel', rf=4, block=None, **precision):
    config = hls_config(block, None if block is None else [f'{backend.lower()}:hwprune'], ReuseFactor=rf)
    config['LayerName'] = {'layer': {'Precision': precision}}
    return convert(network(kind), config, folder, backend, io_type=io_type)


def parameters(model, folder):
    model.write()
    return (folder / 'firmware' / 'parameters.h').read_text()


def test_no_header_reads_all_inputs_by_a_slot():
    assert not any('rf_leq_nin' in text for text in HEADERS.values())


@pytest.mark.parametrize('packing', ['aligned', 'bram'])
@pytest.mark.parametrize(
    ('kind', 'io_type', 'rf'), [('dense', 'io_parallel', 4), ('conv', 'io_stream', 6), ('dense', 'io_stream', 16)]
)
def test_a_lane_is_a_block_of_consecutive_inputs(kind, io_type, rf, packing, tmp_path):
    block = {'Budget': {'DSP': '0.8x'}, 'Packing': packing}
    model = made(kind, tmp_path, io_type=io_type, rf=rf, block=block)
    (plan,) = hls4ml_hwprune.get_plan(model).kernels
    text = parameters(model, tmp_path)
    assert 'SparseSlots_lanes<' in text
    first = np.unique(np.flatnonzero(plan.mask) // rf) * rf
    assert 0 < len(first) == plan.n_kept
    blocks = list(dict.fromkeys((first % plan.n_in).tolist()))
    lanes = table(text, 'lane_inputs').reshape(-1, rf)
    assert np.array_equal(lanes, np.array(blocks)[:, None] + np.arange(rf))
    # Slots stand in hls4ml's order.
    assert np.array_equal(table(text, 'out_index'), first // plan.n_in)
    assert np.array_equal(lanes[table(text, 'lane_of'), 0], first % plan.n_in)


@pytest.mark.parametrize(
    ('kind', 'backend', 'io_type', 'rf'),
    [('dense', 'Vivado', 'io_parallel', 4), ('conv', 'Vivado', 'io_stream', 2), ('conv', 'Vivado', 'io_parallel', 2)],
)
def test_a_whole_kernel_with_shared_multiplexers_saturates_as_plain_hls4ml_does(kind, backend, io_type, rf, tmp_path):
    block = {'Budget': {'LUT': '0.75x'}, 'Stage': 'csynth'}
    ours = made(kind, tmp_path / 'ours', backend, io_type, rf, block, **SATURATING)
    plan = hls4ml_hwprune.get_plan(ours)
    assert (plan.kernels[0].pruned, plan.kernels[0].replaced) == (False, True)
    assert plan.after == hls4ml_hwprune.estimate(ours).total
    assert plan.after.lut <= 0.75 * plan.before.lut
    plain = made(kind, tmp_path / 'plain', backend, io_type, rf, **SATURATING)
    zero_like(plain, plan)
    x = np.random.default_rng(1).normal(0, 3, (60, *network(kind)[0]['input_shape'])).astype(np.float32)
    (found,), (expected,) = both_outputs(ours, plain, x)
    np.testing.assert_array_equal(found, expected)
    assert (np.abs(expected) >= 7.9).mean() > 0.01
    assert 'SparseSlots_lanes<' in (tmp_path / 'ours' / 'firmware' / 'parameters.h').read_text()


def test_a_kernel_that_fits_as_it_is_stays_hls4mls(tmp_path):
    model = made('dense', tmp_path, block={'Budget': {'LUT': '1x'}})
    assert not hls4ml_hwprune.get_plan(model).kernels[0].changed
    assert 'Sparse' not in parameters(model, tmp_path)


# RF x slots kept x 16 bits: block RAM from 1,024 bits on.
@pytest.mark.parametrize(
    ('kind', 'io_type', 'rf', 'kept', 'in_blocks'),
    [
        ('dense', 'io_parallel', 4, 15, False),
        ('dense', 'io_parallel', 4, 16, True),
        ('conv', 'io_parallel', 6, 10, False),
        ('conv', 'io_parallel', 6, 11, True),
        ('conv', 'io_stream', 6, 10, False),
        ('conv', 'io_stream', 6, 11, True),
    ],
)
def test_small_memories_are_not_forced_into_blocks(kind, io_type, rf, kept, in_blocks, tmp_path):
    model = made(kind, tmp_path, io_type=io_type, rf=rf, block={'Budget': {'DSP': kept}})
    (plan,) = hls4ml_hwprune.get_plan(model).kernels
    assert plan.n_kept == kept
    assert (plan.after.bram18 > 0) == in_blocks
    text = parameters(model, tmp_path)
    source = (tmp_path / 'firmware' / 'myproject.cpp').read_text() + text
    assert ('ResourceLut<' in source or 'conv_sparse_resource_lut<' in source) != in_blocks


def pragmas(text, body):
    """Pragmas of a body of a function."""
    return re.findall(r'#pragma HLS (.*)', re.search(body, text, re.DOTALL)[0])


@pytest.mark.parametrize(
    ('header', 'forced', 'free'),
    [
        ('nnet_dense_sparse.h', r'class DenseSparseResource :.*?\n\};', r'class DenseSparseResourceLut :.*?\n\};'),
        ('nnet_conv_sparse.h', r'void conv_sparse_resource\(.*?\n\}', r'void conv_sparse_resource_lut\(.*?\n\}'),
    ],
)
def test_only_the_memory_differs(header, forced, free):
    forced, free = pragmas(HEADERS[header], forced), pragmas(HEADERS[header], free)
    assert [pragma for pragma in forced if pragma not in free] == ['RESOURCE variable=weights core=ROM_nP_BRAM']
    assert [pragma for pragma in free if pragma not in forced] == []
    # Behind a condition the pragma might bind the weights all the same.
    assert not re.search(r'if \([^)]*\) \{\s*#pragma HLS RESOURCE', HEADERS[header])
