"""Networks of other people: every model file of the shared data, converted by the frontend that it was made for."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_compile import PRECISION
from benchmarks.network_cases import Build, NetworkCase, Trained, config_of
from benchmarks.network_data import Data, images, jets, one_hot
from benchmarks.network_keras import FUSED, PARALLEL, STREAMED, converter, keras, scores_of
from benchmarks.trained import N_CLASSES

# Class numbers of HGQ's example by those of the jets.
_ORDER = np.array([0, 1, 4, 2, 3])
_N_SVHN = 200
# Mean and deviation of the pixels of MLPNet's inputs.
_MEAN, _DEVIATION = 0.1307, 0.3081
_FULL_SCALE = 256 / 255
_KERAS, _QKERAS = ('tensorflow',), ('tensorflow', 'qkeras')
_PRUNED = (*_QKERAS, 'tensorflow_model_optimization')
_HGQ = ('tensorflow', 'HGQ')


def _custom_objects() -> dict[str, Any]:
    from qkeras.utils import _add_supported_quantized_objects

    found: dict[str, Any] = {}
    _add_supported_quantized_objects(found)
    return found


def from_json(text: str, weights: str, models: Path) -> Any:
    """Network of a description and a file of weights."""
    model = keras().models.model_from_json((models / text).read_text(), custom_objects=_custom_objects())
    model.load_weights(models / weights)
    return model


def from_file(file: str, models: Path) -> Any:
    """Network of a file, which may have been saved while it was pruned."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    from tensorflow_model_optimization.python.core.sparsity.keras.pruning_wrapper import PruneLowMagnitude
    from tensorflow_model_optimization.sparsity.keras import strip_pruning

    names = {**_custom_objects(), 'PruneLowMagnitude': PruneLowMagnitude}
    return strip_pruning(keras().models.load_model(models / file, custom_objects=names, compile=False))


def mlpnet(file: str, models: Path) -> Any:
    """MLPNet as a Keras network; its weights are stored as (n_out, n_in), without biases."""
    k = keras()
    with np.load(models / file) as arrays:
        kernels = [arrays[name].T for name in ('fc1', 'fc2', 'fc3')]
    model = k.Sequential([k.layers.Input((len(kernels[0]),))])
    for number, kernel in enumerate(kernels, 1):
        activation = 'relu' if number < len(kernels) else 'softmax'
        model.add(k.layers.Dense(kernel.shape[1], activation=activation, use_bias=False, name=f'fc{number}'))
        model.layers[-1].set_weights([kernel])
    return model


def proxy(file: str, data: Data, models: Path) -> Any:
    """Proxy of an HGQ v1 network, which hls4ml reads in its place: types are those of the training inputs."""
    k = keras()
    import HGQ
    from HGQ.proxy import to_proxy_model
    from HGQ.proxy.fixed_point_quantizer import FixedPointQuantizer

    model = k.models.load_model(models / file, custom_objects={'FixedPointQuantizer': FixedPointQuantizer}, compile=False)
    if any(isinstance(layer, FixedPointQuantizer) for layer in model.layers):
        return model
    HGQ.trace_minmax(model, data.x, verbose=False)
    return to_proxy_model(model)


def _trained(model: Any, data: Data, config: dict[str, Any], io_type: str = PARALLEL) -> Trained:
    x = (data.x_test,)
    return Trained(converter(model, io_type), config, (data.calibration,), x, (data.y_test,), scores_of(model, x))


def _of_quantizers(model: Any, reuse_factor: int) -> dict[str, Any]:
    """Return a configuration with the types of QKeras' quantisers."""
    from hls4ml.utils import config_from_keras_model

    options = {'default_precision': PRECISION, 'default_reuse_factor': reuse_factor}
    config: dict[str, Any] = config_from_keras_model(model, granularity='name', backend='Vitis', **options)
    config['Model']['Strategy'] = 'Resource'
    return config


def jet_tagger(read: Callable[[Path], Any], data: Path, folder: Path) -> Trained:
    """Jet tagger 16-64-32-32-5 in floating point."""
    return _trained(read(data / 'models'), jets(data), config_of(PRECISION, 4))


def quantized_jet_tagger(read: Callable[[Path], Any], data: Path, folder: Path) -> Trained:
    """Jet tagger of QKeras."""
    model = read(data / 'models')
    return _trained(model, jets(data), _of_quantizers(model, 4))


