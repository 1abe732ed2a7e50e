"""Networks of PyTorch, ONNX and Brevitas at half of their DSPs, or LUTs: bit for bit as plain hls4ml with their weights."""

import copy

import hls4ml
import numpy as np
import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import both_outputs, zero_like

OPTIONS = {'backend': 'Vitis', 'io_type': 'io_parallel'}


def check(convert, config, shape, folder, resource='DSP'):
    own = copy.deepcopy(config)
    hls4ml_hwprune.enable(config, backend='Vitis', budget={resource: '0.5x'})
    sparse = convert(config, str(folder / 'sparse'))
    plan = hls4ml_hwprune.get_plan(sparse)
    assert not plan.not_pruned
    before, after = (getattr(one, resource.lower()) for one in (plan.before, plan.after))
    assert 0 < after <= before / 2
    plain = convert(own, str(folder / 'plain'))
    zero_like(plain, plan)
    x = np.random.default_rng(1).normal(0, 1, (20, *shape)).astype(np.float32)
    (ours,), (theirs,) = both_outputs(sparse, plain, x)
    np.testing.assert_array_equal(ours, theirs)
    assert np.ptp(theirs) > 0
    return plan


@pytest.mark.parametrize('cell', ['LSTM', 'GRU'])
def test_torch_cells(cell, tmp_path):
    torch = pytest.importorskip('torch')

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = getattr(torch.nn, cell)(6, 8, batch_first=True)

        def forward(self, x):
            states, _ = self.cell(x)
            return states

    torch.manual_seed(0)
    model = Network().eval()
    config = hls4ml.utils.config_from_pytorch_model(model, (4, 6), channels_last_conversion='off', transpose_outputs=False)
    config['Model']['Strategy'] = 'Latency'

    def convert(config, folder):
        return hls4ml.converters.convert_from_pytorch_model(model, hls_config=config, output_dir=folder, **OPTIONS)

    plan = check(convert, config, (4, 6), tmp_path)
    assert [kernel.role for kernel in plan.kernels] == ['weight', 'recurrent_weight']


def test_onnx(tmp_path):
    onnx = pytest.importorskip('onnx')
    wrapper, cleanup = (pytest.importorskip(f'qonnx.{name}') for name in ('core.modelwrapper', 'util.cleanup'))
    rng, helper = np.random.default_rng(0), onnx.helper
    arrays = {'w0': (16, 24), 'b0': (24,), 'w1': (24, 5)}
    weights = [
        onnx.numpy_helper.from_array(rng.normal(0, 0.5, size).astype(np.float32), name) for name, size in arrays.items()
    ]
    steps = [('MatMul', ['x', 'w0'], 'a'), ('Add', ['a', 'b0'], 'b'), ('Relu', ['b'], 'c'), ('MatMul', ['c', 'w1'], 'y')]
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, size]) for name, size in (('x', 16), ('y', 5))]
    nodes = [helper.make_node(kind, read, [name]) for kind, read, name in steps]
    graph = helper.make_graph(nodes, 'graph', ends[:1], ends[1:], weights)
    model = cleanup.cleanup_model(
        wrapper.ModelWrapper(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)]))
    )
    config = hls4ml.utils.config_from_onnx_model(model, default_precision='ap_fixed<16,6>')

    def convert(config, folder):
        return hls4ml.converters.convert_from_onnx_model(model, hls_config=config, output_dir=folder, **OPTIONS)

    check(convert, config, (16,), tmp_path)


def test_brevitas(tmp_path):
    torch, brevitas = pytest.importorskip('torch'), pytest.importorskip('brevitas.nn')
    quant, export = (pytest.importorskip(f'brevitas.{name}') for name in ('quant', 'export'))
    names = ('core.modelwrapper', 'util.cleanup', 'transformation.gemm_to_matmul')
    wrapper, cleanup, matmul = (pytest.importorskip(f'qonnx.{name}') for name in names)
    torch.manual_seed(0)
    kind = {'bias': True, 'weight_quant': quant.Int8WeightPerTensorFixedPoint, 'weight_bit_width': 6}
    model = torch.nn.Sequential(
        brevitas.QuantIdentity(act_quant=quant.Int8ActPerTensorFixedPoint, return_quant_tensor=True),
        brevitas.QuantLinear(16, 24, **kind),
        brevitas.QuantReLU(act_quant=quant.Uint8ActPerTensorFixedPoint, return_quant_tensor=True),
        brevitas.QuantLinear(24, 5, **kind),
    )
    # The scales of activations are those of the inputs seen in training.
    for _ in range(5):
        model(torch.randn(64, 16))
    export.export_qonnx(model.eval(), torch.randn(1, 16), str(tmp_path / 'model.onnx'), opset_version=13)
    cleaned = cleanup.cleanup_model(wrapper.ModelWrapper(str(tmp_path / 'model.onnx')))
    found = cleanup.cleanup_model(cleaned.transform(matmul.GemmToMatMul()))
    config = hls4ml.utils.config_from_onnx_model(
        found, granularity='name', backend='Vitis', default_precision='ap_fixed<16,6>'
    )

    def convert(config, folder):
        return hls4ml.converters.convert_from_onnx_model(found, hls_config=config, output_dir=folder, **OPTIONS)

    check(convert, config, (16,), tmp_path, 'LUT')
