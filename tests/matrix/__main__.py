"""Write `docs/coverage.md` anew: `python -m tests.matrix`."""

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

from hls4ml_hwprune.progress import progress
from tests.matrix.cells import Cell, Outcome, cells, outcome
from tests.matrix.table import PATH, written


def run(cell: Cell) -> Outcome:
    """Run a cell in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix='matrix_') as folder:
        return outcome(cell, Path(folder))


def main() -> None:
    """Run all cells and write the table."""
    every = list(cells())
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        waiting = [workers.submit(run, cell) for cell in every]
        found = [future.result() for future in progress(waiting, 'coverage')]
    PATH.write_text(written(dict(zip(every, found, strict=True))))


if __name__ == '__main__':
    main()
