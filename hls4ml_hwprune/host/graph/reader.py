"""Reader of models: a `Layer` record of every node."""

from dataclasses import replace
from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import TensorVariable

from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.backends.target import read_target
from hls4ml_hwprune.host.families.registry import dense_class, family_of
from hls4ml_hwprune.host.graph.accelerator import read_wrapper
from hls4ml_hwprune.host.graph.eligibility import why_not_pruned
from hls4ml_hwprune.host.graph.fifos import fifos, producer
from hls4ml_hwprune.host.graph.sources import is_never_negative, source_of
from hls4ml_hwprune.host.node.kernels import output_bits
from hls4ml_hwprune.host.node.parameters import check_finite
from hls4ml_hwprune.plain import plain_record
from hls4ml_hwprune.records import Kernel, Layer, Operation

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def read_layers(model: 'ModelGraph') -> tuple[Layer, ...]:
    """Read all nodes of `model`, in graph order, and the interface that its back end builds around them.

    Parameters
    ----------
    model : ModelGraph
        Any hls4ml model of the Vivado family, before or after its types are converted, pruned or not.

    Returns
    -------
    tuple of Layer
        Layers with Python's own numbers, even where the frontend left other ones on the nodes.

    Raises
    ------
    ConfigError
        If weights of a layer are NaN or infinite.
    """
    return (*(read_layer(node) for node in model.get_layers()), *map(plain_record, read_wrapper(model)))


def read_layer(node: Node) -> Layer:
    """Read one node."""
    io_type = node.model.config.get_config_value('IOType')
    check_finite(node)
    parts = family_of(node).read(node)
    layer = Layer(
        name=node.name,
        kind=dense_class(node),
        io_type=io_type,
        inputs=tuple(source.name for name in node.inputs if (source := node.get_input_node(name)) is not None),
        kernels=tuple(_placed(kernel, node) for kernel in parts.kernels),
        memories=parts.memories + fifos(node),
        operations=tuple(_operation(operation, node) for operation in parts.operations),
        in_pixels=_pixels(producer(node, io_type)),
        out_pixels=_pixels(node.get_output_variable()),
        in_channels=_channels(node),
        target=read_target(node.model),
        repeats=parts.repeats,
        dimensions=parts.dimensions,
        gathers=parts.gathers,
        step_cycles=parts.step_cycles,
        skipped=why_not_pruned(node),
    )
    return plain_record(layer)


def _operation(operation: Operation, node: Node) -> Operation:
    """Add the width of the results, and ask whether the dialect of the back end can bind products to LUTs."""
    fabric = family_of(node).fabric
    bindable = operation.bindable and fabric is not None and fabric.in_dialect(backend_of(node.model).dialect) is not None
    return replace(operation, result_bits=output_bits(node), bindable=bindable)


def _placed(kernel: Kernel, node: Node) -> Kernel:
    """Add the facts of a kernel that follow from the layers before its own."""
    return replace(kernel, source=kernel.source or source_of(node), positive_inputs=is_never_negative(node))


def _channels(node: Node) -> int:
    return int(node.get_input_variable().shape[-1]) if node.inputs[0] in node.model.output_vars else 1


def _pixels(variable: TensorVariable | None) -> int:
    """Positions of a tensor: its elements without the last axis, the channels."""
    return 1 if variable is None else int(variable.size() // variable.shape[-1])
