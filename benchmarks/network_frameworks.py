"""Networks of the second environment, trained here: HGQ2 taggers, one with attention, and an MLP of Brevitas."""

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_compile import PART, PRECISION
from benchmarks.network_cases import NetworkCase, Trained, config_of
from benchmarks.network_data import N_FEATURES, SEED, Data, constituents, jets

_N_JET, _N_JET_CLASSES = 16, 5
_BATCH = 256
_RATE = 3e-3
# Products of queries with keys have no weights to prune, and grow with the square of the sequence.
_N_ATTENDED = 8
#: Type that takes the place of all others: those of the quantisers are exact.
_EXACT = 'ap_fixed<-1,0>'


def _hgq(bits: int, integers: int, build: Any) -> Any:
    """Keras model of HGQ2 layers with such types to start from."""
    os.environ.setdefault('KERAS_BACKEND', 'jax')
    import keras
    from hgq.config import LayerConfigScope, QuantizerConfigScope

    keras.utils.set_random_seed(SEED)
    types = QuantizerConfigScope(place='all', default_q_type='kbi', b0=bits, i0=integers)
    with types, LayerConfigScope(enable_ebops=True, beta0=1e-7):
        return keras.Model(*build())


def _trained(model: Any, data: Data, strategy: str, epochs: int) -> Trained:
    """Train on logits; types are settled on the training inputs and on those that firmware is run with."""
    import keras
    from hgq.utils import trace_minmax

    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(_RATE), loss)
    model.fit(data.x, data.y, batch_size=_BATCH, epochs=epochs, verbose=0)
    trace_minmax(model, data.x, batch_size=_BATCH, verbose=False)

    def convert(config: dict[str, Any], folder: Path) -> Any:
        from hls4ml.converters import convert_from_keras_model

        options = {'backend': 'Vitis', 'io_type': 'io_parallel', 'part': PART, 'output_dir': str(folder)}
        return convert_from_keras_model(model, hls_config=config, **options)

    scores = (model.predict(data.x_test, batch_size=_BATCH, verbose=0),)
    config = config_of(_EXACT, 1, strategy)
    return Trained(convert, config, (data.calibration,), (data.x_test,), (data.y_test,), scores, 'classification')


def hgq_jet_tagger(data: Path, folder: Path) -> Trained:
    """Jet tagger 16-64-32-32-5, whose products are shifts and adders."""

    def build() -> tuple[Any, Any]:
        import keras
        from hgq.layers import QDense

        inputs = hidden = keras.layers.Input((_N_JET,))
        for number, size in enumerate((64, 32, 32)):
            hidden = QDense(size, activation='relu', name=f'hidden_{number}')(hidden)
        return inputs, QDense(_N_JET_CLASSES, name='scores')(hidden)

    return _trained(_hgq(6, 2, build), jets(data), 'distributed_arithmetic', 10)


def attention_tagger(data: Path, folder: Path) -> Trained:
    """Tagger of the leading constituents with one attention of queries, keys and values, of layers that hls4ml converts."""

    def build() -> tuple[Any, Any]:
        import keras
        from hgq.layers import QAdd, QDense, QEinsum, QEinsumDense, QSoftmax

        def each(size: int, name: str, **options: Any) -> Any:
            return QEinsumDense('bnc,cd->bnd', (_N_ATTENDED, size), bias_axes='d', name=name, **options)

        inputs = keras.layers.Input((_N_ATTENDED, N_FEATURES))
        embedded = each(16, 'embedding', activation='relu')(inputs)
        # A layer `key` would give firmware a type `key_t`, which the system has too.
        queries, keys, values = (each(n, name)(embedded) for n, name in ((4, 'queries'), (4, 'keys'), (8, 'values')))
        weights = QSoftmax(axis=-1, name='weights')(QEinsum('bnd,bmd->bnm', name='products')([queries, keys]))
        attended = QEinsum('bnm,bmd->bnd', name='attended')([weights, values])
        joined = QAdd(name='skip')([embedded, each(16, 'projection')(attended)])
        hidden = QDense(16, activation='relu', name='hidden')(keras.layers.Flatten()(joined))
        return inputs, QDense(2, name='scores')(hidden)

    found = constituents()
    leading = replace(found, x=found.x[:, :_N_ATTENDED], x_test=found.x_test[:, :_N_ATTENDED])
    return _trained(_hgq(6, 2, build), leading, 'Latency', 10)


