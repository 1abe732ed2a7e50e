"""ONNX and QONNX networks: cleaned, with channels last and matrices in place of general products, as hls4ml reads them."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hls4ml_hwprune.cli.networks import Shape
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

KEY = 'OnnxModel'


def load(model: Path, weights: Path | None) -> Any:
    """Read a network.

    Raises
    ------
    ConfigError
        If the file holds no network, or the packages that read it are not installed.
    """
    if missing := [name for name in ('onnx', 'qonnx') if find_spec(name) is None]:
        raise ConfigError(f'{model}: .onnx files need {" and ".join(missing)}: pip install {" ".join(missing)}')
    wrapper = import_module('qonnx.core.modelwrapper').ModelWrapper
    cleanup = import_module('qonnx.util.cleanup').cleanup_model
    last = import_module('qonnx.transformation.channels_last').ConvertToChannelsLastAndClean
    products = import_module('qonnx.transformation.gemm_to_matmul').GemmToMatMul
    try:
        network = cleanup(wrapper(str(model)))
        if any(node.op_type == 'Conv' for node in network.graph.node):
            network = network.transform(last())
        return cleanup(network.transform(products()))
    except Exception as error:
        text = str(error).strip() or type(error).__name__
        raise ConfigError(f'{model}: no ONNX network that qonnx can read ({shown(text.splitlines()[0], 160)})') from error


def defaults(network: Any) -> dict[str, Any]:
    """Know no other defaults."""
    return {}


def configuration(network: Any, backend: str, model: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """Return an entry `HLSConfig`, with the types of its quantizers by layer."""
    from hls4ml.utils.config import config_from_onnx_model

    found: dict[str, Any] = config_from_onnx_model(
        network, granularity='name', backend=backend, default_precision=model['Precision']
    )
    for own in found.get('LayerName', {}).values():
        own.pop('ReuseFactor', None)
        own.pop('Strategy', None)
    found['Model'] |= {name: value for name, value in model.items() if name != 'Precision'}
    return found
