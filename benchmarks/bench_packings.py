"""Kept importance of the packings on trained networks, at equal shares of the multiplier slots.

    python -m benchmarks.bench_packings [--models DIRECTORY] [--kernels]

Reads all Keras weights (`*.h5`) of a directory. Importance is l2, a share of the kernel's total; a row is the mean over
kernels and the reuse factors 2, 4, 8 and 16 that hls4ml allows. Fails unless balanced >= permuted >= aligned everywhere and
permuted keeps 3 % of the total more than aligned at 30 % of the slots, on average.
"""

import argparse
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks import DATA, format_table
from hls4ml_hwprune.importance import weight_scores
from hls4ml_hwprune.packing import pack
from hls4ml_hwprune.records import Kernel

PACKINGS = ('aligned', 'permuted', 'balanced')
REUSE_FACTORS = (2, 4, 8, 16)
SHARES = (5, 10, 20, 30, 40, 50, 60, 70, 80, 90)
MODELS = DATA / 'models'
LEAST_GAIN = 3.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """Kept importance (0 to all slots, share of the total) and seconds of each packing of one kernel."""

    name: str
    kept: dict[str, NDArray[np.float64]]
    seconds: dict[str, float]

    def at(self, packing: str, share: float) -> float:
        """Return the importance that `share` percent of the slots hold, in percent."""
        kept = self.kept[packing]
        return 100 * float(kept[round(share / 100 * (len(kept) - 1))])


def read_matrices(path: Path) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Kernels of a Keras weights file as (n_out, n_in) matrices, convolutions with the filter flattened."""
    import h5py  # type: ignore[import-untyped]

    found: list[tuple[str, NDArray[np.float64]]] = []

    def visit(name: str, item: object) -> None:
        # Optimisers save moments under the same names.
        if isinstance(item, h5py.Dataset) and name.endswith('/kernel:0') and not name.startswith('optimizer'):
            values = np.asarray(item, dtype=np.float64)
            found.append((name.split('/')[-2], values.reshape(-1, values.shape[-1]).T))

    with h5py.File(path) as file:
        file.visititems(visit)
    yield from found


def kept_importance(kernel: Kernel, packing: str) -> NDArray[np.float64]:
    """Share of the kernel's l2 that the best k groups hold, for k from 0 to all."""
    scores = weight_scores(kernel, 'l2')
    sums = pack(kernel, packing, scores).per_weight(scores.ravel()).sum(axis=1)
    return np.concatenate([[0.0], np.cumsum(np.sort(sums)[::-1])]) / (scores.sum() or 1.0)


def measure(name: str, values: NDArray[np.float64], reuse_factor: int) -> Result:
    """Pack one matrix in every way."""
    n_out, n_in = values.shape
    codes = np.zeros(values.shape, np.int64)
    kernel = Kernel(name, 'weight', n_in, n_out, reuse_factor, 'resource', 1, values, codes, 16, 16, 32)
    kept, seconds = {}, {}
    for packing in PACKINGS:
        started = perf_counter()
        kept[packing] = kept_importance(kernel, packing)
        seconds[packing] = perf_counter() - started
    return Result(f'{name} {n_in}x{n_out}, RF {reuse_factor}', kept, seconds)


def measure_model(path: Path) -> list[Result]:
    """Pack all kernels of a file, at all reuse factors."""
    return [
        measure(name, values, reuse_factor)
        for name, values in read_matrices(path)
        for reuse_factor in REUSE_FACTORS
        if reuse_factor <= values.shape[1] and values.shape[1] % reuse_factor == 0
    ]


def table_rows(name: str, results: list[Result]) -> list[dict[str, str]]:
    """One row a packing: the mean at each share, and the longest time."""
    return [
        {'model': name, 'packing': packing}
        | {f'{share} %': f'{np.mean([result.at(packing, share) for result in results]):.1f}' for share in SHARES}
        | {'seconds at most': f'{max(result.seconds[packing] for result in results):.2f}'}
        for packing in PACKINGS
    ]


def violations(results: list[Result]) -> list[str]:
    """Return what does not hold."""
    wrong = [
        f'{result.name}: {better} keeps less than {worse} at some number of slots'
        for result in results
        for worse, better in (('aligned', 'permuted'), ('permuted', 'balanced'))
        if (result.kept[better] < result.kept[worse] - 1e-9).any()
    ]
    gain = float(np.mean([result.at('permuted', 30) - result.at('aligned', 30) for result in results]))
    if gain < LEAST_GAIN:
        wrong.append(f'permuted keeps {gain:.1f} % more than aligned at 30 %, not {LEAST_GAIN} %')
    return wrong


def main() -> int:
    """Log the table and what does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--models', type=Path, default=MODELS, help='directory of Keras weights')
    parser.add_argument('--kernels', action='store_true', help='a row for each kernel and reuse factor too')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    models = {path.stem: measure_model(path) for path in sorted(arguments.models.glob('*.h5'))}
    everything = [result for results in models.values() for result in results]
    if not everything:
        logger.error('there are no Keras weights in %s', arguments.models)
        return 1
    groups = {f'{name}: {r.name}': [r] for name, results in models.items() for r in results} if arguments.kernels else {}
    rows = [row for name, some in (groups | models | {'all': everything}).items() for row in table_rows(name, some)]
    logger.info('%s', format_table(rows))
    wrong = violations(everything)
    for line in wrong:
        logger.error('%s', line)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
