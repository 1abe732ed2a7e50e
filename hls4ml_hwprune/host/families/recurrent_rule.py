"""Rule of recurrent layers: their directions, each a cell that is run step by step."""

from dataclasses import dataclass

import numpy as np
from hls4ml.model.layers import GRU, LSTM, Bidirectional, SimpleRNN
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Parameters, Rule, Taps
from hls4ml_hwprune.host.families.functions import FUNCTIONS
from hls4ml_hwprune.host.families.recurrence import GRU_CELL, LSTM_CELL, Functions, Recurrence
from hls4ml_hwprune.host.node.weights import bias_vector, weight_matrix

#: Directions of a layer that runs in both.
DIRECTIONS = ('forward', 'backward')
_CELLS = {LSTM.__name__: LSTM_CELL, GRU.__name__: GRU_CELL}
_GATES = {LSTM.__name__: 4, GRU.__name__: 3}
# Functions without parameters.
_FUNCTIONS = ('linear', 'relu', 'sigmoid', 'tanh', 'softplus', 'softsign', 'selu')


@dataclass(frozen=True)
class Way:
    """One direction of a recurrent layer: beginning of the names of its attributes, class, and states."""

    prefix: str
    kind: str
    n_state: int

    @property
    def n_gates(self) -> int:
        """Products of each kernel for a state."""
        return _GATES.get(self.kind, 1)

    @property
    def roles(self) -> tuple[str, str]:
        """Roles of the weights of the input and of the state."""
        return f'{self.prefix}weight', f'{self.prefix}recurrent_weight'


def ways(node: Node) -> list[Way]:
    """Directions of a recurrent layer."""
    if not isinstance(node, Bidirectional):
        kind = next(cls.__name__ for cls in (LSTM, GRU, SimpleRNN) if isinstance(node, cls))
        return [Way('', kind, int(node.get_attr('n_out')))]
    return [
        Way(f'{way}_', str(node.get_attr(f'{way}_class_name', LSTM.__name__)), int(node.get_attr(f'{way}_n_states')))
        for way in DIRECTIONS
    ]


def shape(node: Node, role: str) -> tuple[int, int]:
    """Return the outputs and inputs of a kernel."""
    way, of_state = _way_of(node, role)
    return way.n_gates * way.n_state, way.n_state if of_state else int(node.get_attr('n_in'))


def _way_of(node: Node, role: str) -> tuple[Way, bool]:
    """Direction of weights, and whether they are of the state."""
    way = next(way for way in ways(node) if role in way.roles)
    return way, role == way.roles[1]


def _functions(node: Node, way: Way) -> Functions:
    """Functions of a cell; unknown ones, at which gradients stop, count as linear where inputs are measured."""
    names = (str(node.get_attr(f'{way.prefix}{name}')).lower() for name in ('recurrent_activation', 'activation'))
    gate, value = (FUNCTIONS[name if name in _FUNCTIONS else 'linear'] for name in names)
    return Functions(gate, value, update_first=not node.get_attr('pytorch', False))


def _applies(node: Node) -> bool:
    """Whether a layer starts from zero states, joins its directions, and has functions without parameters."""
    directions = ways(node)
    names = [
        str(node.get_attr(f'{way.prefix}{name}')).lower()
        for way in directions
        for name in ('recurrent_activation', 'activation')
    ]
    known = all(way.kind in _CELLS for way in directions) and all(name in _FUNCTIONS for name in names)
    return known and len(node.inputs) == 1 and sum(way.n_state for way in directions) == int(node.get_attr('n_out'))


def _parameters(call: Call, role: str) -> Parameters:
    n_out, n_in = shape(call.node, role)
    known = (call.parameters or {}).get(role)
    matrix, bias = known or (weight_matrix(call.node, n_in, n_out, role), bias_vector(call.node, role))
    return matrix.astype(call.x.dtype, copy=False), bias.astype(call.x.dtype, copy=False)


def _run(call: Call, way: Way) -> Recurrence:
    of_input, of_state = (_parameters(call, role) for role in way.roles)
    return Recurrence.run(_CELLS[way.kind], _functions(call.node, way), of_input, of_state, _in_order(way, call.x))


def _forward(call: Call) -> NDArray:
    states = [(way, _run(call, way).states) for way in ways(call.node)]
    if not call.node.get_attr('return_sequences'):
        return np.concatenate([found[:, -1] for _, found in states], axis=1)
    return np.concatenate([_in_order(way, found) for way, found in states], axis=2)


def _in_order(way: Way, steps: NDArray) -> NDArray:
    """Turn steps of a direction to the order of the sequence, or back."""
    return steps[:, ::-1] if way.prefix == 'backward_' else steps


def _back(call: Call, way: Way, gradient: NDArray) -> tuple[Recurrence, tuple[NDArray, NDArray]]:
    """Run of a direction, and gradients for the products of its kernels from those for the output of the layer."""
    run, directions = _run(call, way), ways(call.node)
    first = sum(other.n_state for other in directions[: directions.index(way)])
    own = gradient[..., first : first + way.n_state]
    of_states = np.zeros_like(run.states)
    if call.node.get_attr('return_sequences'):
        of_states[:] = _in_order(way, own)
    else:
        of_states[:, -1] = own
    return run, run.back(of_states)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    total = np.zeros_like(call.x)
    for way in ways(call.node):
        run, (of_products, _) = _back(call, way, gradient)
        total += _in_order(way, of_products @ run.of_input[0])
    return [total]


def _inputs(call: Call, role: str) -> NDArray:
    way, of_state = _way_of(call.node, role)
    run = _run(call, way)
    return run.before if of_state else run.x


def _products(call: Call, role: str) -> NDArray:
    way, of_state = _way_of(call.node, role)
    run = _run(call, way)
    return run.state_products if of_state else run.products


def _gradients(call: Call, role: str, gradient: NDArray) -> NDArray:
    way, of_state = _way_of(call.node, role)
    return _back(call, way, gradient)[1][of_state]


#: Arithmetic of the layers, and their kernels.
RULE = Rule(
    _forward,
    _backward,
    _applies,
    saturates=True,
    taps=Taps(shape, _inputs, _products, lambda call, role, other: _products(other, role), _gradients),
)
