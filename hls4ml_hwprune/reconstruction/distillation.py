"""Distillation: divergence of a network's answers from its answers before, with gradients."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal['classes', 'flags', 'values', 'scores']


@dataclass(frozen=True)
class Divergence:
    """Divergence of answers, in nats.

    Attributes
    ----------
    kind : str
        Meaning of answers: 'classes', logits of a softmax; 'flags', logits of a sigmoid each; 'values', numbers with a
        Gaussian error; 'scores', both classes and values, where it is not known which.
    variance : ndarray of float, shape (m,)
        Variance of the reference answers.
    """

    kind: Kind
    variance: NDArray = field(repr=False)

    def loss(self, reference: NDArray, answers: NDArray) -> NDArray:
        """Divergence of each sample, shape (n,); both arguments of shape (n, m)."""
        total = np.zeros(len(reference))
        if self.kind in ('classes', 'scores'):
            wanted, found = _log_softmax(reference), _log_softmax(answers)
            total += (np.exp(wanted) * (wanted - found)).sum(axis=1)
        if self.kind == 'flags':
            wanted = _sigmoid(reference)
            total += (np.logaddexp(0, answers) - np.logaddexp(0, reference) - wanted * (answers - reference)).sum(axis=1)
        if self.kind in ('values', 'scores'):
            total += 0.5 * (np.square(answers - reference) / self.variance).sum(axis=1)
        return total

    def gradient(self, reference: NDArray, answers: NDArray) -> NDArray:
        """Gradient of `loss` with respect to the answers, shape (n, m)."""
        total = np.zeros_like(answers)
        if self.kind in ('classes', 'scores'):
            total += _softmax(answers) - _softmax(reference)
        if self.kind == 'flags':
            total += _sigmoid(answers) - _sigmoid(reference)
        if self.kind in ('values', 'scores'):
            total += (answers - reference) / self.variance
        return total

    def probes(self, answers: NDArray, count: int, generator: np.random.Generator) -> Iterator[NDArray]:
        """Random gradients whose mean outer product is the Fisher information of the answers, each of shape (n, m)."""
        for _ in range(count):
            probe = np.zeros_like(answers)
            signs = generator.choice((-1.0, 1.0), answers.shape)
            if self.kind in ('classes', 'scores'):
                shares = _softmax(answers)
                rooted = signs * np.sqrt(shares)
                probe += rooted.sum(axis=1, keepdims=True) * shares - rooted
            if self.kind == 'flags':
                shares = _sigmoid(answers)
                probe += signs * np.sqrt(shares * (1 - shares))
            if self.kind in ('values', 'scores'):
                probe += generator.choice((-1.0, 1.0), answers.shape) / np.sqrt(self.variance)
            yield probe


def divergence(kind: Kind, reference: NDArray) -> Divergence:
    """Return the divergence from `reference` answers, shape (n, m)."""
    variance = reference.var(axis=0)
    # Answers that never change count with the mean variance of all.
    return Divergence(kind, np.where(variance > 0, variance, variance.mean() or 1.0))


def _log_softmax(x: NDArray) -> NDArray:
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _softmax(x: NDArray) -> NDArray:
    return np.exp(_log_softmax(x))


def _sigmoid(x: NDArray) -> NDArray:
    return 0.5 * (1 + np.tanh(0.5 * x))
