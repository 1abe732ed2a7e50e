"""Outputs of nodes that hls4ml does not trace: inputs, and nodes that only pass their inputs on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Output
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.casting import cast_double
from hls4ml_hwprune.host.node.precision import is_fixed_point

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def can_be_traced(node: Node) -> bool:
    """Whether hls4ml's trace can handle a node: its table has one array for each name."""
    return bool(node.get_attr('function_cpp')) and len(node.get_variables()) == 1


def complete_trace(
    model: 'ModelGraph', inputs: Sequence[NDArray[np.float64]], traced: Mapping[str, NDArray]
) -> dict[str, NDArray[np.float64]]:
    """Add the outputs that follow from the inputs and from the traced nodes.

    Parameters
    ----------
    model : ModelGraph
    inputs : sequence of ndarray
        Samples for each input of the network, the first axis counting them.
    traced : mapping of str to ndarray
        Outputs by the name of the node.

    Returns
    -------
    dict of str to ndarray
        In graph order, shape (n, *shape of the node's output).
    """
    found: dict[str, NDArray[np.float64]] = {}
    of_input = dict(zip(model.inputs, inputs, strict=True))
    for node in model.get_layers():
        before = node.get_input_node()
        if node.name in of_input:
            values = _as_read(node, of_input[node.name])
        elif node.name in traced:
            values = np.asarray(traced[node.name], np.float64)
        elif family_of(node).output >= Output.COPIED and before is not None and before.name in found:
            values = found[before.name]
        else:
            continue
        found[node.name] = values.reshape(len(values), *node.get_output_variable().shape)
    return found


def _as_read(node: Node, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert samples to the values that the input's type holds."""
    precision = node.get_output_variable().type.precision
    return cast_double(values, precision) if is_fixed_point(precision) else values
