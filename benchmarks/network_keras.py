"""Networks of Keras 2, trained here: recurrent and two-input taggers, an autoencoder, a separable and a residual CNN."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from benchmarks.bench_compile import PART, PRECISION
from benchmarks.network_cases import NetworkCase, Trained, config_of
from benchmarks.network_data import N_CONSTITUENTS, N_FEATURES, SEED, Data, constituents, images, jets
from benchmarks.trained import N_CLASSES

NEEDS = ('tensorflow',)
_BATCH = 128
_RATE = 3e-3
_N_JET, _N_JET_CLASSES = 16, 5
#: Batch normalisation is fused only into layers whose result type hls4ml may infer.
FUSED = {'default': PRECISION, 'result': 'auto', 'maximum': PRECISION}
# What an autoencoder passes through.
_LATENT = 6
STREAMED, PARALLEL = 'io_stream', 'io_parallel'


def keras() -> Any:
    """Keras 2, on one thread and with a seed, so that training gives the same weights again."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.keras.utils.set_random_seed(SEED)
    return tf.keras


def converter(model: Any, io_type: str) -> Callable[[dict[str, Any], Path], Any]:
    """Conversion of a Keras model for Vitis."""

    def convert(config: dict[str, Any], folder: Path) -> Any:
        from hls4ml.converters import convert_from_keras_model

        options = {'backend': 'Vitis', 'io_type': io_type, 'part': PART, 'output_dir': str(folder)}
        return convert_from_keras_model(model, hls_config=config, **options)

    return convert


def scores_of(model: Any, x: tuple[NDArray[Any], ...]) -> tuple[NDArray[Any], ...]:
    """Answers of a Keras model, an array for each output."""
    found = model.predict(x[0] if len(x) == 1 else list(x), verbose=0)
    return tuple(found) if isinstance(found, list) else (found,)


