"""Dataflow of a model by channels: joined channels, constant channels, and channels that kernels read."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import FixedPrecisionType, PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.dead_structure.folding import Folding, fold
from hls4ml_hwprune.host.families.base import MatrixRule
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node import constants
from hls4ml_hwprune.host.node.tensors import Tensor, channels_of
from hls4ml_hwprune.host.node.weights import weight_matrix
from hls4ml_hwprune.records import KernelKey, per_channel_mask
from hls4ml_hwprune.wiring import KernelLink, Link, Wiring

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph
    from networkx import Graph

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """Inputs of a kernel, as channels.

    Attributes
    ----------
    kernel : KernelKey
    source, output : str
        Tensors that its layer reads and makes; channel j of the output is row j of the kernel.
    channel : ndarray of int, shape (n_in,)
        Channel of the source that each input of the kernel belongs to.
    folding : Folding
        Constant inputs, which the bias can take over.
    """

    kernel: KernelKey
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
        Channels as (tensor, number); connected channels are removed together or not at all.
    fixed : dict of str to str
        Tensors whose channels must all stay, and the reason.
    readings : dict of KernelKey to Reading
    links : list of Link or KernelLink
        Dependences between channels.
    products : dict of str to int
        Number of products of kernels within layers, which are no tensors of the model, by name.
    """

    tensors: dict[str, Tensor]
    together: 'Graph' = field(repr=False)
    fixed: dict[str, str]
    readings: dict[KernelKey, Reading] = field(repr=False)
    links: list[Link | KernelLink] = field(default_factory=list, repr=False)
    products: dict[str, int] = field(default_factory=dict)


def read_dataflow(model: 'ModelGraph', kernels: Collection[KernelKey]) -> Dataflow:
    """Follow the channels of a model whose types are not converted yet.

    Parameters
    ----------
    model : ModelGraph
    kernels : collection of KernelKey
        Kernels that can lose inputs and outputs; all others stay as they are.
    """
    import networkx

    flow = Dataflow({}, networkx.Graph(), {}, {})
    for node in model.get_layers():
        _follow(flow, node, kernels)
    for name in model.outputs:
        flow.fixed[name] = 'an output of the network'
    return flow


def read_wiring(model: 'ModelGraph', kernels: Collection[KernelKey]) -> Wiring:
    """Read the links between the channels of a model whose types are not converted yet.

    Parameters
    ----------
    model : ModelGraph
    kernels : collection of KernelKey
        Kernels whose weights plans select.
    """
    flow = read_dataflow(model, [key for key in kernels if key.layer in model.graph])
    sizes = {name: tensor.n_channels for name, tensor in flow.tensors.items()} | flow.products
    return Wiring(sizes, tuple(flow.links), tuple(model.inputs), tuple(model.outputs))


def _follow(flow: Dataflow, node: Node, kernels: Collection[KernelKey]) -> None:
    """Add a node whose sources are known."""
    names = [name for name in node.inputs if name in flow.tensors]
    sources = [flow.tensors[name] for name in names]
    family = family_of(node)
    matrix = family.matrix if sources and family.sparse is not None else None
    if matrix is not None:
        flow.links.extend(_kernel_links(node, matrix, sources[0], kernels))
    if matrix is not None and (reading := _reading(node, matrix, sources[0], kernels)) is not None:
        made = channels_of(tuple(node.get_output_variable().shape), reading.folding.outputs)
        _add(flow, node, made, (), node.get_attr('accum_t').precision)
        flow.readings[reading.kernel] = reading
    elif sources and (tensor := _passed_on(node, sources)) is not None:
        assert family.channels is not None
        first = (0, sources[0].n_channels) if family.channels.side_by_side else (0,) * len(sources)
        _add(flow, node, tensor, tuple(zip(names, sources, first, strict=True)))
    else:
        reason = f'{node.name} ({node.class_name}) cannot lose channels'
        flow.fixed.update(dict.fromkeys([*names, *node.outputs], reason))
        _add(flow, node, None, ())
        if matrix is None:
            _add_products(flow, node, names, kernels)


def _passed_on(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    """Output of a node that hands channels on, before it is assigned to the output's type; None if it mixes them."""
    rule = family_of(node).channels
    return None if rule is None or node.get_attr('data_format') == 'channels_first' else rule.pass_on(node, sources)


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


def _add_products(flow: Dataflow, node: Node, sources: Sequence[str], kernels: Collection[KernelKey]) -> None:
    """Let all that a layer makes depend on all that it reads, on its first input through the kernels that read it."""
    entries = family_of(node).entries
    read = [kernel for kernel in family_of(node).read(node).kernels if kernel.key in kernels] if entries else []
    direct = sources[1:] if any(kernel.role in entries for kernel in read) else sources
    flow.links.extend(Link(source, name) for source, name in product(direct, node.outputs))
    # The other kernels read states, which are outputs of earlier steps, so that kernels of the input come first.
    for kernel in sorted(read, key=lambda kernel: kernel.role not in entries):
        source = sources[0] if kernel.role in entries else node.outputs[0]
        products = f'{node.outputs[0]}.{kernel.role}'
        flow.products[products] = kernel.n_out
        flow.links.append(KernelLink(kernel.key, source, products, None, np.ones((kernel.n_out, kernel.n_in), bool)))
        flow.links.extend(Link(products, name) for name in node.outputs)


def _kernel_links(node: Node, matrix: MatrixRule, source: Tensor, kernels: Collection[KernelKey]) -> Iterator[KernelLink]:
    channel = matrix.channels(node, source)
    for role in matrix.roles:
        (n_out, n_in), key = matrix.shape(node, role), KernelKey(node.name, role)
        exists = per_channel_mask(n_out, n_in) if matrix.per_channel else np.ones((n_out, n_in), bool)
        live = exists if key in kernels else weight_matrix(node, n_in, n_out, role) != 0
        yield KernelLink(key, node.inputs[0], node.outputs[0], channel, live)


def _reading(node: Node, matrix: MatrixRule, source: Tensor, kernels: Collection[KernelKey]) -> Reading | None:
    """Read a kernel that can shrink; None if its inputs are not the channels of `source` in the usual order."""
    if matrix.resize is None or (key := KernelKey(node.name)) not in kernels:
        return None
    channel = matrix.channels(node, source)
    if channel is None or _counts_bits(node):
        return None
    return Reading(key, node.inputs[0], node.outputs[0], channel, fold(node, matrix.values(node, source, channel)))


def _counts_bits(node: Node) -> bool:
    """Whether inputs and weights are `ap_uint<1>`: `nnet::cast` takes them for signs, and subtracts the number of inputs."""
    types = (node.get_input_variable().type.precision, node.weights['weight'].type.precision)
    return all(found.width == 1 and not found.signed and not isinstance(found, FixedPrecisionType) for found in types)
