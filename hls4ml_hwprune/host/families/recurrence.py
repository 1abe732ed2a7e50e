"""Recurrences of LSTM and GRU cells in floating point: step by step, and backpropagation through time."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Parameters
from hls4ml_hwprune.host.families.functions import Function


@dataclass(frozen=True)
class Cell:
    """A cell, whose gates are products of its input and of its state.

    Attributes
    ----------
    step : callable
        From the cell's functions, both products (n, n_gates, n_state), the last state and the last memory (n, n_state) to
        the next state and memory.
    back : callable
        From the same and the gradients for the next state and memory to those for both products, for the last state by
        other ways than its product, and for the last memory.
    """

    step: Callable[..., tuple[NDArray, NDArray]]
    back: Callable[..., tuple[NDArray, NDArray, NDArray, NDArray]]


@dataclass(frozen=True)
class Functions:
    """Functions of a cell: of its gates, and of its new values; `update_first` if a GRU has its update gate first."""

    gate: Function
    value: Function
    update_first: bool = True


def _lstm(functions: Functions, p: NDArray, q: NDArray, state: NDArray, memory: NDArray) -> tuple[NDArray, NDArray]:
    gates = p + q
    write, keep, read = (functions.gate.value(gates[:, number], None) for number in (0, 1, 3))
    memory = write * functions.value.value(gates[:, 2], None) + keep * memory
    return read * functions.value.value(memory, None), memory


def _lstm_back(
    functions: Functions, p: NDArray, q: NDArray, state: NDArray, memory: NDArray, of_state: NDArray, of_memory: NDArray
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    gates = p + q
    write, keep, read = (functions.gate.value(gates[:, number], None) for number in (0, 1, 3))
    new = functions.value.value(gates[:, 2], None)
    after = write * new + keep * memory
    of_memory = of_memory + of_state * read * functions.value.slope(after, None)
    of_gates = [of_memory * new, of_memory * memory, of_memory * write, of_state * functions.value.value(after, None)]
    slopes = [(functions.value if number == 2 else functions.gate).slope(gates[:, number], None) for number in range(4)]
    found = np.stack([one * slope for one, slope in zip(of_gates, slopes, strict=True)], axis=1)
    return found, found, np.zeros_like(state), of_memory * keep


def _gru(functions: Functions, p: NDArray, q: NDArray, state: NDArray, memory: NDArray) -> tuple[NDArray, NDArray]:
    update, reset = _update_and_reset(functions, p, q)
    new = functions.value.value(p[:, 2] + reset * q[:, 2], None)
    return new + update * (state - new), memory


def _gru_back(
    functions: Functions, p: NDArray, q: NDArray, state: NDArray, memory: NDArray, of_state: NDArray, of_memory: NDArray
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    update, reset = _update_and_reset(functions, p, q)
    mixed = p[:, 2] + reset * q[:, 2]
    of_new = of_state * (1 - update) * functions.value.slope(mixed, None)
    of_gates = [of_state * (state - functions.value.value(mixed, None)), of_new * q[:, 2]]
    order = (0, 1) if functions.update_first else (1, 0)
    first, second = (of_gates[order[at]] * functions.gate.slope(p[:, at] + q[:, at], None) for at in (0, 1))
    found = (np.stack([first, second, last], axis=1) for last in (of_new, of_new * reset))
    return next(found), next(found), of_state * update, of_memory


def _update_and_reset(functions: Functions, p: NDArray, q: NDArray) -> tuple[NDArray, NDArray]:
    first, second = (functions.gate.value(p[:, number] + q[:, number], None) for number in (0, 1))
    return (first, second) if functions.update_first else (second, first)


#: Cells; the GRU resets after its product, as hls4ml's does.
LSTM_CELL, GRU_CELL = Cell(_lstm, _lstm_back), Cell(_gru, _gru_back)


@dataclass(frozen=True)
class Recurrence:
    """A cell run over a sequence.

    Attributes
    ----------
    cell : Cell
    functions : Functions
    of_input, of_state : tuple of ndarray
        Matrix (n_gates x n_state, inputs) and bias of each product.
    x : ndarray
        Inputs, shape (n, steps, n_in).
    products, state_products : ndarray
        Shape (n, steps, n_gates x n_state).
    before : ndarray
        States before each step, shape (n, steps, n_state).
    memories : ndarray
        As `before`.
    states : ndarray
        States after each step.
    """

    cell: Cell
    functions: Functions
    of_input: Parameters = field(repr=False)
    of_state: Parameters = field(repr=False)
    x: NDArray = field(repr=False)
    products: NDArray = field(repr=False)
    state_products: NDArray = field(repr=False)
    before: NDArray = field(repr=False)
    memories: NDArray = field(repr=False)
    states: NDArray = field(repr=False)

    @classmethod
    def run(cls, cell: Cell, functions: Functions, of_input: Parameters, of_state: Parameters, x: NDArray) -> 'Recurrence':
        """Run a cell from zero states over inputs (n, steps, n_in)."""
        (weights, bias), (n_samples, n_steps, _), n_state = of_state, x.shape, of_state[0].shape[1]
        products = x @ of_input[0].T + of_input[1]
        state = memory = np.zeros((n_samples, n_state), x.dtype)
        before, memories, states = (np.empty((n_samples, n_steps, n_state), x.dtype) for _ in range(3))
        state_products = np.empty_like(products)
        for step in range(n_steps):
            before[:, step], memories[:, step] = state, memory
            state_products[:, step] = state @ weights.T + bias
            p, q = (_by_gate(one[:, step], n_state) for one in (products, state_products))
            state, memory = cell.step(functions, p, q, state, memory)
            states[:, step] = state
        return cls(cell, functions, of_input, of_state, x, products, state_products, before, memories, states)

    def back(self, gradient: NDArray) -> tuple[NDArray, NDArray]:
        """Gradients for both products, (n, steps, n_gates x n_state) each, from those for the states after each step."""
        n_state = self.states.shape[2]
        found = np.empty_like(self.products), np.empty_like(self.products)
        of_state = of_memory = np.zeros_like(self.states[:, 0])
        for step in reversed(range(self.states.shape[1])):
            p, q = (_by_gate(one[:, step], n_state) for one in (self.products, self.state_products))
            last = self.before[:, step], self.memories[:, step]
            of_p, of_q, direct, of_memory = self.cell.back(
                self.functions, p, q, *last, gradient[:, step] + of_state, of_memory
            )
            found[0][:, step], found[1][:, step] = (one.reshape(len(one), -1) for one in (of_p, of_q))
            of_state = direct + found[1][:, step] @ self.of_state[0]
        return found


def _by_gate(products: NDArray, n_state: int) -> NDArray:
    return products.reshape(len(products), -1, n_state)
