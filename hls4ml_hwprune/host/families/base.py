"""A family of layers: every answer about the layers of some of hls4ml's classes, as one record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.firmware.sparse import SparseKernel
from hls4ml_hwprune.host.node.tensors import Tensor
from hls4ml_hwprune.records import Kernel, Memory, Operation

#: Matrix (n_out, n_in) and bias (n_out,) of a kernel.
Parameters = tuple[NDArray, NDArray]


class Output(IntEnum):
    """Relation of a layer's output elements to its input elements; each kind is a case of the kinds before it."""

    NEW = 0
    #: None has a sign that none of the inputs had.
    SIGNED_AS_READ = 1
    #: The same elements in some order.
    MOVED = 2
    #: The same elements in the same order, as a tensor or a stream of its own.
    COPIED = 3
    #: The same tensor under another name or shape, without hardware.
    RENAMED = 4


@dataclass(frozen=True)
class Parts:
    """A family's share of a `Layer` record; the fields mean the same there."""

    kernels: tuple[Kernel, ...] = ()
    memories: tuple[Memory, ...] = ()
    operations: tuple[Operation, ...] = ()
    repeats: int = 1
    dimensions: int = 0
    gathers: bool = False
    step_cycles: int = 0


@dataclass(frozen=True)
class Call:
    """A node and its arguments.

    Attributes
    ----------
    node : Layer
    inputs : tuple of ndarray
        Shape (n, *shape) each.
    parameters : mapping of str to Parameters, optional
        By role, in place of the node's own matrix and bias.
    output : ndarray, optional
        Shape (n, *shape); given with gradients.
    shape : tuple of int, optional
        Shape of the output for one sample. Default: that of the node's output variable.
    """

    node: Node
    inputs: tuple[NDArray, ...]
    parameters: Mapping[str, Parameters] | None = None
    output: NDArray | None = None
    shape: tuple[int, ...] | None = None

    @property
    def x(self) -> NDArray:
        """The first input, of most layers the only one."""
        return self.inputs[0]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape (n, *shape) of the node's output."""
        shape = map(int, self.node.get_output_variable().shape) if self.shape is None else self.shape
        return (len(self.x), *shape)


def always(node: Node) -> bool:
    """Apply a rule to every node of its class."""
    return True


def channels_last(node: Node) -> bool:
    """Apply a rule where images have their channels last, which all rules assume."""
    return bool(node.get_attr('data_format', 'channels_last') == 'channels_last')


@dataclass(frozen=True)
class Taps:
    """Inputs and products of the kernels within a layer, and gradients for these.

    Attributes
    ----------
    shape : callable
        From a node and the role of its weights to (n_out, n_in).
    inputs : callable
        From a call and a role to the vectors that the matrix multiplies, (n, positions, n_in).
    products : callable
        From a call and a role to the products with these, biases included, (n, positions, n_out).
    wanted : callable
        From a call, a role and the call of the same node in another network, whose output it should have, to the products
        that the kernel should have.
    gradients : callable
        From a call, a role and a gradient for the output to one for the products.
    """

    shape: Callable[[Node, str], tuple[int, int]]
    inputs: Callable[['Call', str], NDArray]
    products: Callable[['Call', str], NDArray]
    wanted: Callable[['Call', str, 'Call'], NDArray]
    gradients: Callable[['Call', str, NDArray], NDArray]


@dataclass(frozen=True)
class Rule:
    """Arithmetic of a family in floating point, forwards and backwards.

    Attributes
    ----------
    forward : callable
        From the call to the output.
    backward : callable
        From the call and a gradient for the output to one for each input.
    applies : callable
        Whether a node of the family is calculated in this way.
    saturates : bool
        Whether the layer makes new values, which its output type may cut off.
    taps : Taps, optional
        Kernels of the layer; None for layers without.
    """

    forward: Callable[[Call], NDArray]
    backward: Callable[[Call, NDArray], list[NDArray]]
    applies: Callable[[Node], bool] = always
    saturates: bool = False
    taps: Taps | None = None


@dataclass(frozen=True)
class Remaining:
    """Channels that stay of the tensor that a node reads first.

    Attributes
    ----------
    tensor : Tensor
        As it was.
    channels : ndarray of bool, shape (n_channels,)
    """

    tensor: Tensor
    channels: NDArray[np.bool_] = field(repr=False)

    @property
    def elements(self) -> NDArray[np.bool_]:
        """Elements of the tensor that stay, shape (size,)."""
        return self.channels[self.tensor.channel]

    @property
    def shape(self) -> list[int]:
        """Shape of the tensor once the others are gone."""
        return self.tensor.shape_of(self.channels)


