"""A back end of hls4ml: tool, part, and surroundings of the network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hls4ml.model.layers import Layer as Node

#: Dialects of the sparse kernels: C++ for Vivado HLS and Vitis HLS with ap_types, and for Intel HLS with ac_types.
VIVADO, QUARTUS = 'vivado', 'quartus'


def configured_part(config: Mapping[str, Any]) -> str:
    """Part that the key `Part` of a project names."""
    return str(config.get('Part') or '')


def pixels_of_partition(node: 'Node') -> int:
    """Output positions of an io_parallel convolution that are calculated side by side: those of one partition."""
    positions = int(node.get_attr('out_height', 1) * node.get_attr('out_width'))
    return positions // int(node.get_attr('n_partitions', 1))


@dataclass(frozen=True)
class Backend:
    """Facts of one back end.

    Attributes
    ----------
    name : str
        As hls4ml spells it.
    tool : str
        Name of the HLS tool that builds its projects.
    part : callable
        From the configuration of a project to the part.
    part_key : str
        Key of the configuration that names the part.
    wraps_axi : bool
        Whether the network stands within an AXI interface.
    turns_merged : bool
        Whether hls4ml transposes the weights of convolutions that are merged with a batch normalisation when it makes them.
    pads_weights : bool
        Whether hls4ml pads the weights of large dense layers, and cuts some off where the reuse factor does not divide them.
    stages : str
        Prefix of the flows `optimize` and `specific_types` that its own flow goes through.
    dialect : str
        Dialect of its sparse kernels.
    copies : callable
        From an io_parallel convolution to the output positions that are calculated side by side.
    window_limit : bool
        Whether its own io_parallel convolutions fail for reuse factors above window x channels.
    most_weights : int, optional
        Weights of a convolution with a reuse factor above 1 that hls4ml can write at most; None where there is no limit.
    strategy : str
        Strategy of all its kernels, whatever is configured; '' where they have that of the configuration.
    own_recurrence : bool
        Whether recurrent layers have templates of Quartus: a simple one too, and but for a GRU all weights at once.
    leaves_out : bool
        Whether layers without a template are left out of projects, and no family names them.
    simulated : bool
        Whether compiled firmware reads its weights from files, so that it can run with others.
    """

    name: str
    tool: str
    part: Callable[[Mapping[str, Any]], str] = configured_part
    part_key: str = 'Part'
    wraps_axi: bool = False
    turns_merged: bool = False
    pads_weights: bool = False
    stages: str = 'vivado'
    dialect: str = VIVADO
    copies: Callable[['Node'], int] = pixels_of_partition
    window_limit: bool = True
    most_weights: int | None = None
    strategy: str = ''
    own_recurrence: bool = False
    leaves_out: bool = False
    simulated: bool = True

    @property
    def optimize_flow(self) -> str:
        """Flow of hls4ml after which nodes and precisions are final."""
        return f'{self.stages}:optimize'

    @property
    def types_flow(self) -> str:
        """Flow of hls4ml that converts types and transposes weights."""
        return f'{self.stages}:specific_types'
