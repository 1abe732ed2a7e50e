"""The back end Quartus: Intel HLS, which has the Resource strategy alone and no reports behind figures."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.host.backends.base import QUARTUS, Backend
from hls4ml_hwprune.tools import INTEL_HLS

if TYPE_CHECKING:
    from hls4ml.model.layers import Layer as Node


def _unrolled_pixels(node: 'Node') -> int:
    """Output positions by the unroll factors of hls4ml's loops: columns first, then rows of whole columns."""
    factor, width = int(node.get_attr('parallelization', 1)), int(node.get_attr('out_width'))
    columns = min(factor, width)
    return columns * min(factor // columns, int(node.get_attr('out_height', 1)))


BACKEND = Backend(
    'Quartus',
    INTEL_HLS,
    pads_weights=True,
    stages='quartus',
    dialect=QUARTUS,
    copies=_unrolled_pixels,
    window_limit=False,
    # Beyond that its writer asks for the banks of a memory, by sizes that convolutions do not have.
    most_weights=2048,
    strategy='resource',
    own_recurrence=True,
    leaves_out=True,
    simulated=False,
)
