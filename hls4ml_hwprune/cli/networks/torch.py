"""PyTorch networks: whole modules, saved by `torch.save(model, file)`."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hls4ml_hwprune.cli.networks import Shape
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

KEY = 'PytorchModel'


def load(model: Path, weights: Path | None) -> Any:
    """Read a module; its class must be importable, and code in the file runs.

    Raises
    ------
    ConfigError
        If the file holds no module, or PyTorch is not installed.
    """
    if find_spec('torch') is None:
        raise ConfigError(f'{model}: .pt files need PyTorch: pip install torch')
    torch = import_module('torch')
    try:
        found = torch.load(model, map_location='cpu', weights_only=False)
    except Exception as error:
        text = str(error).strip() or type(error).__name__
        raise ConfigError(f'{model}: no PyTorch module ({shown(text.splitlines()[0], 160)})') from error
    if not isinstance(found, torch.nn.Module):
        raise ConfigError(
            f'{model}: a {type(found).__name__}, not a module; save the whole of it by torch.save(model, file)'
        )
    return found.eval()


def defaults(network: Any) -> dict[str, Any]:
    """Know no other defaults."""
    return {}


def configuration(network: Any, backend: str, model: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """Return an entry `HLSConfig` for inputs of `shape`.

    Raises
    ------
    ConfigError
        If the shape is not given.
    """
    from hls4ml.utils.config import config_from_pytorch_model

    if shape is None:
        raise ConfigError(
            '--input-shape: a PyTorch module does not know the shape of its input; give it, such as 16 or 3,32,32'
        )
    found: dict[str, Any] = config_from_pytorch_model(network, shape, backend=backend, default_precision=model['Precision'])
    found['Model'] |= {name: value for name, value in model.items() if name != 'Precision'}
    return found
