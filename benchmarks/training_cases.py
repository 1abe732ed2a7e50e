"""Networks that are pruned with training, their data, and the budgets that they should bear."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_snapping import NETWORKS

PRECISION = 'ap_fixed<16,6>'
_PIXEL = np.float32(256)
_BATCH, _CLASSES, _SEED = 64, 10, 0
Arrays = tuple[NDArray[np.float32], NDArray]


@dataclass(frozen=True)
class Task:
    """A trained network with data to train on and others to test with.

    Attributes
    ----------
    model : keras.Model
    train, validation, test : pair of ndarray
        Inputs and targets: probabilities to train with, classes to test with. The network has seen no other than the first.
    loss : Any
        As Keras takes it.
    """

    model: Any
    train: Arrays = field(repr=False)
    validation: Arrays = field(repr=False)
    test: Arrays = field(repr=False)
    loss: Any = 'categorical_crossentropy'


@dataclass(frozen=True)
class Case:
    """One figure.

    Attributes
    ----------
    name, group : str
        Figures of a group are averaged.
    task : callable
        Reads or trains the network, from a folder with the shared data.
    config : callable
        Model to what stands under `HLSConfig`.
    budget : mapping of str to str
    most_lost : float
        Points of accuracy that may be lost, mean of the group.
    io_type : str
    options : mapping
        Of `TrainingOptions`.
    learning_rate : float
    """

    name: str
    group: str
    task: Callable[[Path], Task]
    config: Callable[[Any], dict[str, Any]]
    budget: Mapping[str, str]
    most_lost: float
    io_type: str = 'io_parallel'
    options: Mapping[str, Any] = field(default_factory=dict)
    learning_rate: float = 3e-3


def jets(file: str, own: bool, data: Path) -> Task:
    """Jet tagger by others; soft labels are those of the data, the mean of four such networks, or its own answers."""
    from tensorflow import keras

    model = keras.models.load_model(data / 'models' / file, compile=False)
    with np.load(data / 'sets' / 'jets_synthetic_60k.npz') as arrays:
        x, y = arrays['X'], arrays['teacher_prob']
    with np.load(data / 'sets' / 'jets_hlf_700.npz') as arrays:
        test = np.ascontiguousarray(arrays['X'], np.float32), arrays['y']
    y = model.predict(x, batch_size=4096, verbose=0) if own else y
    return Task(model, *_parted(x, y), test)


def _parted(x: NDArray[np.float32], y: NDArray) -> tuple[Arrays, Arrays]:
    """Hold out the last tenth."""
    n = len(x) - len(x) // 10
    return (x[:n], y[:n]), (x[n:], y[n:])


def _images(file: str, data: Path, shape: tuple[int, ...]) -> tuple[Arrays, Arrays, Arrays]:
    with np.load(data / 'sets' / file) as arrays:
        x, test = (arrays[name].astype(np.float32).reshape(-1, *shape) / _PIXEL for name in ('X_train', 'X_test'))
        labels = np.eye(_CLASSES, dtype=np.float32)[arrays['y_train']]
        return *_parted(x, labels), (test, arrays['y_test'].astype(np.int64))


def _trained(model: Any, train: Arrays, epochs: int, loss: Any) -> Any:
    from tensorflow import keras

    steps = epochs * -(-len(train[0]) // _BATCH)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)), loss)
    model.fit(*train, batch_size=_BATCH, epochs=epochs, verbose=0)
    return model


def lenet(data: Path) -> Task:
    """LeNet on Fashion-MNIST: 5x5 convolutions of 6 and 16 filters, dense layers 400-120-84-10."""
    from tensorflow import keras

    layers = keras.layers
    keras.utils.set_random_seed(_SEED)
    train, validation, test = _images('fashion_mnist.npz', data, (28, 28, 1))
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding='same', activation='relu', name='conv_0'),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, activation='relu', name='conv_1'),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation='relu', name='dense_0'),
            layers.Dropout(0.2),
            layers.Dense(84, activation='relu', name='dense_1'),
            layers.Dropout(0.2),
            layers.Dense(_CLASSES, activation='softmax', name='output_dense'),
        ]
    )
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    return Task(_trained(model, train, 30, loss), train, validation, test, loss)


def mnist_qkeras(data: Path) -> Task:
    """MLP 784-64-32-10 on MNIST in QKeras, 6 bit weights and activations."""
    from qkeras import QActivation, QDense, quantized_bits, quantized_relu
    from tensorflow import keras

    layers = keras.layers
    keras.utils.set_random_seed(_SEED)
    train, validation, test = _images('mnist.npz', data, (784,))
    model = keras.Sequential([layers.Input((784,))])
    for number, size in enumerate((64, 32, _CLASSES)):
        weights = quantized_bits(6, 0, alpha=1)
        model.add(QDense(size, kernel_quantizer=weights, bias_quantizer=weights, name=f'dense_{number}'))
        if size != _CLASSES:
            model.add(QActivation(quantized_relu(6, 2), name=f'relu_{number}'))
            model.add(layers.Dropout(0.1))
    model.add(layers.Activation('softmax', name='softmax'))
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    return Task(_trained(model, train, 40, loss), train, validation, test, loss)


def _resource(reuse_factor: int, model: Any, precision: str = PRECISION) -> dict[str, Any]:
    del model
    return {'Model': {'Precision': precision, 'Strategy': 'Resource', 'ReuseFactor': reuse_factor}}


def lenet_config(model: Any) -> dict[str, Any]:
    """Return the set-up of Ramhorst, Loncar and Constantinides: convolutions and output unrolled, dense RF 25 and 12."""
    latency = {'Strategy': 'Latency', 'ReuseFactor': 1}
    names: dict[str, Any] = {name: dict(latency) for name in ('conv_0', 'conv_1', 'output_dense')}
    for name, reuse_factor in (('dense_0', 25), ('dense_1', 12)):
        names[name] = {'Strategy': 'Resource', 'ReuseFactor': reuse_factor}
    return {**_resource(1, model, 'ap_fixed<18,8>'), 'LayerName': names}


def qkeras_config(model: Any) -> dict[str, Any]:
    """Return hls4ml's own configuration of a QKeras model, all layers Resource."""
    import hls4ml

    config = hls4ml.utils.config_from_keras_model(model, granularity='name', backend='Vitis')
    for layer in config['LayerName'].values():
        if 'weight' in layer.get('Precision', {}):
            layer.update(Strategy='Resource', ReuseFactor=8)
    return config


