"""Keras networks: .h5, .keras and .json files of Keras 2 and 3, QKeras, HGQ and HGQ2."""

import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hls4ml_hwprune.cli.networks import Shape
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

KEY = 'KerasModel'
# Classes of layers by the module of their package, and the package to install.
_LIBRARIES = {'qkeras': 'hls4ml_hwprune[qkeras]', 'HGQ': 'HGQ', 'hgq': 'HGQ2'}


def load(model: Path, weights: Path | None) -> Any:
    """Read a network, with the layers of the libraries that are installed.

    Raises
    ------
    ConfigError
        If the file holds no network, or layers of a library that is not installed.
    """
    keras = _keras()
    known = _known_layers()
    try:
        with warnings.catch_warnings():
            # QKeras calls functions of Keras in a way that later versions warn of.
            warnings.simplefilter('ignore')
            network = _loaded(keras, known, model, weights)
    except Exception as error:
        raise ConfigError(_reason(model, error)) from error
    _check_proxy(model, network)
    return network


def _check_proxy(model: Path, network: Any) -> None:
    """Refuse networks of HGQ v1 as they are trained, whose types follow from data that the file does not have."""
    if any(type(layer).__module__.startswith('HGQ.layers') for layer in network.layers):
        raise ConfigError(
            f'{model}: a network of HGQ as it is trained; save its proxy instead: HGQ.trace_minmax(model, inputs), then '
            'HGQ.proxy.to_proxy_model(model).save(file)'
        )


def _loaded(keras: Any, known: dict[str, Any], model: Path, weights: Path | None) -> Any:
    if model.suffix.lower() != '.json':
        return keras.models.load_model(model, custom_objects=known, compile=False)
    network = keras.models.model_from_json(model.read_text('utf-8'), custom_objects=known)
    network.load_weights(weights)
    return network


def _keras() -> Any:
    if find_spec('keras') is None:
        raise ConfigError('Keras files need Keras: pip install "hls4ml_hwprune[qkeras]", or Keras 3')
    return import_module('keras')


def _known_layers() -> dict[str, Any]:
    """Return the classes of QKeras and HGQ, which Keras asks for by name; those of HGQ2 register themselves."""
    known: dict[str, Any] = {}
    if (quantized := _imported('qkeras.utils')) is not None:
        quantized._add_supported_quantized_objects(known)
    for name in ('HGQ.layers', 'HGQ.proxy'):
        module = _imported(name)
        known |= {cls: getattr(module, cls) for cls in dir(module) if cls[0].isupper()} if module is not None else {}
    _imported('hgq.layers')
    return known


def _imported(name: str) -> Any:
    """Import a module; None where it is not installed, or not for this version of Keras."""
    try:
        return import_module(name)
    except ImportError:
        return None


def _reason(model: Path, error: Exception) -> str:
    """Return the reason for which a file was not read, in one line."""
    text = str(error).strip() or type(error).__name__
    if 'No model config found' in text or 'model_config' in text:
        return f'{model}: weights without an architecture; give the .json file, and these as --weights'
    if 'Unknown layer' in text or 'Could not locate class' in text or 'Unknown object' in text:
        needed = [package for name, package in _LIBRARIES.items() if find_spec(name) is None]
        return f'{model}: {shown(text.splitlines()[0], 120)}; layers of other libraries need {" or ".join(needed)} installed'
    return f'{model}: no Keras network ({shown(text.splitlines()[0], 160)})'


def defaults(network: Any) -> dict[str, Any]:
    """Return the strategy of networks whose weights have bit widths of their own, which are constants."""
    return {'Strategy': 'Latency', 'ReuseFactor': 1} if _libraries(network) & {'HGQ', 'hgq'} else {}


def configuration(network: Any, backend: str, model: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """Return an entry `HLSConfig`: types by layer for networks with quantizers, else one block."""
    if not _libraries(network):
        return {'Model': model}
    from hls4ml.utils.config import config_from_keras_model

    found: dict[str, Any] = config_from_keras_model(network, granularity='name', backend=backend)
    for own in found.get('LayerName', {}).values():
        own.pop('ReuseFactor', None)
        own.pop('Strategy', None)
    found['Model'] |= model | ({'Precision': {'default': model['Precision']}} if isinstance(model['Precision'], str) else {})
    return found


def _libraries(network: Any) -> set[str]:
    """Names of the libraries of a network's layers that have quantizers."""
    return {type(layer).__module__.split('.')[0] for layer in network.layers} & set(_LIBRARIES)