def hgq_jet_tagger(file: str, data: Path, folder: Path) -> Trained:
    """Jet tagger of HGQ v1, with a width for each weight: constants, unrolled."""
    found = jets(data)
    return _trained(proxy(file, found, data / 'models'), found, config_of(PRECISION, 1, 'Latency'))


def reordered(tagger: Build, data: Path, folder: Path) -> Trained:
    """Jet tagger whose classes have another order than those of the data."""
    trained = tagger(data, folder)
    return replace(trained, targets=(_ORDER[trained.targets[0]],))


def unlabelled(tagger: Build, data: Path, folder: Path) -> Trained:
    """Jet tagger for inputs of another scale: held against its own answers alone."""
    return replace(tagger(data, folder), targets=(None,))


def digits(read: Callable[[Path], Any], data: Path, folder: Path) -> Trained:
    """MNIST network of QKeras; its inputs are pixels."""
    model = read(data / 'models')
    return _trained(model, _flat(images(data, 'mnist.npz'), 1.0, 0.0, 1.0), _of_quantizers(model, 8))


def mlpnet_digits(file: str, data: Path, folder: Path) -> Trained:
    """MLPNet; its inputs are standardised."""
    found = _flat(images(data, 'mnist.npz'), _FULL_SCALE, _MEAN, _DEVIATION)
    return _trained(mlpnet(file, data / 'models'), found, config_of(PRECISION, 8))


def _flat(data: Data, scale: float, mean: float, deviation: float) -> Data:
    """Images as vectors, standardised."""
    x, x_test = (((x.reshape(len(x), -1) * scale - mean) / deviation).astype(np.float32) for x in (data.x, data.x_test))
    return Data(x, data.y, x_test, data.y_test)


def house_numbers(file: str, data: Path, folder: Path) -> Trained:
    """CNN for SVHN, calibrated with the first crops and tested on the others."""
    with np.load(data / 'sets' / 'svhn_683.npz') as arrays:
        x, y = arrays['X'].astype(np.float32) / 255, arrays['y'].astype(np.int64)
    found = Data(x[:_N_SVHN], one_hot(y[:_N_SVHN], N_CLASSES), x[_N_SVHN:], y[_N_SVHN:])
    return _trained(from_file(file, data / 'models'), found, config_of(FUSED, 4), STREAMED)


def _examples() -> Iterator[NetworkCase]:
    """Examples of hls4ml and of HGQ."""
    for name in ('KERAS_3layer', 'KERAS_3layer_70pruned_retrained', 'KERAS_3layer_95pruned_retrained'):
        read = partial(from_json, 'KERAS_3layer.json', f'{name}_weights.h5')
        yield NetworkCase(name, _QKERAS, partial(unlabelled, partial(jet_tagger, read)))
    read = partial(from_json, 'qkeras_3layer.json', 'qkeras_3layer_weights.h5')
    yield NetworkCase('qkeras_3layer', _QKERAS, partial(quantized_jet_tagger, read))
    name = 'hgq_jet_classifier'
    yield NetworkCase(name, _HGQ, partial(reordered, partial(hgq_jet_tagger, f'{name}.h5')))


def _taggers() -> Iterator[NetworkCase]:
    for kind in ('hector', 'nrp', 'pruned75_hector', 'pruned_lrozzy_2.1'):
        name = f'jet_mlp_float_{kind}'
        yield NetworkCase(name, _PRUNED, partial(jet_tagger, partial(from_file, f'{name}.h5')))
    for name in ('jet_mlp_qkeras6_pruned75_hector', 'jet_mlp_qkeras_jmduarte'):
        yield NetworkCase(name, _PRUNED, partial(quantized_jet_tagger, partial(from_file, f'{name}.h5')))
    for number in range(1, 6):
        name = f'jet_hgq_lrozzy_3.1_{number}'
        yield NetworkCase(name, _HGQ, partial(hgq_jet_tagger, f'{name}.h5'))


def _others() -> Iterator[NetworkCase]:
    mnist = partial(from_json, 'qkeras_mnist_dense.json', 'qkeras_mnist_dense_weights.h5')
    yield NetworkCase('qkeras_mnist_dense', _QKERAS, partial(digits, mnist))
    file = 'mlpnet_mnist_784_40_20_10'
    yield NetworkCase(file, _KERAS, partial(mlpnet_digits, f'{file}.npz'))
    file = 'svhn_cnn_pruned_minh'
    yield NetworkCase(file, _PRUNED, partial(house_numbers, f'{file}.h5'))


CASES = (*_examples(), *_taggers(), *_others())
