"""FIFOs between the layers of an io_stream design."""

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.ir.parts import width
from hls4ml_hwprune.records import Memory


def fifos(node: Node) -> tuple[Memory, ...]:
    """One FIFO an output: as deep as the pragma that hls4ml writes, as wide as the packed elements.

    Outputs of the whole design are interfaces and have none. Before the types are converted the depth is the number of
    packs of one inference, which is what hls4ml will set.
    """
    found = []
    for name, variable in node.variables.items():
        if name in node.model.outputs:
            continue
        elements = variable.shape[-1]
        pragma = getattr(variable, 'pragma', None)
        depth = pragma[1] if isinstance(pragma, tuple) and pragma[0] == 'stream' else variable.size() // elements
        found.append(Memory('fifo', int(depth), int(elements) * width(variable.type.precision)))
    return tuple(found)
