"""What the families of layers have in common: how a node's outputs follow from its inputs, and gradients from gradients."""

from collections.abc import Callable
from dataclasses import dataclass

from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

#: Matrix (n_out, n_in) and bias (n_out,) of a kernel.
Parameters = tuple[NDArray, NDArray]


@dataclass(frozen=True)
class Call:
    """A node and what it is given.

    Attributes
    ----------
    node : Layer
    inputs : tuple of ndarray
        Shape (n, *shape) each.
    parameters : Parameters, optional
        In place of the node's own matrix and bias.
    output : ndarray, optional
        Shape (n, *shape); given with gradients.
    """

    node: Node
    inputs: tuple[NDArray, ...]
    parameters: Parameters | None = None
    output: NDArray | None = None

    @property
    def x(self) -> NDArray:
        """The first input, of most layers the only one."""
        return self.inputs[0]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape (n, *shape) of the node's output."""
        return (len(self.x), *map(int, self.node.get_output_variable().shape))


def always(node: Node) -> bool:
    """Apply a rule to every node of its class."""
    return True


def channels_last(node: Node) -> bool:
    """Apply a rule where images have their channels last, which is what all of them assume."""
    return bool(node.get_attr('data_format', 'channels_last') == 'channels_last')


@dataclass(frozen=True)
class Rule:
    """How one class of nodes is calculated, in floating point.

    Attributes
    ----------
    forward : callable
        Takes the call and returns the output.
    backward : callable
        Takes the call and a gradient for the output, and returns one for each input.
    applies : callable
        Whether a node of the class is calculated in this way.
    saturates : bool
        Whether the layer makes new values, which its output type may cut off.
    """

    forward: Callable[[Call], NDArray]
    backward: Callable[[Call, NDArray], list[NDArray]]
    applies: Callable[[Node], bool] = always
    saturates: bool = False
