"""Accuracies after pruning: as a table, and against the points that may be lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import numpy as np

from benchmarks.accuracy_networks import CNNS, JETS, MLPS

DENSE, ONE_SHOT, CALIBRATED = 'dense', 'l1, aligned', 'calibrated'
Setting = tuple[int, float]
# Points that CALIBRATED may lose against the dense firmware, by reuse factor and share of the DSPs.
_IMAGES: dict[Setting, float] = {(4, 0.25): 1.5, (8, 0.25): 1.5, (16, 0.25): 1.5}
BOUNDS: dict[str, dict[Setting, float]] = {
    JETS: {(2, 0.2): 1.0, (4, 0.3): 0.5, (4, 0.2): 1.5, (4, 0.1): 4.0, (8, 0.2): 2.5},
    MLPS: _IMAGES,
    CNNS: _IMAGES,
}
# The jet taggers are one network trained several times: the mean counts.
MEAN = (JETS,)
# Points that CALIBRATED is ahead of ONE_SHOT at this share, on average over all that was measured.
MIN_GAIN_SHARE, MIN_GAIN = 0.3, 15.0
# Points that the dense firmware may lose against floating point: else its types would be to blame.
MAX_DENSE = 1.0
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Result:
    """A firmware of a network.

    Attributes
    ----------
    case, group : str
    reuse_factor : int
    share : float
        Of the DSPs of the dense design, that the firmware may take.
    method : str
    accuracy, loss : float
        On the test set; points lost against the dense firmware. Not a number where there is none.
    float_accuracy : float
        Of the network in floating point, unpruned.
    n_test : int
        Size of the test set.
    dsp, bram18, lut : float
        Estimated as the HLS compiler would report them.
    seconds : float
        Of the conversion, nearly all for the plan.
    problem : str
        Why there is no firmware; empty if there is one.
    """

    case: str
    group: str
    reuse_factor: int
    share: float
    method: str
    accuracy: float
    loss: float
    float_accuracy: float
    n_test: int
    dsp: float = np.nan
    bram18: float = np.nan
    lut: float = np.nan
    seconds: float = np.nan
    problem: str = ''

    @property
    def setting(self) -> Setting:
        """Reuse factor and share of the DSPs."""
        return self.reuse_factor, self.share

    def plain(self) -> dict[str, Any]:
        """Return it as JSON takes it: None for what is no number."""
        return {key: None if isinstance(value, float) and np.isnan(value) else value for key, value in asdict(self).items()}

    def __str__(self) -> str:
        return f'{self.case}, reuse factor {self.reuse_factor}, {self.share:g}x DSP, {self.method}'


def table_row(result: Result) -> dict[str, str]:
    """One row of the table."""
    dense = result.method == DENSE

    def cell(value: float, form: str) -> str:
        return f'{value:{form}}' if np.isfinite(value) else '-'

    return {
        'network': result.case,
        'method': f'dense (float: {result.float_accuracy:.4f})' if dense else result.method,
        'RF': str(result.reuse_factor),
        'share of DSPs': '1' if dense else f'{result.share:g}',
        'accuracy': cell(result.accuracy, '.4f'),
        'loss, points': '' if dense else cell(result.loss, '.2f'),
        'DSP': cell(result.dsp, ',.0f'),
        'BRAM18': cell(result.bram18, ',.0f'),
        'LUT': cell(result.lut, ',.0f'),
        'conversion, s': cell(result.seconds, '.1f'),
    }


def mean_rows(results: Sequence[Result]) -> list[dict[str, str]]:
    """Rows of a table of mean losses over the networks of a group."""
    keys = sorted({(r.group, *r.setting) for r in results if r.method != DENSE})
    methods = list(dict.fromkeys(r.method for r in results if r.method != DENSE))
    return [
        {
            'networks': group,
            'RF': str(reuse_factor),
            'share of DSPs': f'{share:g}',
            **{method: _mean_cell(_chosen(results, group, (reuse_factor, share), method)) for method in methods},
        }
        for group, reuse_factor, share in keys
    ]


def _mean_cell(results: Sequence[Result]) -> str:
    return f'{np.mean([r.loss for r in results]):.2f}' if results else '-'


def _chosen(results: Iterable[Result], group: str, setting: Setting, method: str) -> list[Result]:
    return [r for r in results if (r.group, r.setting, r.method) == (group, setting, method) and not r.problem]


def violations(results: Sequence[Result]) -> list[str]:
    """Return what does not hold, among the bounds for which something was measured."""
    failed = [f'{r}: {r.problem}' for r in results if r.problem]
    return [*failed, *_unlike_float(results), *_lost(results), *_behind(results)]


def _unlike_float(results: Iterable[Result]) -> Iterator[str]:
    for result in results:
        points = 100 * (result.float_accuracy - result.accuracy)
        if result.method == DENSE and points > MAX_DENSE:
            yield f'{result} is {points:.2f} points below floating point, more than {MAX_DENSE}'


def _lost(results: Sequence[Result]) -> Iterator[str]:
    for group, settings in BOUNDS.items():
        for setting, most in settings.items():
            found = _chosen(results, group, setting, CALIBRATED)
            if group in MEAN and found:
                mean = float(np.mean([r.loss for r in found]))
                losses = {f'{group} on average, reuse factor {setting[0]}, {setting[1]:g}x DSP': mean}
            else:
                losses = {str(r): r.loss for r in found}
            # Losses are counts of samples, apart from the rounding of this subtraction.
            yield from (
                f'{name}: {loss:.2f} points lost, more than {most}' for name, loss in losses.items() if loss > most + 1e-9
            )


def _behind(results: Sequence[Result]) -> Iterator[str]:
    """Compare the two methods wherever both were measured."""
    gains = []
    for _, of_case in groupby(results, key=lambda r: (r.case, r.setting)):
        by_method = {r.method: r for r in of_case if not r.problem}
        if CALIBRATED in by_method and ONE_SHOT in by_method:
            ours, theirs = by_method[CALIBRATED], by_method[ONE_SHOT]
            if ours.accuracy < theirs.accuracy:
                yield f'{ours}: accuracy {ours.accuracy:.4f}, with {ONE_SHOT} {theirs.accuracy:.4f}'
            if ours.share == MIN_GAIN_SHARE:
                gains.append(theirs.loss - ours.loss)
    if gains and np.mean(gains) < MIN_GAIN:
        yield f'{np.mean(gains):.2f} points ahead of {ONE_SHOT} at {MIN_GAIN_SHARE:g}x DSP on average, less than {MIN_GAIN}'
