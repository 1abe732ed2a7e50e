"""The back end Vitis: Vitis HLS."""

from hls4ml_hwprune.host.backends.base import Backend
from hls4ml_hwprune.tools import VITIS_HLS

BACKEND = Backend('Vitis', VITIS_HLS)
