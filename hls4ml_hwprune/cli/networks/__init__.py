"""Networks of each frontend: read from their files, and configured for hls4ml."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

#: Shape of a network's input without the batch; None where it is not given.
Shape = tuple[int, ...] | None


class Frontend(Protocol):
    """Module of a frontend."""

    #: Key of hls4ml's configuration that the network goes by.
    KEY: str

    def load(self, model: Path, weights: Path | None) -> Any:
        """Read a network from its files."""

    def defaults(self, network: Any) -> dict[str, Any]:
        """Return keys of hls4ml's block that differ from the usual ones for a network."""

    def configuration(self, network: Any, backend: str, model: dict[str, Any], shape: Shape) -> dict[str, Any]:
        """Return an entry `HLSConfig` for a network, `model` its block for the whole network."""


def frontend_of(name: str) -> Frontend:
    """Import the module of a frontend: 'keras', 'onnx' or 'torch'."""
    found: Any = import_module(f'hls4ml_hwprune.cli.networks.{name}')
    return found
