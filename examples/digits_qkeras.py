"""From training to a sparse project in Python: an MLP and a CNN with 6-bit weights and activations, trained with QKeras."""

from typing import Any

import digits
import hls4ml
from qkeras import QActivation, QConv2D, QDense, quantized_bits, quantized_relu
from tensorflow import keras


def weights() -> quantized_bits:
    """6 bits, one of them the sign, none before the point."""
    return quantized_bits(6, 0, alpha=1)


def relu(name: str) -> QActivation:
    """Return a ReLU whose outputs have 6 bits."""
    return QActivation(quantized_relu(6, 1), name=name)


def dense(units: int, name: str) -> QDense:
    """Return a dense layer with 6-bit weights."""
    return QDense(units, kernel_quantizer=weights(), bias_quantizer=weights(), kernel_regularizer=digits.shrink(), name=name)


def conv(filters: int, name: str) -> QConv2D:
    """Return a 3x3 convolution with 6-bit weights."""
    return QConv2D(
        filters, 3, kernel_quantizer=weights(), bias_quantizer=weights(), kernel_regularizer=digits.shrink(), name=name
    )


def mlp() -> digits.Layers:
    """Layers of the MLP, 64-32-32-10."""
    return [
        keras.layers.Input((64,)),
        dense(32, 'fc1'),
        relu('relu1'),
        dense(32, 'fc2'),
        relu('relu2'),
        dense(digits.N_CLASSES, 'fc3'),
        keras.layers.Activation('softmax', name='softmax'),
    ]


def cnn() -> digits.Layers:
    """Layers of the CNN: two convolutions, pooling, one dense layer."""
    return [
        keras.layers.Input((8, 8, 1)),
        conv(8, 'conv1'),
        relu('relu1'),
        conv(16, 'conv2'),
        relu('relu2'),
        keras.layers.MaxPooling2D(2, name='pool'),
        keras.layers.Flatten(name='flatten'),
        dense(digits.N_CLASSES, 'fc'),
        keras.layers.Activation('softmax', name='softmax'),
    ]


def configuration(model: keras.Model, last: str) -> dict[str, Any]:
    """Return hls4ml's configuration; types come from the quantisers, but for the outputs of the `last` dense layer."""
    config = hls4ml.utils.config_from_keras_model(
        model, granularity='name', backend='Vitis', default_precision='ap_fixed<16,6>', default_reuse_factor=4
    )
    config['Model']['Strategy'] = 'Resource'
    # hls4ml's softmax looks up exponentials by the leading 10 bits of its input: a wide type leaves it none after the point.
    config['LayerName'][last]['Precision']['result'] = 'ap_fixed<16,6>'
    return config


def main() -> None:
    """Train, convert with and without pruning, and compare."""
    args = digits.arguments(__doc__)
    data = digits.load()
    # 6-bit multiplications take no DSP (only the first layer's, whose inputs are wider, do): LUTs are what to bound.
    qmlp = digits.train(mlp, data, args.epochs)
    digits.compare('qmlp', qmlp, data, configuration(qmlp, 'fc3'), 'io_parallel', {'LUT': '0.7x'}, args.output)
    qcnn = digits.train(cnn, data, args.epochs)
    digits.compare('qcnn', qcnn, data, configuration(qcnn, 'fc'), 'io_stream', {'LUT': '0.8x'}, args.output)


if __name__ == '__main__':
    main()
