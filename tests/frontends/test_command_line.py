"""`hwprune` on model files of every frontend: a project within its budget."""

import json

import numpy as np
import pytest

pytest.importorskip('click')
from click.testing import CliRunner

from hls4ml_hwprune.cli.app import hwprune


def converted(tmp_path, file, resource, *options):
    arguments = ['-q', 'convert', str(file), '--part', 'xcvu13p-flga2577-2-e', '--budget', f'{resource}=0.5x', '--json']
    result = CliRunner().invoke(hwprune, [*arguments, '-o', str(tmp_path / 'project'), *options])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    before, after = (report[when][resource.lower()] for when in ('before', 'after'))
    assert 0 < after <= before / 2
    assert (tmp_path / 'project' / 'firmware' / 'myproject.cpp').is_file()
    return report


def test_keras3(tmp_path):
    keras = pytest.importorskip('keras', minversion='3')
    layers = keras.layers
    keras.Sequential([layers.Input((16,)), layers.Dense(24, 'relu'), layers.Dense(5)]).save(tmp_path / 'model.keras')
    converted(tmp_path, tmp_path / 'model.keras', 'DSP')


def test_hgq2(tmp_path):
    keras = pytest.importorskip('keras', minversion='3')
    scopes, hgq = (pytest.importorskip(f'hgq.{name}') for name in ('config', 'layers'))
    inputs = keras.layers.Input((16,))
    types = scopes.QuantizerConfigScope(place='all', default_q_type='kbi', b0=6, i0=2)
    with types, scopes.LayerConfigScope(enable_ebops=True, beta0=1e-5):
        model = keras.Model(inputs, hgq.QDense(5)(hgq.QDense(24, activation='relu')(inputs)))
    model(np.random.default_rng(1).normal(size=(8, 16)).astype(np.float32))
    model.save(tmp_path / 'model.keras')
    report = converted(tmp_path, tmp_path / 'model.keras', 'LUT')
    assert {kernel['strategy'] for kernel in report['kernels']} == {'latency'}


def test_torch(tmp_path):
    nn = pytest.importorskip('torch.nn')
    torch = pytest.importorskip('torch')
    torch.save(nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 5)), tmp_path / 'model.pt')
    converted(tmp_path, tmp_path / 'model.pt', 'DSP', '--input-shape', '16')
    failed = CliRunner().invoke(hwprune, ['-q', 'estimate', str(tmp_path / 'model.pt')])
    assert failed.exit_code == 1 and '--input-shape' in failed.stderr


def test_onnx(tmp_path):
    onnx = pytest.importorskip('onnx')
    pytest.importorskip('qonnx')
    rng, helper = np.random.default_rng(0), onnx.helper
    sizes = {'w': (16, 24), 'b': (24,), 'v': (24, 5)}
    weights = [onnx.numpy_helper.from_array(rng.normal(0, 0.5, n).astype(np.float32), name) for name, n in sizes.items()]
    steps = [('MatMul', ['x', 'w'], 'a'), ('Add', ['a', 'b'], 'c'), ('Relu', ['c'], 'd'), ('MatMul', ['d', 'v'], 'y')]
    nodes = [helper.make_node(kind, read, [made]) for kind, read, made in steps]
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, n]) for name, n in (('x', 16), ('y', 5))]
    graph = helper.make_graph(nodes, 'graph', ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)]), tmp_path / 'model.onnx')
    converted(tmp_path, tmp_path / 'model.onnx', 'DSP')
