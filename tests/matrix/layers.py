"""Networks with one layer of each kind, named `cell`, before a small dense layer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests import models
from tests.host.firmware.projects import convert

#: From a configuration, an output folder and options of the conversion to the model.
Convert = Callable[..., Any]


def _after(shape: tuple[int, ...], make: Callable[[Any, Any], Any]) -> Convert:
    """Conversion of a Keras network of `make(layers, qkeras)`, a layer, on inputs of a shape."""

    def converted(config: dict, output: Path, **options: Any) -> Any:
        import qkeras
        from tensorflow import keras

        keras.utils.set_random_seed(0)
        inputs = keras.layers.Input(shape)
        made = make(keras.layers, qkeras)(inputs)
        flat = keras.layers.Flatten()(made) if len(made.shape) > 2 else made
        model = keras.Model(inputs, keras.layers.Dense(3, name='out')(flat))
        return convert(model, config, output, **options)

    return converted


def _einsum(config: dict, output: Path, *, backend: str, io_type: str) -> Any:
    """Conversion of an EinsumDense layer, which Keras 2 layers do not reach."""
    rng = np.random.default_rng(0)
    layer = {
        'class_name': 'EinsumDense',
        'name': 'cell',
        'equation': 'bc,cd->bd',
        'inp_shape': (4, 6),
        'out_shape': (4, 5),
        'weight_data': rng.normal(0, 0.5, (6, 5)),
        'bias_data': rng.normal(0, 0.5, (4, 5)),
    }
    return models.convert([models.input_layer((4, 6)), layer], config, output, backend, io_type=io_type)


def _quantizers(qkeras: Any, **options: Any) -> dict[str, Any]:
    return {f'{name}_quantizer': qkeras.quantized_bits(6, 1, alpha=1, **options) for name in ('kernel', 'bias')}


LAYERS: dict[str, Convert] = {
    'Dense': _after((8,), lambda k, q: k.Dense(4, name='cell')),
    'Dense on a sequence': _after((4, 6), lambda k, q: k.Dense(4, name='cell')),
    'Conv1D': _after((6, 2), lambda k, q: k.Conv1D(4, 3, name='cell')),
    'Conv2D': _after((5, 5, 2), lambda k, q: k.Conv2D(4, 2, name='cell')),
    'Conv1D, pointwise': _after((6, 4), lambda k, q: k.Conv1D(4, 1, name='cell')),
    'Conv2D, pointwise': _after((4, 4, 4), lambda k, q: k.Conv2D(4, 1, name='cell')),
    'DepthwiseConv1D': _after((6, 4), lambda k, q: k.DepthwiseConv1D(2, name='cell')),
    'DepthwiseConv2D': _after((5, 5, 4), lambda k, q: k.DepthwiseConv2D(2, name='cell')),
    'SeparableConv1D': _after((6, 4), lambda k, q: k.SeparableConv1D(4, 2, name='cell')),
    'SeparableConv2D': _after((5, 5, 4), lambda k, q: k.SeparableConv2D(4, 2, name='cell')),
    'QDense': _after((8,), lambda k, q: q.QDense(4, **_quantizers(q), name='cell')),
    'QConv2DBatchnorm': _after((5, 5, 2), lambda k, q: q.QConv2DBatchnorm(4, 2, **_quantizers(q), name='cell')),
    'LSTM': _after((4, 6), lambda k, q: k.LSTM(4, name='cell')),
    'GRU': _after((4, 6), lambda k, q: k.GRU(4, return_sequences=True, name='cell')),
    'Bidirectional': _after((4, 6), lambda k, q: k.Bidirectional(k.LSTM(4), name='cell')),
    'SimpleRNN': _after((4, 6), lambda k, q: k.SimpleRNN(4, name='cell')),
    'TimeDistributed': _after((4, 6), lambda k, q: k.TimeDistributed(k.Dense(4, name='cell'), name='each')),
    'EinsumDense': _einsum,
    'Embedding': _after((4,), lambda k, q: k.Embedding(8, 3, name='cell')),
    'BatchNormalization': _after((8,), lambda k, q: k.BatchNormalization(gamma_initializer='random_uniform', name='cell')),
    'ApplyAlpha': _after((8,), lambda k, q: q.QDense(4, kernel_quantizer=q.quantized_bits(6, 1, alpha='auto'), name='cell')),
    'LayerNormalization': _after((4, 8), lambda k, q: k.LayerNormalization(name='cell')),
    'Softmax': _after((6,), lambda k, q: k.Activation('softmax', name='cell')),
    'PReLU': _after((8,), lambda k, q: k.PReLU('ones', name='cell')),
}
