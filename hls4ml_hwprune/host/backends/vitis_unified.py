"""The back ends VitisUnified and VitisUnifiedPartial of later versions of hls4ml: Vitis, and a platform around the network.

Estimates are of the network alone, without the interface to the platform.
"""

from hls4ml_hwprune.host.backends.base import Backend
from hls4ml_hwprune.tools import VITIS_HLS

BACKEND = Backend('VitisUnified', VITIS_HLS)
PARTIAL = Backend('VitisUnifiedPartial', VITIS_HLS)
