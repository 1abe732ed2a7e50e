"""Emulation of a network of hls4ml's IR in floating point: answers, their divergence, and its gradients for weights."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Parameters
from hls4ml_hwprune.host.families.registry import taps_of
from hls4ml_hwprune.host.graph.answers import Answer
from hls4ml_hwprune.host.graph.autodiff import Steps, backpropagate, forward_model, read_steps
from hls4ml_hwprune.reconstruction import Affine, Divergence, divergence
from hls4ml_hwprune.records import KernelKey

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

Values = Mapping[str, NDArray]


@dataclass(frozen=True)
class Emulation:
    """Network in floating point, with weights and biases that can be replaced.

    Attributes
    ----------
    model : ModelGraph
        After hls4ml's `optimize` flow; it is left as it is.
    kernels : tuple of KernelKey
        Kernels whose weights can be replaced.
    answers : tuple of Answer
    references : tuple of ndarray
        Answers of all samples before pruning, shape (n, m) each.
    divergences : tuple of Divergence
    """

    model: 'ModelGraph' = field(repr=False)
    kernels: tuple[KernelKey, ...]
    answers: tuple[Answer, ...]
    references: tuple[NDArray, ...] = field(repr=False)
    divergences: tuple[Divergence, ...] = field(repr=False)

    @classmethod
    def of(
        cls, model: 'ModelGraph', kernels: Sequence[KernelKey], answers: Sequence[Answer], references: Sequence[NDArray]
    ) -> 'Emulation':
        """Return the emulation whose divergence is that from `references`, (n, *shape of the answer's node) each."""
        flat = tuple(rows_of(reference) for reference in references)
        found = (divergence(answer.kind, reference) for answer, reference in zip(answers, flat, strict=True))
        return cls(model, tuple(kernels), tuple(answers), flat, tuple(found))

    @cached_property
    def steps(self) -> Steps:
        """Steps of the model, which thousands of calculations share."""
        return read_steps(self.model)

    @cached_property
    def _layers(self) -> frozenset[str]:
        """Layers of the kernels."""
        return frozenset(key.layer for key in self.kernels)

    def run(
        self, x: Sequence[NDArray], parameters: Mapping[KernelKey, Affine] | None = None, known: Values | None = None
    ) -> dict[str, NDArray] | None:
        """Return the output of every node, shape (n, *shape); None if the network has layers that cannot be emulated."""
        own = _by_kernel(parameters or {})
        return forward_model(self.model, x, own, self.steps, known)

    def loss(self, values: Values, samples: NDArray[np.int64]) -> float:
        """Return the mean divergence of the answers among `values`, which are those of `samples`."""
        parts = (d.loss(reference, found) for d, reference, found in self._answered(values, samples))
        return float(sum(part.sum() for part in parts)) / len(samples)

    def gradients(
        self,
        values: Values,
        samples: NDArray[np.int64],
        parameters: Mapping[KernelKey, Affine],
        others: Values | None = None,
    ) -> dict[KernelKey, Affine]:
        """Gradients of the mean divergence for weights and biases.

        Parameters
        ----------
        values : mapping of str to ndarray
            Outputs of all nodes for `samples`.
        samples : ndarray of int
        parameters : mapping of KernelKey to Affine
        others : mapping of str to ndarray, optional
            By node, gradients of all else that counts for its output, shape (n, *shape).
        """
        found = self._answered(values, samples)
        seeds = {
            answer.node: (d.gradient(reference, given) / len(samples)).reshape(values[answer.node].shape)
            for answer, (d, reference, given) in zip(self.answers, found, strict=True)
        }
        for name, seed in (others or {}).items():
            seeds[name] = seeds[name] + seed if name in seeds else seed
        back = backpropagate(self.model, values, seeds, _by_kernel(parameters), self.steps, self._layers)
        return {
            key: self._of_kernel(key, self.call(values, parameters, key.layer), back[key.layer])
            for key in self.kernels
            if key.layer in back
        }

    def probed(
        self, values: Values, count: int, generator: np.random.Generator, parameters: Mapping[KernelKey, Affine]
    ) -> Iterator[dict[str, NDArray]]:
        """Gradients of random probes of the answers for the outputs of nodes, shape (n, *shape)."""
        own = _by_kernel(parameters)
        given = [rows_of(values[answer.node]) for answer in self.answers]
        probes = [d.probes(rows, count, generator) for d, rows in zip(self.divergences, given, strict=True)]
        for seeds in zip(*probes, strict=True):
            shaped = {a.node: seed.reshape(values[a.node].shape) for a, seed in zip(self.answers, seeds, strict=True)}
            yield backpropagate(self.model, values, shaped, own, self.steps, self._layers)

    def call(self, values: Values, parameters: Mapping[KernelKey, Affine], layer: str) -> Call:
        """Arguments of a layer among the outputs of all nodes, with its own weights and biases among all `parameters`."""
        own = {key.role: (affine.weights, affine.bias) for key, affine in parameters.items() if key.layer == layer}
        return self.steps[layer].call(values, own, values[layer])

    def _of_kernel(self, key: KernelKey, call: Call, gradient: NDArray) -> Affine:
        taps = taps_of(call.node)
        found = taps.gradients(call, key.role, gradient)
        rows = found.reshape(-1, found.shape[-1])
        return Affine(rows.T @ taps.inputs(call, key.role).reshape(len(rows), -1), rows.sum(axis=0))

    def _answered(self, values: Values, samples: NDArray[np.int64]) -> list[tuple[Divergence, NDArray, NDArray]]:
        given = [rows_of(values[answer.node]) for answer in self.answers]
        return [
            (d, _rows_of_samples(reference, len(rows) // len(samples), samples), rows)
            for d, reference, rows in zip(self.divergences, self.references, given, strict=True)
        ]


def _by_kernel(parameters: Mapping[KernelKey, Affine]) -> dict[KernelKey, Parameters]:
    return {key: (affine.weights, affine.bias) for key, affine in parameters.items()}


def rows_of(values: NDArray) -> NDArray:
    """Answers one a row: those of a sequence, or of an image, one for each position."""
    return values.reshape(-1, values.shape[-1])


def _rows_of_samples(rows: NDArray, each: int, samples: NDArray[np.int64]) -> NDArray:
    return rows.reshape(-1, each, rows.shape[1])[samples].reshape(-1, rows.shape[1])