# Chosen by the validation metric of two taggers at RF 8.
_JETS = {
    'steps': 8,
    'epochs': 6,
    'regrowth_epochs': 2,
    'settling_steps': 6,
    'last_epochs': 30,
    'batch_size': 128,
    'samples': 16_000,
    'tolerance': 0.2,
}
_IMAGES = {'steps': 8, 'epochs': 6, 'last_epochs': 40, 'regrowth_epochs': 1, 'settling_steps': 0, 'tolerance': 0.05}
_OWN = 'own answers'
# Targets, reuse factor, share of the DSPs that is left, and points that may be lost.
_TAGGERS = (
    (_OWN, 2, 0.08, 1.0),
    (_OWN, 2, 0.05, 2.0),
    (_OWN, 4, 0.08, 1.0),
    (_OWN, 4, 0.05, 2.0),
    (_OWN, 8, 0.08, 1.5),
    ('labels of the data', 4, 0.08, 1.0),
)


def cases() -> dict[str, Case]:
    """Return all cases by name."""
    found = []
    for labels, reuse_factor, share, most in _TAGGERS:
        group = f'jet taggers, {labels}, RF {reuse_factor}, {share:.0%} of the DSPs'
        for name, file in NETWORKS.items():
            found.append(
                Case(
                    f'{group}: {name}',
                    group,
                    partial(jets, file, labels == _OWN),
                    partial(_resource, reuse_factor),
                    {'DSP': f'{share}x'},
                    most,
                    options=_JETS,
                )
            )
    found += [
        Case('lenet', 'lenet', lenet, lenet_config, {'DSP': '0.08x', 'BRAM': '0.15x'}, 1.0, 'io_stream', _IMAGES, 1e-3),
        Case('mnist qkeras', 'mnist qkeras', mnist_qkeras, qkeras_config, {'LUT': '0.17x'}, 0.5, options=_IMAGES),
    ]
    return {case.name: case for case in found}