def fitted(model: Any, x: Any, y: Any, epochs: int, losses: Any = 'categorical_crossentropy') -> Any:
    """Train a Keras model, at a rate that falls to zero."""
    from tensorflow.keras.optimizers import legacy, schedules

    n = len(x[0] if isinstance(x, list) else x)
    model.compile(legacy.Adam(schedules.CosineDecay(_RATE, epochs * -(-n // _BATCH))), losses)
    model.fit(x, y, batch_size=_BATCH, epochs=epochs, verbose=0)
    return model


def _classifier(model: Any, data: Data, config: dict[str, Any], io_type: str, epochs: int) -> Trained:
    """Train a classifier of one input."""
    fitted(model, data.x, data.y, epochs)
    x = (data.x_test,)
    return Trained(converter(model, io_type), config, (data.calibration,), x, (data.y_test,), scores_of(model, x))


def top_tagger(cell: str, data: Path, folder: Path) -> Trained:
    """GRU or LSTM on sequences of constituents, and two dense layers."""
    k = keras()
    inputs = k.layers.Input((N_CONSTITUENTS, N_FEATURES))
    states = getattr(k.layers, cell)(20, name='cell')(inputs)
    hidden = k.layers.Dense(32, activation='relu', name='hidden')(states)
    model = k.Model(inputs, k.layers.Dense(2, activation='softmax', name='output')(hidden))
    return _classifier(model, constituents(), config_of(PRECISION, 4), PARALLEL, 6)


def two_inputs(data: Path, folder: Path) -> Trained:
    """Jet tagger with a branch for each half of the features."""
    k, found = keras(), jets(data)
    half = _N_JET // 2
    ends = [k.layers.Input((half,), name=name) for name in ('first', 'second')]
    branches = [k.layers.Dense(32, activation='relu', name=f'{end.name}_branch')(end) for end in ends]
    joined = k.layers.Dense(32, activation='relu', name='joined')(k.layers.Concatenate(name='both')(branches))
    model = k.Model(ends, k.layers.Dense(_N_JET_CLASSES, activation='softmax', name='output')(joined))
    x, calibration, test = ((x[:, :half], x[:, half:]) for x in (found.x, found.calibration, found.x_test))
    fitted(model, list(x), found.y, 6)
    scores = scores_of(model, test)
    return Trained(converter(model, PARALLEL), config_of(PRECISION, 4), calibration, test, (found.y_test,), scores)


def autoencoder(data: Path, folder: Path) -> Trained:
    """Autoencoder of jets that also puts them into classes: its outputs are the features again, and scores."""
    k, found = keras(), jets(data)
    inputs = k.layers.Input((_N_JET,))
    encoded = k.layers.Dense(32, activation='relu', name='encoder')(inputs)
    code = k.layers.Dense(_LATENT, activation='relu', name='code')(encoded)
    decoded = k.layers.Dense(32, activation='relu', name='decoder')(code)
    features = k.layers.Dense(_N_JET, name='features')(decoded)
    hidden = k.layers.Dense(16, activation='relu', name='hidden')(code)
    classes = k.layers.Dense(_N_JET_CLASSES, activation='softmax', name='classes')(hidden)
    model = k.Model(inputs, [features, classes])
    fitted(model, found.x, [found.x, found.y], 6, ['mse', 'categorical_crossentropy'])
    x = (found.x_test,)
    targets = (found.x_test, found.y_test)
    convert = converter(model, PARALLEL)
    return Trained(convert, config_of(PRECISION, 4), (found.calibration,), x, targets, scores_of(model, x))


def separable_cnn(data: Path, folder: Path) -> Trained:
    """Depthwise-separable CNN, as those of MLPerf Tiny, on Fashion-MNIST."""
    k = keras()
    inputs = hidden = k.layers.Input((28, 28, 1))
    hidden = k.layers.Conv2D(16, 3, strides=2, use_bias=False, name='stem')(hidden)
    hidden = _normalised(k, hidden, 'stem')
    for number, (n_filt, stride) in enumerate(((16, 1), (32, 2), (32, 1))):
        name = f'block_{number}'
        hidden = k.layers.SeparableConv2D(n_filt, 3, strides=stride, use_bias=False, name=name)(hidden)
        hidden = _normalised(k, hidden, name)
    pooled = k.layers.GlobalAveragePooling2D(name='pool')(hidden)
    model = k.Model(inputs, k.layers.Dense(N_CLASSES, activation='softmax', name='output')(pooled))
    return _classifier(model, images(data), config_of(FUSED, 4), STREAMED, 12)


def residual_cnn(data: Path, folder: Path) -> Trained:
    """CNN with two residual blocks, one of them with a convolution in its skip connection, on Fashion-MNIST."""
    k = keras()
    inputs = k.layers.Input((28, 28, 1))
    stem = k.layers.Conv2D(8, 3, strides=2, padding='same', use_bias=False, name='stem')(inputs)
    hidden = _block(k, _normalised(k, stem, 'stem'), 8, 1, 'first')
    hidden = _block(k, hidden, 16, 2, 'second')
    pooled = k.layers.GlobalAveragePooling2D(name='pool')(hidden)
    model = k.Model(inputs, k.layers.Dense(N_CLASSES, activation='softmax', name='output')(pooled))
    return _classifier(model, images(data), config_of(FUSED, 8), STREAMED, 8)


def _block(k: Any, inputs: Any, n_filt: int, stride: int, name: str) -> Any:
    """Two convolutions beside a skip connection."""
    options = {'padding': 'same', 'use_bias': False}
    hidden = k.layers.Conv2D(n_filt, 3, strides=stride, name=f'{name}_0', **options)(inputs)
    hidden = k.layers.Conv2D(n_filt, 3, name=f'{name}_1', **options)(_normalised(k, hidden, f'{name}_0'))
    hidden = k.layers.BatchNormalization(name=f'{name}_1_norm')(hidden)
    skip = inputs if stride == 1 else k.layers.Conv2D(n_filt, 1, strides=stride, name=f'{name}_skip')(inputs)
    return k.layers.Activation('relu', name=f'{name}_relu')(k.layers.Add(name=f'{name}_add')([hidden, skip]))


def _normalised(k: Any, hidden: Any, name: str) -> Any:
    hidden = k.layers.BatchNormalization(name=f'{name}_norm')(hidden)
    return k.layers.Activation('relu', name=f'{name}_relu')(hidden)


CASES = (
    NetworkCase('top tagger, GRU', NEEDS, partial(top_tagger, 'GRU')),
    NetworkCase('top tagger, LSTM', NEEDS, partial(top_tagger, 'LSTM')),
    NetworkCase('jets, two inputs', NEEDS, two_inputs),
    NetworkCase('jets, autoencoder', NEEDS, autoencoder),
    NetworkCase('images, separable CNN', NEEDS, separable_cnn),
    NetworkCase('images, residual CNN', NEEDS, residual_cnn),
)
