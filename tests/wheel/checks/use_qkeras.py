"""Keras 2 and QKeras beside each other: a quantized network, pruned and compiled."""

import hls4ml
import numpy as np
from qkeras import QDense, quantized_bits
from tensorflow import keras

import hls4ml_hwprune

layers = [keras.layers.Input((16,)), QDense(8, kernel_quantizer=quantized_bits(6, 0, alpha=1), name='fc')]
model = keras.Sequential(layers)
config = hls4ml.utils.config_from_keras_model(model, granularity='name', backend='Vitis')
config['Model'].update(ReuseFactor=4, Strategy='Resource')
hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '0.5x'})
hls_model = hls4ml.converters.convert_from_keras_model(model, hls_config=config, backend='Vitis', output_dir='pruned')
hls_model.compile()
assert hls_model.predict(np.zeros((2, 16))).shape == (2, 8)
