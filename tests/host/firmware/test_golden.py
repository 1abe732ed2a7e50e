"""The configuration and the call that are emitted for a layer of each kind, against files that were reviewed.

After an intended change the files are written again, to be reviewed as any other code:

    RENEW_GOLDEN=1 python -m pytest tests/host/firmware/test_golden.py
"""

import difflib
import os
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import hls4ml
import numpy as np
import pytest

from tests.host.firmware.projects import select
from tests.models import conv2d, convert, dense, hls_config, input_layer

FOLDER = Path(__file__).parent / 'golden'
HLS4ML = Path(hls4ml.__file__).parent / 'templates' / 'vivado' / 'nnet_utils'
OURS = files('hls4ml_hwprune.host.firmware') / 'nnet_utils'
RENEW = 'RENEW_GOLDEN'


def weights(*shape):
    """Weights of which none is zero."""
    rng = np.random.default_rng(0)
    return rng.choice((-1.0, 1.0), shape) * rng.uniform(0.1, 1.0, shape)


def vector(n_in, n_out):
    return [input_layer((n_in,)), dense('layer', weights(n_in, n_out))]


def image(size, window, n_chan, n_filt):
    return [input_layer((*size, n_chan)), conv2d('layer', weights(*window, n_chan, n_filt), size)]


def sequence(length, window, n_chan, n_filt):
    layer = {
        'class_name': 'Conv1D',
        'name': 'layer',
        'data_format': 'channels_last',
        'in_width': length,
        'out_width': length - window + 1,
        'n_chan': n_chan,
        'n_filt': n_filt,
        'filt_width': window,
        'stride_width': 1,
        'pad_left': 0,
        'pad_right': 0,
        'weight_data': weights(window, n_chan, n_filt).astype(np.float32),
        'bias_data': np.zeros(n_filt, np.float32),
        'weight_quantizer': None,
        'bias_quantizer': None,
        'use_bias': True,
        'activation': 'linear',
    }
    return [input_layer((length, n_chan)), layer]


def depthwise(size, window, n_chan):
    layer = conv2d('layer', weights(*window, n_chan, n_chan), size)
    data = layer.pop('weight_data')[..., :1]
    return [input_layer((*size, n_chan)), layer | {'class_name': 'DepthwiseConv2D', 'depthwise_data': data}]


def recurrent(cell, n_gates, n_steps, n_in, n_state):
    layer = {
        'class_name': cell,
        'name': 'layer',
        'n_timesteps': n_steps,
        'n_in': n_in,
        'n_out': n_state,
        'activation': 'tanh',
        'recurrent_activation': 'sigmoid',
        'return_sequences': False,
        'return_state': False,
        'weight_data': weights(n_in, n_gates * n_state),
        'recurrent_weight_data': weights(n_state, n_gates * n_state),
        'bias_data': np.zeros(n_gates * n_state),
        'recurrent_bias_data': np.zeros(n_gates * n_state),
    }
    return [input_layer((n_steps, n_in)), layer]


@dataclass(frozen=True)
class Kind:
    """A layer, how it is pruned, and options of hls4ml; `kept` is the share of the groups that stay."""

    layers: list = field(repr=False)
    packing: str = 'aligned'
    kept: float = 0.5
    io_type: str = 'io_parallel'
    backend: str = 'Vitis'
    options: dict = field(default_factory=dict)


LATENCY = {'ReuseFactor': 1, 'Strategy': 'Latency'}
STREAM = {'io_type': 'io_stream'}
ENCODED = {'io_type': 'io_stream', 'backend': 'Vivado', 'options': {'ReuseFactor': 3, 'ConvImplementation': 'Encoded'}}
KINDS = {
    'dense_lanes_bram': Kind(vector(8, 16), options={'ReuseFactor': 4}),
    'dense_lanes_lut': Kind(vector(8, 4), options={'ReuseFactor': 4}),
    'dense_lanes_balanced': Kind(vector(8, 4), 'balanced', options={'ReuseFactor': 4}),
    'dense_streams': Kind(vector(16, 8), 'balanced', options={'ReuseFactor': 8}),
    'dense_turns': Kind(vector(4, 8), options={'ReuseFactor': 8}),
    'dense_turns_permuted': Kind(vector(4, 8), 'permuted', options={'ReuseFactor': 8}),
    'dense_lane_pairs': Kind(vector(8, 5), 'balanced', options={'ReuseFactor': 4, 'HWPrune': {'SlotWidth': 6}}),
    'dense_turn_pairs': Kind(vector(4, 8), 'permuted', options={'ReuseFactor': 8, 'HWPrune': {'SlotWidth': 5}}),
    'conv2d_buffer_pairs': Kind(
        image((5, 4), (2, 2), 2, 4), **STREAM, options={'ReuseFactor': 4, 'HWPrune': {'SlotWidth': 6}}
    ),
    'dense_latency': Kind(vector(4, 4), options=LATENCY),
    'dense_latency_shared': Kind(vector(4, 4), options={'ReuseFactor': 2, 'Strategy': 'Latency'}),
    'dense_stream': Kind(vector(8, 4), **STREAM, options={'ReuseFactor': 4}),
    'conv1d_parallel': Kind(sequence(6, 3, 2, 4), options={'ReuseFactor': 3}),
    'conv1d_parallel_latency': Kind(sequence(6, 3, 2, 4), options=LATENCY),
    'conv1d_buffer': Kind(sequence(6, 3, 2, 4), **STREAM, options={'ReuseFactor': 3}),
    'conv1d_encoded': Kind(sequence(6, 3, 2, 4), **ENCODED),
    'conv1d_pointwise': Kind(sequence(6, 1, 4, 4), **STREAM, options={'ReuseFactor': 4}),
    'conv2d_parallel': Kind(image((5, 4), (2, 2), 2, 4), options={'ReuseFactor': 4, 'ParallelizationFactor': 3}),
    'conv2d_parallel_latency': Kind(image((5, 4), (2, 2), 2, 4), options=LATENCY),
    'conv2d_buffer': Kind(image((5, 4), (2, 2), 2, 4), **STREAM, options={'ReuseFactor': 4}),
    'conv2d_buffer_latency': Kind(image((5, 4), (2, 2), 2, 4), **STREAM, options=LATENCY),
    'conv2d_encoded': Kind(image((5, 4), (2, 2), 2, 4), **ENCODED | {'options': ENCODED['options'] | {'ReuseFactor': 4}}),
    'conv2d_pointwise': Kind(image((5, 4), (1, 1), 4, 4), **STREAM, options={'ReuseFactor': 4}),
    'conv2d_buffer_depthwise': Kind(depthwise((5, 4), (2, 2), 3), **STREAM, options={'ReuseFactor': 2}),
    'conv2d_parallel_depthwise': Kind(depthwise((5, 4), (2, 2), 3), options=LATENCY),
    'lstm': Kind(recurrent('LSTM', 4, 3, 2, 2), options={'ReuseFactor': 2}),
    'lstm_bias': Kind(recurrent('LSTM', 4, 3, 2, 2), kept=0.0, options={'ReuseFactor': 2}),
    'gru_latency': Kind(recurrent('GRU', 3, 3, 2, 2), options=LATENCY),
    'bias_only': Kind(vector(8, 4), kept=0.0, options={'ReuseFactor': 4}),
    'bias_only_stream': Kind(image((5, 4), (2, 2), 2, 4), kept=0.0, **STREAM, options={'ReuseFactor': 4}),
}


