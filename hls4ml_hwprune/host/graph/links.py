"""Links between nodes: the sources of each node's inputs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls4ml_hwprune.host.families.base import Output
from hls4ml_hwprune.host.families.registry import family_of

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


@dataclass(frozen=True)
class Links:
    """Nodes that a node reads.

    Attributes
    ----------
    sources : tuple of str
        Their names, in the order of the inputs.
    plain : bool
        Whether it reads only outputs that are known under the names of their nodes, and no second output of any.
    """

    sources: tuple[str, ...]
    plain: bool


def read_links(model: 'ModelGraph') -> dict[str, Links]:
    """Links of every node by its name."""
    producers = {output: node for node in model.get_layers() for output in node.outputs}
    found = {}
    for node in model.get_layers():
        # hls4ml says that an input of the network reads the layer before it in the list of layers.
        names = () if family_of(node).is_input else tuple(node.inputs)
        sources = [producers[name] for name in names if name in producers]
        first = {
            name
            for source in sources
            # Outputs of a layer that copies are the same; those of other layers with several outputs are not.
            for name in (source.outputs if family_of(source).output is Output.COPIED else source.outputs[:1])
        }
        found[node.name] = Links(tuple(source.name for source in sources), first.issuperset(names))
    return found
