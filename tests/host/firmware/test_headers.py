"""Text of the headers, and of what a project includes and copies of them."""

import re
from importlib.resources import files

import pytest

from tests.models import cnn, convert, hls_config, mlp

HEADERS = {
    entry.name: entry.read_text()
    for entry in (files('hls4ml_hwprune.host.firmware') / 'nnet_utils').iterdir()
    if entry.name.endswith('.h')
}
WIDEST = 125


@pytest.mark.parametrize('name', sorted(HEADERS))
def test_every_function_declares_as_many_weights_as_there_are(name):
    declared = re.findall(r'weight_t weights\[([^\]]*)\]', HEADERS[name])
    assert set(declared) <= {'CONFIG_T::n_weights', 'CONFIG_T::mult_config::n_weights'}
    # Nothing hands them to a function of hls4ml's, which would declare those of the dense layer.
    called = re.findall(r'(\w+)<[^;{}]*>\([^;{}]*\bweights\b[^;{}]*\);', HEADERS[name])
    ours = set(re.findall(r'^\w[^\n]*?(\w+)\(', ''.join(HEADERS.values()), re.MULTILINE))
    assert set(called) <= ours | {'sparse_weight'}


def test_the_loops_of_streams_hand_weights_on():
    # Else the test above would find nothing.
    text = HEADERS['nnet_conv_sparse_stream.h']
    assert len(re.findall(r'weight_t weights\[', text)) > 5
    assert 'compute_output_buffer' not in text


@pytest.mark.parametrize('name', sorted(HEADERS))
def test_pragmas_name_nothing_that_is_local(name):
    for pragma in re.findall(r'#pragma HLS.*', HEADERS[name]):
        for value in re.findall(r'(?:limit|factor|II)=([\w:]+)', pragma):
            assert value.isdigit() or value.startswith('CONFIG_T::'), pragma


@pytest.mark.parametrize('name', sorted(HEADERS))
def test_no_counter_is_stepped_behind_a_condition(name):
    # Tools schedule a loop for long where they cannot tell the values of a counter. Loops alone step theirs.
    code = re.sub(r'//.*', '', HEADERS[name])
    without_loops = re.sub(r'for \([^)]*\)', '', code)
    assert not re.findall(r'\w+\+\+|\+\+\w+|\w+--', without_loops)
    assert not re.findall(r'if \([^{]*\) \{[^{}]*?\b\w+ [+-]= ', without_loops)


def test_one_prologue_and_one_epilogue():
    code = re.sub(r'//.*', '', ''.join(HEADERS.values()))
    assert len(re.findall(r'accum_t\)biases\[', code)) == 1
    assert len(re.findall(r'\bcast<', code)) == 1


def written(layers, folder, io_type, backend='Vitis', block=None, **options):
    config = hls_config(block or {'Budget': {'DSP': '0.5x'}}, [f'{backend.lower()}:hwprune'], **options)
    convert(layers, config, folder, backend, io_type=io_type).write()
    firmware = folder / 'firmware'
    return (firmware / 'parameters.h').read_text(), {path.name for path in (firmware / 'nnet_utils').glob('*.h')} & set(
        HEADERS
    )


@pytest.mark.parametrize(
    ('layers', 'io_type', 'expected'),
    [
        (mlp(), 'io_parallel', set()),
        (mlp(), 'io_stream', {'nnet_dense_sparse_stream.h'}),
        (cnn()[:3], 'io_parallel', {'nnet_conv_sparse.h'}),
        (cnn()[:3], 'io_stream', {'nnet_conv_sparse_stream.h'}),
    ],
    ids=['dense', 'dense stream', 'conv', 'conv stream'],
)
@pytest.mark.parametrize('width', ['config', 6])
def test_a_project_has_the_headers_that_it_includes(layers, io_type, expected, width, tmp_path):
    common = {'nnet_dense_sparse.h', 'nnet_sparse_common.h', 'nnet_sparse_slots.h'}
    pairs = set() if width == 'config' else {'nnet_sparse_pairs.h'}
    block = {'Budget': {'DSP': '0.3x'}, 'SlotWidth': width}
    assert written(layers, tmp_path / 'project', io_type, block=block, ReuseFactor=2)[1] == common | pairs | expected


def test_configurations_are_short_lines_of_narrow_tables(tmp_path):
    text, _ = written(mlp((64, 64, 5)), tmp_path / 'project', 'io_parallel')
    assert max(map(len, text.splitlines())) <= WIDEST
    # Every table has the narrowest type and a word.
    tables = re.findall(r'// (.+)\nconst (unsigned(?: char| short)?) config\d+::\w+\[\] = {([^}]*)}', text)
    assert len(tables) == len(re.findall(r'\[\] = {', text)) > 2
    for _, kind, values in tables:
        assert (max(map(int, values.split(','))) < 2**8) == (kind == 'unsigned char')