def emitted(kind, folder):
    """Headers, configuration and call of the pruned layer."""
    with pytest.MonkeyPatch.context() as patch:
        select(patch, lambda layer, n: round(kind.kept * n))
        block = {'Budget': {'DSP': '1x'}, 'Packing': kind.packing}
        per_layer = {key: value for key, value in kind.options.items() if key not in ('ReuseFactor', 'Strategy')}
        model = {key: value for key, value in kind.options.items() if key not in per_layer}
        config = hls_config(block, [f'{kind.backend.lower()}:hwprune'], **model)
        config['LayerName'] = {'layer': per_layer}
        node = convert(kind.layers, config, folder, kind.backend, io_type=kind.io_type).graph['layer']
    includes = ''.join(f'#include "{header}"\n' for header in node.get_attr('include_header'))
    return f'{includes}\n{node.get_attr("config_cpp")}\n{node.get_attr("function_cpp")}\n'


@pytest.fixture(scope='module', params=KINDS)
def golden(request, tmp_path_factory):
    """Name, text of the reviewed file, and text that is emitted now."""
    name = request.param
    now, path = emitted(KINDS[name], tmp_path_factory.mktemp(name)), FOLDER / f'{name}.txt'
    if os.environ.get(RENEW):
        path.write_text(now)
    return name, path.read_text() if path.exists() else '', now


def test_emitted_text_equals_the_reviewed_text(golden):
    name, reviewed, now = golden
    lines = (text.splitlines() for text in (reviewed, now))
    difference = '\n'.join(difflib.unified_diff(*lines, f'golden/{name}.txt', 'emitted now', lineterm=''))
    assert not difference, f'{difference}\n\nIf the change is intended: {RENEW}=1 python -m pytest {Path(__file__).name}'


def test_every_file_is_of_a_kind():
    assert {path.stem for path in FOLDER.iterdir()} == set(KINDS)


@cache
def header(name):
    """Code of a header of a project, ours or hls4ml's."""
    path = OURS / name if (OURS / name).is_file() else HLS4ML / name
    return re.sub(r'//.*', '', path.read_text())


@cache
def read_by(name):
    """Members of configurations that a header of ours reads, by itself or through headers that it includes."""
    found = set(re.findall(r'(?:CONFIG_T|mult_config)::(?:template )?(\w+)', header(name)))
    return found.union(*(read_by(other) for other in re.findall(r'#include "(nnet_\w*sparse\w*\.h)"', header(name))))


def read_by_hls4ml(kind):
    """Members that hls4ml's functions read: the cast of results, and the base class of `fill_buffer`."""
    dimension = re.match(r'conv(\d)d_parallel', kind)
    stubs = re.split(r'\bclass (\w+)', header('nnet_function_stubs.h'))
    base = stubs[stubs.index(f'FillConv{dimension[1]}DBuffer') + 1] if dimension else ''
    return {'n_in', 'weight_t'} | set(re.findall(r'CONFIG_T::(\w+)', base))


def test_every_member_is_read(golden):
    kind, _, now = golden
    included = re.findall(r'#include "nnet_utils/(\w+\.h)"', now)
    read = read_by_hls4ml(kind).union(*(read_by(name) for name in included))
    if '_parallel' in kind:
        # The class of the kernel is for products one by one.
        read -= {'kernel'}
    members = set()
    # Around the kernels of recurrent layers stand configurations of hls4ml.
    own = r'^struct [^{]*: nnet::dense_config ' if 'nnet_recurrent.h' in included else r'^struct [^{]*'
    for body in re.findall(own + r'\{(.*?)^\};', now, re.DOTALL | re.MULTILINE):
        named = re.findall(r'^    (?:static|typedef) [^;]*?(\w+)(?: = [^;]+|\[[^;]+\])?;', body, re.MULTILINE)
        named += re.findall(r'using (\w+) =', body)
        # A size of a table counts as read where the table is.
        read |= {name for name in named if re.search(rf'(?:\[|= )[^;]*\b{name}\b', body)}
        members |= set(named)
    assert members
    assert members <= read