def brevitas_mlp(data: Path, folder: Path) -> Trained:
    """Jet tagger of Brevitas with weights and activations of 6 and 8 bits, through QONNX."""
    import torch
    from brevitas.nn import QuantIdentity, QuantLinear, QuantReLU
    from brevitas.quant import Int8ActPerTensorFixedPoint, Int8WeightPerTensorFixedPoint, Uint8ActPerTensorFixedPoint

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    found = jets(data)
    layers: list[Any] = [QuantIdentity(act_quant=Int8ActPerTensorFixedPoint, return_quant_tensor=True)]
    sizes = (_N_JET, 64, 32, 32, _N_JET_CLASSES)
    for n_in, n_out in pairwise(sizes):
        kind = {'weight_quant': Int8WeightPerTensorFixedPoint, 'weight_bit_width': 6}
        layers.append(QuantLinear(n_in, n_out, bias=True, **kind))
        layers.append(QuantReLU(act_quant=Uint8ActPerTensorFixedPoint, return_quant_tensor=True))
    model = torch.nn.Sequential(*layers[:-1])
    _fit(model, found)
    scores = model(torch.from_numpy(found.x_test)).detach().numpy()
    return _from_torch(model, found, scores, folder)


def _fit(model: Any, data: Data, epochs: int = 6) -> None:
    import torch

    adam, loss = torch.optim.Adam(model.parameters(), _RATE), torch.nn.CrossEntropyLoss()
    sets = torch.utils.data.TensorDataset(torch.from_numpy(data.x), torch.from_numpy(data.y))
    for _ in range(epochs):
        for x, y in torch.utils.data.DataLoader(sets, _BATCH, shuffle=True):
            adam.zero_grad()
            loss(model(x), y).backward()
            adam.step()
    model.eval()


def _from_torch(model: Any, data: Data, scores: NDArray[np.float32], folder: Path) -> Trained:
    """Through a QONNX file, as hls4ml reads it."""
    import torch
    from brevitas.export import export_qonnx
    from hls4ml.utils import config_from_onnx_model
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.gemm_to_matmul import GemmToMatMul
    from qonnx.util.cleanup import cleanup_model

    file = str(folder / 'model.onnx')
    export_qonnx(model, torch.randn(1, _N_JET), file, opset_version=13)
    found = cleanup_model(cleanup_model(ModelWrapper(file)).transform(GemmToMatMul()))
    options = {'default_precision': PRECISION, 'default_reuse_factor': 4}
    config = config_from_onnx_model(found, granularity='name', backend='Vitis', **options)
    config['Model']['Strategy'] = 'Resource'

    def convert(config: dict[str, Any], folder: Path) -> Any:
        from hls4ml.converters import convert_from_onnx_model

        options = {'backend': 'Vitis', 'io_type': 'io_parallel', 'part': PART, 'output_dir': str(folder)}
        return convert_from_onnx_model(found, hls_config=config, **options)

    return Trained(convert, config, (data.calibration,), (data.x_test,), (data.y_test,), (scores,), 'classification')


_KERAS_3 = ('jax', 'hgq')
CASES = (
    # Its training has taken the bits that it can spare, so that each weight is worth more.
    NetworkCase('jets, HGQ2', (*_KERAS_3, 'da4ml'), hgq_jet_tagger),
    NetworkCase('top tagger, attention', _KERAS_3, attention_tagger),
    NetworkCase('jets, Brevitas', ('brevitas', 'qonnx'), brevitas_mlp),
)
