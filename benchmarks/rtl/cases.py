"""The kernels and parts that the benchmark synthesises."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.rtl.library import LIBRARY
from benchmarks.rtl.selections import Shape, aligned, balanced, permuted, random_weights, turns
from benchmarks.rtl.verilog import Schedule, adder_tree, legs, multiplexer, multiplexers
from hls4ml_hwprune.packing.layout.multiplexers import blocks

_PACKINGS = {'aligned': aligned, 'permuted': permuted, 'turns': turns}
EVERY = ('aligned', 'permuted', 'random', 'crude', 'shared')
WIDE = Shape(64, 32, 4)
DEEP = Shape(64, 32, 16)


@dataclass(frozen=True)
class Case:
    """A kernel, the share of its slots that is kept and how: a packing, or a choice of cycles of `balanced`."""

    shape: Shape
    share: float
    how: str

    @property
    def n_kept(self) -> int:
        """Slots kept."""
        return round(self.share * self.shape.n_slots)

    @property
    def packing(self) -> str:
        """Name of the packing."""
        return 'dense' if self.share == 1 and self.how == 'aligned' else self.how if self.cycles == '' else 'balanced'

    @property
    def cycles(self) -> str:
        """Choice of cycles, where the packing leaves one."""
        return '' if self.how in _PACKINGS else self.how

    def schedule(self) -> Schedule:
        """Choose the slots and what they do."""
        weights = random_weights(self.shape)
        if self.how in _PACKINGS:
            return _PACKINGS[self.how](self.shape, weights, self.n_kept)
        return balanced(self.shape, weights, self.n_kept, self.how)


def _cases(shape: Shape, shares: tuple[float, ...], ways: tuple[str, ...]) -> Iterator[Case]:
    yield from (Case(shape, share, how) for share in shares for how in ways)


KERNELS = (
    *_cases(DEEP, (0.5,), EVERY),
    *_cases(WIDE, (0.3,), EVERY),
    *_cases(DEEP, (0.1, 0.25, 0.75), ('aligned', 'random', 'shared')),
    *_cases(WIDE, (0.1, 0.5), ('aligned', 'random', 'shared')),
    *_cases(Shape(32, 32, 4), (0.3, 0.6), ('aligned', 'permuted', 'random', 'shared')),
    *_cases(Shape(32, 32, 8), (0.3, 0.6), ('aligned', 'permuted', 'random', 'shared')),
    *_cases(Shape(16, 64, 2), (0.3,), ('aligned', 'random', 'shared')),
    *_cases(Shape(16, 64, 4), (0.3,), ('aligned', 'random', 'shared')),
    *_cases(Shape(16, 64, 8), (0.3, 0.6), ('aligned', 'random', 'shared')),
    *_cases(Shape(64, 32, 32), (0.5,), ('aligned', 'random', 'shared')),
    *_cases(Shape(64, 32, 16, accum_bits=24), (0.5,), ('aligned', 'shared')),
    *_cases(Shape(32, 32, 8, bits=12), (0.5,), ('aligned', 'random', 'shared')),
    *_cases(Shape(32, 32, 4, accum_bits=16), (0.5,), ('aligned', 'shared')),
    # More cycles than inputs: hls4ml's own layout, in which a slot serves several outputs one after the other.
    *_cases(Shape(16, 64, 32), (0.5, 1.0), ('aligned',)),
    *_cases(Shape(16, 64, 4), (1.0,), ('aligned',)),
    *_cases(Shape(32, 32, 8), (1.0,), ('aligned',)),
    *_cases(DEEP, (1.0,), ('aligned',)),
    *_cases(WIDE, (1.0,), ('aligned',)),
    # The same number of slots of hls4ml's layout and of outputs chosen freely.
    *_cases(Shape(8, 32, 16), (0.5,), ('aligned', 'turns')),
    *_cases(Shape(8, 32, 32), (0.5,), ('aligned', 'turns')),
    *_cases(Shape(8, 32, 32), (0.25, 1.0), ('aligned',)),
)


def describe(case: Case, schedule: Schedule) -> dict[str, str | int]:
    """Columns that say what was synthesised."""
    muxes = [len(legs(sources)) for sources in multiplexers(schedule)]
    shape, outputs = case.shape, [np.unique(row[row >= 0]) for row in schedule.outputs]
    return {
        'packing': case.packing,
        'cycles': case.cycles,
        'n_in': shape.n_in,
        'n_out': shape.n_out,
        'RF': shape.reuse_factor,
        'bits': shape.bits,
        'accum_bits': shape.accumulator,
        'n_slots': shape.n_slots,
        'n_kept': schedule.n_kept,
        # Terms of all sums: more than slots where a slot serves several outputs.
        'terms': sum(len(served) for served in outputs),
        'live_outputs': len({int(output) for served in outputs for output in served}),
        'multiplexers': sum(n > 1 for n in muxes),
        'legs': sum(n for n in muxes if n > 1),
        'blocks': sum(blocks(n) for n in muxes),
    }


def parts(bits: int = 16) -> Iterator[tuple[dict[str, str | int], str]]:
    """Single multiplexers, adder trees and accumulators: what each is, and its Verilog with top level `part`."""
    for n in (2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 64, 128, 256):
        names = {f'i{i}': f'data[{(i + 1) * bits - 1}:{i * bits}]' for i in range(n)}
        ports = f'input [{n * bits - 1}:0] data, input [{(n - 1).bit_length() - 1}:0] cycle, output [{bits - 1}:0] y'
        lines = [*multiplexer(0, tuple(names), bits, names), '  assign y = mux0;']
        yield {'packing': 'mux', 'bits': bits, 'legs': n, 'blocks': blocks(n)}, _module(ports, lines)
    for n in (2, 4, 8, 16):
        terms = [(f'a[{32 * i + 31}:{32 * i}]', 32) for i in range(n)]
        lines, (total, width) = adder_tree(0, terms, 64)
        yield (
            {'packing': 'adder tree', 'bits': 32, 'terms': n},
            _module(f'input [{32 * n - 1}:0] a, output [{width - 1}:0] y', [*lines, f'  assign y = {total};']),
        )
    for width in (16, 24, 38):
        ports = f'input clock, enable, first, input [31:0] a, output [{width - 1}:0] y'
        lines = [f'  accumulator #({min(32, width)}, {width}) acc (clock, enable, first, a[{min(32, width) - 1}:0], y);']
        yield {'packing': 'accumulator', 'accum_bits': width}, _module(ports, lines)


def _module(ports: str, lines: list[str]) -> str:
    return '\n'.join([LIBRARY, f'module part ({ports});', *lines, 'endmodule', ''])
