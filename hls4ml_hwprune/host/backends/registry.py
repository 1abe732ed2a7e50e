"""The back ends that have sparse firmware, by name."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.host.backends import vitis, vivado, vivado_accelerator
from hls4ml_hwprune.host.backends.base import Backend

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

#: In the order of `config.BACKENDS`.
REGISTERED: dict[str, Backend] = {room.BACKEND.name: room.BACKEND for room in (vivado, vitis, vivado_accelerator)}


def backend_of(model: 'ModelGraph') -> Backend:
    """Back end of a model's project, which was checked to be one of them."""
    return REGISTERED[model.config.backend.name]
