"""The back ends that have sparse firmware, by name."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.host.backends import quartus, vitis, vitis_unified, vivado, vivado_accelerator
from hls4ml_hwprune.host.backends.base import Backend

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_ALL = (
    vivado.BACKEND,
    vitis.BACKEND,
    vivado_accelerator.BACKEND,
    quartus.BACKEND,
    vitis_unified.BACKEND,
    vitis_unified.PARTIAL,
)
#: In the order of `config.BACKENDS`, and then of `config.LATER_BACKENDS`.
REGISTERED: dict[str, Backend] = {backend.name: backend for backend in _ALL}


def backend_of(model: 'ModelGraph') -> Backend:
    """Back end of a model's project, which was checked to be one of them."""
    return REGISTERED[model.config.backend.name]
