"""Loss, agreement and accuracy of a network against its reference and against labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.markup import table

Outputs = NDArray | Sequence[NDArray]
# Least variance of a value, as a share of the mean variance.
_LEAST_VARIANCE = 1e-4
# Shares of classes sum to one, but for the rounding of short types.
_ROUNDING = 0.02


@dataclass(frozen=True)
class Measure:
    """Measure of the loss of one output of a network.

    Attributes
    ----------
    kind : str
        'classes': changes of the highest score; 'values': squared changes; 'unknown': as values, though the highest may
        have a meaning.
    width : int
        Scores or values for each position of a sequence or an image.
    """

    kind: Literal['classes', 'values', 'unknown']
    width: int


@dataclass(frozen=True)
class Evaluation:
    """Quality of a network on samples, mean over its outputs.

    Attributes
    ----------
    n_samples : int
    loss : float, optional
        As `network_loss` has it; None without a reference.
    agreement : float, optional
        Share of samples that are put into the same class as by the reference; None without one, where the outputs are
        values, or for a single output without labels, which may be no class.
    accuracy, reference_accuracy : float, optional
        Share of samples that are put into their class; None without labels, or without a reference.
    on_values : bool
        Whether the loss is one of values: squared changes over their variance.
    """

    n_samples: int
    loss: float | None = None
    agreement: float | None = None
    accuracy: float | None = None
    reference_accuracy: float | None = None
    on_values: bool = False

    def __str__(self) -> str:
        parts = [] if self.loss is None else [f'measured loss {self.loss:.4g}']
        if self.accuracy is not None:
            before = '' if self.reference_accuracy is None else f', {self.reference_accuracy:.4f} before pruning'
            parts.append(f'accuracy {self.accuracy:.4f}{before}')
        if self.agreement is not None:
            parts.append(f'{100 * self.agreement:.2f} % of the answers as before pruning')
        if self.on_values and self.loss is not None:
            parts.append(f'mean squared difference {self.loss:.4g} of the variance before pruning')
        measured = '; '.join(parts) or 'nothing to compare with: give labels, or a reference'
        return f'{measured} (firmware, simulated on {self.n_samples} samples)'

    def _repr_html_(self) -> str:
        return table(['measure', 'firmware, simulated'], self.rows())

    def rows(self) -> list[tuple[str, str]]:
        """Return the names of the measures that there are, each with its value as text."""
        shares = {
            'accuracy': self.accuracy,
            'accuracy before pruning': self.reference_accuracy,
            'answers as before pruning': self.agreement,
        }
        found = [(name, f'{100 * value:.2f} %') for name, value in shares.items() if value is not None]
        if self.loss is not None:
            kind = ' (squared difference, of the variance before pruning)' if self.on_values else ''
            found.append((f'loss{kind}', f'{self.loss:.4g}'))
        return [*found, ('samples', f'{self.n_samples:,}')]


def are_classes(y: NDArray) -> bool:
    """Whether an array holds labels: whole numbers of shape (n,) or (n, 1), or the shares of classes in each row."""
    rows = np.asarray(y).reshape(len(y), -1)
    if rows.shape[1] == 1:
        return bool((rows >= 0).all() and (rows == np.rint(rows)).all())
    return bool((rows >= 0).all() and (np.abs(rows.sum(axis=1) - 1) <= _ROUNDING).all())


def compare_answers(
    outputs: Outputs, reference: Outputs | None = None, y: NDArray | None = None, measures: Sequence[Measure] | None = None
) -> Evaluation:
    """Compare the answers of a network with its answers before pruning, and with labels.

    Parameters
    ----------
    outputs, reference : ndarray or sequence of ndarray
        Shape (n, n_outputs); or an array for each output of the network.
    y : ndarray, optional
        Class of each sample, shape (n,); or targets for all outputs, shape (n, sum of n_outputs).
    measures : sequence of Measure, optional
        One for each output of the network; default: classes, but a single column holds values unless there are labels.

    Raises
    ------
    ConfigError
        If a label is none of the network's classes.
    """
    found = _several(outputs)
    known = found if reference is None else _several(reference)
    measured = _measures(known, y, measures)
    pairs = list(zip(known, found, measured, strict=True))
    classes = [_highest(before, after, m, y) for before, after, m in pairs if _is_counted(m, y)]
    accuracies = None
    if y is not None and y.ndim == 1 and any(m.kind != 'values' for m in measured):
        accuracies = np.mean([_accuracies(before, after, y) for before, after, _ in pairs], axis=0)
    compared = reference is not None
    return Evaluation(
        n_samples=len(found[0]),
        loss=network_loss(known, found, y, measured) if compared else None,
        agreement=float(np.mean([np.mean(before == after) for before, after in classes])) if compared and classes else None,
        accuracy=None if accuracies is None else float(accuracies[1]),
        reference_accuracy=float(accuracies[0]) if accuracies is not None and compared else None,
        on_values=compared and accuracies is None and any(m.kind != 'classes' for m in measured),
    )


def network_loss(
    reference: Outputs, outputs: Outputs, y: NDArray | None = None, measures: Sequence[Measure] | None = None
) -> float:
    """Loss of the answers of a network against a reference; 0 if they are the same.

    Parameters
    ----------
    reference, outputs : ndarray or sequence of ndarray
        Answers before and now, shape (n, n_outputs); or an array for each output of the network, whose losses are
        averaged.
    y, measures : optional
        As for `compare_answers`.

    Returns
    -------
    float
        With labels, the accuracy lost, negative if it grew. A single output means class 1 above one half, or above 0
        if any reference is outside [0, 1]. Without labels, the share of samples that are put into another class; for
        values, the mean squared difference over the reference's variance, mean of all values; with targets, the mean
        squared error that was added over the variance of the targets.

    Raises
    ------
    ConfigError
        If a label is none of the network's classes.
    """
    before, after = _several(reference), _several(outputs)
    measured = _measures(before, y, measures)
    ends = np.cumsum([array.shape[1] for array in before])
    targets = [None] * len(before) if y is None or y.ndim == 1 else np.split(y, ends[:-1], axis=1)
    labels = y if y is not None and y.ndim == 1 else None
    rows = zip(before, after, measured, targets, strict=True)
    return float(np.mean([_loss(first, second, m, labels, target) for first, second, m, target in rows]))


def _several(outputs: Outputs) -> Sequence[NDArray]:
    return (outputs,) if isinstance(outputs, np.ndarray) else outputs


def _measures(known: Sequence[NDArray], y: NDArray | None, measures: Sequence[Measure] | None) -> Sequence[Measure]:
    if measures is not None:
        return measures
    return [Measure('values' if array.shape[1] == 1 and y is None else 'classes', array.shape[1]) for array in known]


def _is_counted(measure: Measure, y: NDArray | None) -> bool:
    """Whether the highest score of an output stands for a class."""
    return measure.kind == 'classes' or (measure.kind == 'unknown' and (measure.width > 1 or y is not None))


def _highest(before: NDArray, after: NDArray, measure: Measure, y: NDArray | None) -> tuple[NDArray, NDArray]:
    """Classes of the samples, or of all their positions; labels are those of samples."""
    if y is None:
        before, after = before.reshape(-1, measure.width), after.reshape(-1, measure.width)
    return _classes(before, before), _classes(after, before)


def _loss(before: NDArray, after: NDArray, measure: Measure, labels: NDArray | None, targets: NDArray | None) -> float:
    if labels is not None and measure.kind != 'values':
        first, second = _accuracies(before, after, labels)
        return first - second
    if targets is not None:
        return _relative_error(targets, after, targets) - _relative_error(targets, before, targets)
    if measure.kind != 'classes':
        return _relative_error(before, after, before)
    known, found = _highest(before, after, measure, None)
    return float(np.mean(known != found))


def _accuracies(before: NDArray, after: NDArray, y: NDArray) -> tuple[float, float]:
    n_classes = max(2, before.shape[1])
    if y.max() >= n_classes:
        raise ConfigError(f'labels: y has class {y.max()}, but the network only has the classes 0 to {n_classes - 1}')
    return float(np.mean(_classes(before, before) == y)), float(np.mean(_classes(after, before) == y))


def _classes(outputs: NDArray, known: NDArray) -> NDArray:
    """Classes of the samples; a single output is class 1 above one half, or above 0 if any of `known` leaves [0, 1]."""
    if outputs.shape[1] > 1:
        return outputs.argmax(axis=1)
    return outputs[:, 0] > (0.0 if known.min() < 0 or known.max() > 1 else 0.5)


def _relative_error(before: NDArray, after: NDArray, scale: NDArray) -> float:
    """Mean squared difference of each value over the variance of `scale` there, and the mean of all values."""
    error = np.mean((before - after) ** 2, axis=0)
    if not error.any():
        return 0.0
    variance = np.var(scale, axis=0)
    variance = np.maximum(variance, _LEAST_VARIANCE * variance.mean())
    if not variance.any():
        variance = np.full(variance.shape, np.mean(scale**2))
    return float(np.mean(error / variance)) if variance.all() else float('inf')
