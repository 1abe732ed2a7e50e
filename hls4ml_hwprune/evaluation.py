"""How good the answers of a pruned network are, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError

Outputs = NDArray | Sequence[NDArray]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Evaluation:
    """Answers of a network on samples; of several outputs of the network the mean is taken.

    Attributes
    ----------
    n_samples : int
    loss : float, optional
        As `network_loss` has it; None without a reference.
    agreement : float, optional
        Share of samples that are put into the same class as by the reference; None without one, or for a single output
        without labels, which may be no class.
    accuracy, reference_accuracy : float, optional
        Share of samples that are put into their class; None without labels, or without a reference.
    """

    n_samples: int
    loss: float | None = None
    agreement: float | None = None
    accuracy: float | None = None
    reference_accuracy: float | None = None

    def __str__(self) -> str:
        parts = [] if self.loss is None else [f'measured loss {self.loss:.4g}']
        if self.accuracy is not None:
            before = '' if self.reference_accuracy is None else f', {self.reference_accuracy:.4f} before pruning'
            parts.append(f'accuracy {self.accuracy:.4f}{before}')
        if self.agreement is not None:
            parts.append(f'{100 * self.agreement:.2f} % of the answers as before pruning')
        elif self.loss is not None and self.accuracy is None:
            parts.append(f'mean squared difference {self.loss:.4g} of the variance before pruning')
        measured = '; '.join(parts) or 'nothing to compare with: give labels, or a reference'
        return f'{measured} (firmware, simulated on {self.n_samples} samples)'


def compare_answers(outputs: Outputs, reference: Outputs | None = None, y: Labels | None = None) -> Evaluation:
    """Compare what a network says with what it said before, and with labels.

    Parameters
    ----------
    outputs, reference : ndarray or sequence of ndarray
        Shape (n, n_outputs); or an array for each output of the network.
    y : ndarray of int, optional
        Class of each sample, shape (n,).

    Raises
    ------
    ConfigError
        If a label is none of the network's classes.
    """
    found = _several(outputs)
    known = found if reference is None else _several(reference)
    counted = [pair for pair in zip(known, found, strict=True) if y is not None or pair[0].shape[1] > 1]
    classes = [(_classes(before, before), _classes(after, before)) for before, after in counted]
    accuracies = None if y is None else np.mean([_accuracies(before, after, y) for before, after in counted], axis=0)
    compared = reference is not None
    return Evaluation(
        n_samples=len(found[0]),
        loss=network_loss(known, found, y) if compared else None,
        agreement=float(np.mean([np.mean(before == after) for before, after in classes])) if compared and classes else None,
        accuracy=None if accuracies is None else float(accuracies[1]),
        reference_accuracy=float(accuracies[0]) if accuracies is not None and compared else None,
    )


def network_loss(reference: Outputs, outputs: Outputs, y: Labels | None = None) -> float:
    """How much worse the answers of a network have become; 0 if they are the same.

    Parameters
    ----------
    reference, outputs : ndarray or sequence of ndarray
        What the network said before and what it says now, shape (n, n_outputs); or an array for each output of the
        network, of whose losses the mean is taken.
    y : ndarray of int, optional
        Class of each sample, shape (n,).

    Returns
    -------
    float
        With labels, the accuracy lost, negative if it grew. A single output means class 1 above one half, or above 0
        if any reference is outside [0, 1]. Without labels, the share of samples that are put into another class; for
        a single output, the mean squared difference over the reference's variance.

    Raises
    ------
    ConfigError
        If a label is none of the network's classes.
    """
    pairs = zip(_several(reference), _several(outputs), strict=True)
    return float(np.mean([_loss(before, after, y) for before, after in pairs]))


def _several(outputs: Outputs) -> Sequence[NDArray]:
    return (outputs,) if isinstance(outputs, np.ndarray) else outputs


def _loss(before: NDArray, after: NDArray, y: Labels | None) -> float:
    if y is not None:
        first, second = _accuracies(before, after, y)
        return first - second
    if before.shape[1] == 1:
        return _relative_error(before, after)
    return float(np.mean(_classes(before, before) != _classes(after, before)))


def _accuracies(before: NDArray, after: NDArray, y: Labels) -> tuple[float, float]:
    n_classes = max(2, before.shape[1])
    if y.max() >= n_classes:
        raise ConfigError(f'labels: y has class {y.max()}, but the network only has the classes 0 to {n_classes - 1}')
    return float(np.mean(_classes(before, before) == y)), float(np.mean(_classes(after, before) == y))


def _classes(outputs: NDArray, known: NDArray) -> NDArray:
    """Classes of the samples; a single output is class 1 above one half, or above 0 if any of `known` leaves [0, 1]."""
    if outputs.shape[1] > 1:
        return outputs.argmax(axis=1)
    return outputs[:, 0] > (0.0 if known.min() < 0 or known.max() > 1 else 0.5)


def _relative_error(before: NDArray, after: NDArray) -> float:
    error = float(np.mean((before - after) ** 2))
    if error == 0:
        return 0.0
    scale = float(np.var(before)) or float(np.mean(before**2))
    return error / scale if scale else float('inf')
