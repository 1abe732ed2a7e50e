"""Logic synthesis of paired slots: the same slots and weights with a DSP block each, and two in one.

    python -m benchmarks.rtl.bench_pairs

Needs yosys, as bench_rtl does. Weights have six bits and a power of two a slot in both twins.
"""

import logging
import sys

from benchmarks import format_table
from benchmarks.rtl.selections import Shape, paired, random_weights
from benchmarks.rtl.verilog import Schedule, verilog
from benchmarks.rtl.yosys import Usage, find_yosys, synthesise

SHAPES = ((Shape(64, 32, 4), 0.3), (Shape(64, 32, 16), 0.5), (Shape(32, 32, 8), 0.5), (Shape(16, 64, 4), 0.3))
SLOT_BITS = 6
logger = logging.getLogger(__name__)


def twins(shape: Shape, share: float) -> tuple[Schedule, Schedule]:
    """Schedules of the kept slots of a shape: wide, and two in a multiplier."""
    weights = random_weights(shape)
    n_kept = 2 * round(share * shape.n_slots / 2)
    wide, both = (paired(shape, weights, n_kept, bits) for bits in (0, SLOT_BITS))
    return wide, both


def row(shape: Shape, n_kept: int, wide: Usage, both: Usage) -> dict[str, str]:
    """Columns of the table."""
    size = {'size': f'{shape.n_in} x {shape.n_out}', 'RF': str(shape.reuse_factor), 'slots': str(n_kept)}
    figures = {name: f'{getattr(wide, name.lower())} -> {getattr(both, name.lower())}' for name in ('DSP', 'LUT', 'BRAM')}
    return size | figures | {'LUT ratio': f'{both.lut / wide.lut:.3f}'}


def main() -> int:
    """Log the table."""
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    if (command := find_yosys()) is None:
        logger.error('yosys is not on the PATH')
        return 1
    rows = []
    for shape, share in SHAPES:
        wide, both = twins(shape, share)
        rows.append(row(shape, wide.n_kept, *(synthesise(command, verilog(one)) for one in (wide, both))))
    logger.info('%s', format_table(rows))
    return 0


if __name__ == '__main__':
    sys.exit(main())