@dataclass(frozen=True)
class ChannelRule:
    """Passage of channels through layers without a kernel, each channel apart from the others.

    Attributes
    ----------
    pass_on : callable
        From a node and the tensors that it reads to its output, before that is assigned to the output's type; None where
        channels are mixed.
    shrink : callable, optional
        Takes channels out of the sizes and parameters of a node, whose output has its new shape already; None for nodes
        that keep neither.
    side_by_side : bool
        Whether the channels of the inputs follow each other in the output, and are not joined.
    """

    pass_on: Callable[[Node, Sequence[Tensor]], Tensor | None]
    shrink: Callable[[Node, Remaining], None] | None = None
    side_by_side: bool = False


@dataclass(frozen=True)
class MatrixRule:
    """Layers whose outputs are products of matrices with vectors of their inputs: their channels and gradients.

    Attributes
    ----------
    shape : callable
        From a node and the role of its weights to (n_out, n_in).
    windows : callable
        From a node, a role and inputs (n, *shape) to the vectors that the matrix multiplies, (n, positions, n_in).
    from_windows : callable
        From a node and gradients (n, positions, n_in) for these vectors to their sum over each element of the input, in any
        shape: the adjoint of `windows`.
    channels : callable
        From a node and the tensor that it reads to the channel of each input of the matrix, shape (n_in,); None where they
        are not in the usual order.
    values : callable
        From a node, that tensor and these channels to the value of each input for any input of the network, shape (n_in,);
        NaN where it is not known.
    resize : callable, optional
        Sets the sizes of a node that keeps the marked outputs (n_out,), channels of its input, and inputs of the matrix
        (n_in,), and returns its weights, of the role 'weight', without the others; None where layers keep all of them.
    output_of, products_of, gradients_of : callable, optional
        From a node and products (n, positions, n_out) to its output, and from its output to these; from a gradient for the
        output to one for these. None where they are the same numbers in the same order.
    roles : tuple of str
        Roles of the weights; all kernels read the same inputs, and their products are added up.
    per_channel : bool
        As `Kernel.per_channel`.
    """

    shape: Callable[[Node, str], tuple[int, int]]
    windows: Callable[[Node, str, NDArray], NDArray]
    from_windows: Callable[[Node, NDArray], NDArray]
    channels: Callable[[Node, Tensor], NDArray[np.int64] | None]
    values: Callable[[Node, Tensor, NDArray[np.int64]], NDArray[np.float64]]
    resize: Callable[[Node, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]], NDArray] | None = None
    output_of: Callable[[Node, NDArray], NDArray] | None = None
    products_of: Callable[[Node, NDArray], NDArray] | None = None
    gradients_of: Callable[[Node, NDArray], NDArray] | None = None
    roles: tuple[str, ...] = ('weight',)
    per_channel: bool = False


def no_answer(node: Node) -> str:
    """Say nothing of the answers of a network that ends with a node."""
    return ''


def never_fails(node: Node) -> str:
    """Report no reuse factor that hls4ml's own template gets wrong."""
    return ''


def is_not_turned(node: Node) -> bool:
    """Know weights as they are."""
    return False


def leave(node: Node) -> None:
    """Leave a node as it is."""


@dataclass(frozen=True)
class Family:
    """Layers of some of hls4ml's classes.

    Attributes
    ----------
    classes : tuple of str
        Class names of hls4ml's nodes.
    read : callable
        From a node to kernels, memories and operations.
    rule : Rule, optional
        Arithmetic in floating point; None stops gradients.
    channels : ChannelRule, optional
        Channels of layers without kernels; None where they are mixed.
    matrix : MatrixRule, optional
        Kernels that channels can be followed through; None for layers without.
    sparse : SparseKernel, optional
        Firmware once slots are gone; None for layers that are estimated only.
    fabric : SparseKernel, optional
        Firmware of layers without kernels whose products are bound to LUTs; None where that is not possible.
    why_dense : str
        Reason for which layers with weights have no sparse kernel.
    output : Output
    answer : callable
        From a node that a network ends with to the kind of its answers: 'classes' (scores before a softmax), 'flags'
        (before a sigmoid), 'same' (those of the layer before), or ''.
    template_fails : callable
        Fault of hls4ml's own template for a node, and the cure; '' where there is none.
    mend : callable
        Gives such a node reuse factors with which the template works, and makes the same sums unless they saturate.
    turned_early : callable
        Whether hls4ml transposed the weights of a node when it made it, which its own passes do not see.
    is_input : bool
        Whether the layer is an input of the network.
    entries : tuple of str
        Roles of the kernels that read the input of a layer without `matrix`; its other kernels read states. All that it
        makes depends on the products of each.
    """

    classes: tuple[str, ...]
    read: Callable[[Node], Parts]
    rule: Rule | None = None
    channels: ChannelRule | None = None
    matrix: MatrixRule | None = None
    sparse: SparseKernel | None = None
    fabric: SparseKernel | None = None
    why_dense: str = ''
    output: Output = Output.NEW
    answer: Callable[[Node], str] = no_answer
    template_fails: Callable[[Node], str] = never_fails
    mend: Callable[[Node], None] = leave
    turned_early: Callable[[Node], bool] = is_not_turned
    is_input: bool = False
    entries: tuple[str, ...] = ()
