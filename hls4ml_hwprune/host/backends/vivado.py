"""The back end Vivado: Vivado HLS."""

from hls4ml_hwprune.host.backends.base import Backend
from hls4ml_hwprune.tools import VIVADO_HLS

BACKEND = Backend('Vivado', VIVADO_HLS, turns_merged=True)
