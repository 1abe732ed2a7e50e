"""FIFOs between the layers of a design, and the packs that pass through them."""

from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import TensorVariable

from hls4ml_hwprune.host.backends.target import read_target
from hls4ml_hwprune.host.families.base import Output
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.kernels import is_stream, width
from hls4ml_hwprune.records import Memory, Target

_PARALLEL_DEPTH = 2


def fifos(node: Node) -> tuple[Memory, ...]:
    """FIFOs of every output: of io_stream, and one of two words an element of io_parallel in dataflow style.

    In io_stream they are as deep as the pragma that hls4ml writes. Vitis HLS packs the elements into one, Vivado HLS gives
    each element its own (all FIFO tables of 18 designs). Inputs and outputs of the whole design are interfaces and have
    none, nor have layers that rename a stream. Before the types are converted the depth is the number of packs of one
    inference, as hls4ml will set it.
    """
    target = read_target(node.model)
    stream = is_stream(node)
    if not stream and not _is_dataflow(node):
        return ()
    found: list[Memory] = []
    for name, variable in node.variables.items():
        if name in node.model.outputs or name in node.model.inputs or family_of(node).output is Output.RENAMED:
            continue
        if stream:
            found += fifo(variable, target)
        else:
            found.append(Memory('fifo', _PARALLEL_DEPTH, width(variable.type.precision), int(variable.size())))
    return tuple(found)


def fifo(variable: TensorVariable, target: Target) -> tuple[Memory, ...]:
    """FIFO of one tensor of io_stream; Vivado HLS has one an element."""
    elements, bits = int(variable.shape[-1]), width(variable.type.precision)
    pragma = getattr(variable, 'pragma', None)
    depth = int(pragma[1] if isinstance(pragma, tuple) and pragma[0] == 'stream' else variable.size() // elements)
    return (Memory('fifo', depth, elements * bits) if target.facts.packs_streams else Memory('fifo', depth, bits, elements),)


def producer(node: Node, io_type: str) -> TensorVariable | None:
    """Tensor whose positions are the packs that a layer reads; None for the inputs of a design.

    A stream that was only flattened keeps the packs of the layer before: hls4ml makes it the same stream once it converts
    types, and repacks it where it is more than that.
    """
    if node.inputs[0] not in node.model.output_vars:
        return None
    tensor = node.inputs[0]
    while io_type == 'io_stream':
        before = node.get_input_node(tensor)
        if before is None or family_of(before).output is not Output.RENAMED or len(before.get_output_variable().shape) > 1:
            break
        if before.inputs[0] not in node.model.output_vars:
            break
        node, tensor = before, before.inputs[0]
    return node.get_input_variable(tensor)


def _is_dataflow(node: Node) -> bool:
    """Whether the layers of an io_parallel design run at the same time, by the rule of hls4ml's `set_pipeline_style`.

    That pass comes after pruning, and both must see the same design.
    """
    model = node.model
    style = str(model.config.pipeline_style or 'auto').lower()
    if style != 'auto':
        return style == 'dataflow'
    if any(layer.get_attr('n_partitions', 1) != 1 for layer in model.get_layers()):
        return True
    return any(model.config.is_resource_strategy(layer) for layer in model.get_layers())
