"""Which node reads the values of which others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Its outputs are copies of one another; those of other nodes with several outputs are not.
_COPIES = 'Clone'


@dataclass(frozen=True)
class Links:
    """Nodes that a node reads.

    Attributes
    ----------
    sources : tuple of str
        Their names, in the order of the inputs.
    plain : bool
        Whether it reads only what is known under their names, not the second output of any of them.
    """

    sources: tuple[str, ...]
    plain: bool


def read_links(model: 'ModelGraph') -> dict[str, Links]:
    """Links of every node by its name."""
    producers = {output: node for node in model.get_layers() for output in node.outputs}
    found = {}
    for node in model.get_layers():
        # hls4ml says that an input of the network reads whatever stands before it in the list of layers.
        names = () if node.class_name == 'Input' else tuple(node.inputs)
        sources = [producers[name] for name in names if name in producers]
        first = {
            name for source in sources for name in (source.outputs if source.class_name == _COPIES else source.outputs[:1])
        }
        found[node.name] = Links(tuple(source.name for source in sources), first.issuperset(names))
    return found
