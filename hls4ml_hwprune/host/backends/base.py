"""A back end of hls4ml: tool, part, and surroundings of the network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


def configured_part(config: Mapping[str, Any]) -> str:
    """Part that the key `Part` of a project names."""
    return str(config.get('Part') or '')


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
    """

    name: str
    tool: str
    part: Callable[[Mapping[str, Any]], str] = configured_part
    part_key: str = 'Part'
    wraps_axi: bool = False
    turns_merged: bool = False
