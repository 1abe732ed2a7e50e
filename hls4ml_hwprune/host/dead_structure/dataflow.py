"""The dataflow of a model by channels: which of them go together, which are constant, and what kernels read of them."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import FixedPrecisionType, PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.dead_structure.folding import Folding, fold
from hls4ml_hwprune.host.families.passing import passed_on
from hls4ml_hwprune.host.node import constants
from hls4ml_hwprune.host.node.tensors import Tensor, channels_of
from hls4ml_hwprune.host.node.weights import weight_matrix
from hls4ml_hwprune.records import PRUNABLE
from hls4ml_hwprune.wiring import KernelLink, Link, Wiring

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph
    from networkx import Graph

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """What a kernel reads.

    Attributes
    ----------
    layer, source, output : str
        Name of the node, and of the tensors that it reads and makes; channel j of the output is row j of the kernel.
    channel : ndarray of int, shape (n_in,)
        Channel of the source that each input of the kernel belongs to.
    folding : Folding
        Which inputs are constants that the bias can take over.
    """

    layer: str
    source: str
    output: str
    channel: NDArray[np.int64] = field(repr=False)
    folding: Folding = field(repr=False)


@dataclass(frozen=True)
class Dataflow:
    """Tensors and kernels of a model.

    Attributes
    ----------
    tensors : dict of str to Tensor
        By name, in graph order.
    together : networkx.Graph
        Channels as (tensor, number); those that are connected are removed together or not at all.
    fixed : dict of str to str
        Tensors of which every channel must stay, and why.
    readings : dict of str to Reading
        By layer.
    links : list of Link or KernelLink
        Which channels depend on which.
    """

    tensors: dict[str, Tensor]
    together: 'Graph' = field(repr=False)
    fixed: dict[str, str]
    readings: dict[str, Reading] = field(repr=False)
    links: list[Link | KernelLink] = field(default_factory=list, repr=False)


def read_dataflow(model: 'ModelGraph', kernels: Collection[str]) -> Dataflow:
    """Follow the channels of a model whose types are not converted yet.

    Parameters
    ----------
    model : ModelGraph
    kernels : collection of str
        Layers that can lose inputs and outputs; all others with a kernel stay as they are.
    """
    import networkx

    flow = Dataflow({}, networkx.Graph(), {}, {})
    for node in model.get_layers():
        _follow(flow, node, node.name in kernels)
    for name in model.outputs:
        flow.fixed[name] = 'an output of the network'
    return flow


def read_wiring(model: 'ModelGraph', kernels: Collection[str]) -> Wiring:
    """Read the links between the channels of a model whose types are not converted yet.

    Parameters
    ----------
    model : ModelGraph
    kernels : collection of str
        Layers of which plans say what they keep.
    """
    flow = read_dataflow(model, [name for name in kernels if name in model.graph])
    sizes = {name: tensor.n_channels for name, tensor in flow.tensors.items()}
    return Wiring(sizes, tuple(flow.links), tuple(model.inputs), tuple(model.outputs))


def _follow(flow: Dataflow, node: Node, shrinkable: bool) -> None:
    """Add a node whose sources are known."""
    names = [name for name in node.inputs if name in flow.tensors]
    sources = [flow.tensors[name] for name in names]
    if sources and node.class_name.removeprefix('Sparse') in PRUNABLE:
        flow.links.append(_kernel_link(node, sources[0], shrinkable))
    if shrinkable and (reading := _reading(node, sources[0])) is not None:
        made = channels_of(tuple(node.get_output_variable().shape), reading.folding.outputs)
        _add(flow, node, made, (), node.get_attr('accum_t').precision)
        flow.readings[node.name] = reading
    elif sources and (passed := passed_on(node, sources)) is not None:
        tensor, first = passed
        _add(flow, node, tensor, tuple(zip(names, sources, first, strict=True)))
    else:
        reason = f'{node.name} ({node.class_name}) cannot lose channels'
        flow.fixed.update(dict.fromkeys([*names, *node.outputs], reason))
        _add(flow, node, None, ())
        if node.class_name.removeprefix('Sparse') not in PRUNABLE:
            flow.links.extend(_mixing_link(node, source, name) for source in names for name in node.outputs)


def _add(
    flow: Dataflow,
    node: Node,
    tensor: Tensor | None,
    sources: tuple[tuple[str, Tensor, int], ...],
    precision: PrecisionType | None = None,
) -> None:
    """Add the outputs of a node, joined to its `sources`: name, tensor, and the output's channel that is their first.

    `precision` is the type that the elements of `tensor` have before they are assigned to the output, if that is known.
    """
    for name in node.outputs:
        variable = node.get_output_variable(name)
        made = channels_of(tuple(variable.shape)) if tensor is None else tensor
        flow.tensors[name] = replace(made, value=constants.assigned(made.value, variable.type.precision, precision))
        flow.together.add_nodes_from((name, channel) for channel in range(made.n_channels))
        for source, read, first in sources:
            channels = np.arange(read.n_channels)
            flow.links.append(Link(source, name, np.stack([channels, first + channels], axis=1)))
            pairs = (((source, channel), (name, first + channel)) for channel in channels.tolist())
            flow.together.add_edges_from(pairs)


def _mixing_link(node: Node, source: str, output: str) -> Link:
    """Link all channels, unless each has a kernel of its own."""
    if not node.class_name.startswith('Depthwise') or node.get_attr('data_format') == 'channels_first':
        return Link(source, output)
    n_out, n_chan = int(node.get_output_variable(output).shape[-1]), int(node.get_attr('n_chan'))
    return Link(source, output, np.stack([np.arange(n_out) * n_chan // n_out, np.arange(n_out)], axis=1))


def _kernel_link(node: Node, source: Tensor, planned: bool) -> KernelLink:
    n_out = int(node.get_output_variable().shape[-1])
    n_in = int(np.size(node.weights['weight'].data)) // n_out
    live = np.ones((n_out, n_in), bool) if planned else weight_matrix(node, n_in, n_out) != 0
    return KernelLink(node.name, node.inputs[0], node.outputs[0], _channels_read(node, source), live)


def _channels_read(node: Node, source: Tensor) -> NDArray[np.int64] | None:
    """Channel of `source` that each input of a kernel belongs to; None if they are not in the usual order."""
    if 'Conv' not in node.class_name:
        return source.channel if source.channel.size == node.get_attr('n_in') else None
    n_chan, window = node.get_attr('n_chan'), node.get_attr('filt_height', 1) * node.get_attr('filt_width')
    if not source.channels_last or n_chan != source.n_channels or node.get_attr('data_format') == 'channels_first':
        return None
    return np.tile(np.arange(n_chan), window)


def _reading(node: Node, source: Tensor) -> Reading | None:
    """Read a kernel; None if its inputs are not the channels of `source` in the usual order."""
    channel = _channels_read(node, source)
    if channel is None or _counts_bits(node):
        return None
    values = source.value
    if 'Conv' in node.class_name:
        values = source.channel_values()[channel]
        if any(node.get_attr(f'pad_{side}', 0) for side in ('top', 'bottom', 'left', 'right')):
            # At the border a window sees zeros.
            values = np.where(values == 0, 0.0, np.nan)
    return Reading(node.name, node.inputs[0], node.outputs[0], channel, fold(node, values))


def _counts_bits(node: Node) -> bool:
    """Whether inputs and weights are `ap_uint<1>`: `nnet::cast` takes them for signs, and subtracts the number of inputs."""
    types = (node.get_input_variable().type.precision, node.weights['weight'].type.precision)
    return all(found.width == 1 and not found.signed and not isinstance(found, FixedPrecisionType) for found in types)
