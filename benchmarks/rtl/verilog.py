"""Verilog of one time-multiplexed sparse kernel: the structure that our firmware asks the HLS tool for.

A weight memory of RF words, a counter, one multiplier a kept slot behind an input multiplexer whose selection is a constant
of the cycle, an adder tree an output and an accumulator. Slots that read the same sequence of inputs share a multiplexer;
slots may also read `streams`, multiplexers that are common to all slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.rtl.library import JOINTS, LIBRARY
from hls4ml_hwprune.packing.narrow import shifts, words


@dataclass(frozen=True)
class Schedule:
    """What each kept multiplier slot of a kernel does in each cycle.

    Attributes
    ----------
    n_in, n_out, input_bits, weight_bits, accum_bits : int
        Size and widths of the kernel; products lose low bits where they are wider than the accumulator.
    inputs, outputs, weights : ndarray of int, shape (n_kept, RF)
        Input, output and weight of each slot in each cycle; input and output are -1 where a slot has nothing to do.
    streams : ndarray of int, shape (n_streams, RF)
        Inputs of the multiplexers that are common to all slots; slots use them where that saves legs.
    slot_bits : int
        Bits of a weight where slots 2i and 2i + 1, which read the same inputs, share a multiplier; 0 where none do.
    """

    n_in: int
    n_out: int
    input_bits: int
    weight_bits: int
    accum_bits: int
    inputs: NDArray[np.int64] = field(repr=False)
    outputs: NDArray[np.int64] = field(repr=False)
    weights: NDArray[np.int64] = field(repr=False)
    streams: NDArray[np.int64] = field(repr=False)
    slot_bits: int = 0

    @property
    def reuse_factor(self) -> int:
        """Cycles of the kernel."""
        return self.inputs.shape[1]

    @property
    def n_kept(self) -> int:
        """Multiplier slots."""
        return self.inputs.shape[0]


Sources = tuple[str, ...]  # what a multiplexer reads in each cycle: 'i5' input 5, 's2' stream 2, '' anything


def _direct(row: NDArray[np.int64]) -> Sources:
    return tuple('' if i < 0 else f'i{i}' for i in row)


def legs(sources: Sources) -> list[str]:
    """Return the distinct inputs of a multiplexer, in the order of their first use."""
    return list(dict.fromkeys(source for source in sources if source))


def _through_streams(row: NDArray[np.int64], streams: NDArray[np.int64]) -> Sources:
    """Cover a slot's reads by few streams: greedily the stream that serves most of the cycles that are left."""
    sources = list(_direct(row))
    left = row >= 0
    while len(streams):
        serves = (streams == row) & left
        best = int(serves.sum(axis=1).argmax())
        if serves[best].sum() < 1:
            break
        for cycle in np.flatnonzero(serves[best]):
            sources[cycle] = f's{best}'
        left &= ~serves[best]
    return tuple(sources)


def slot_sources(schedule: Schedule) -> list[Sources]:
    """Return what each slot's multiplexer reads: inputs, or streams where these need fewer blocks of four legs."""
    chosen = []
    for row in schedule.inputs:
        direct, streamed = _direct(row), _through_streams(row, schedule.streams)
        saves = -(-len(legs(streamed)) // 4) < -(-len(legs(direct)) // 4) or len(legs(streamed)) == 1
        chosen.append(streamed if saves else direct)
    return chosen


def multiplexers(schedule: Schedule) -> dict[Sources, int]:
    """Return the distinct multiplexers of the kernel, numbered; streams that no slot reads do not exist."""
    slots = slot_sources(schedule)
    used = sorted({int(source[1:]) for sources in slots for source in sources if source.startswith('s')})
    rows = [_direct(schedule.streams[stream]) for stream in used] + slots
    return {sources: number for number, sources in enumerate(dict.fromkeys(rows))}


def multiplexer(number: int, sources: Sources, bits: int, names: dict[str, str]) -> list[str]:
    """One multiplexer: a constant table from the cycle to the leg, LUTs that choose one leg of four, and joints of these."""
    parts = legs(sources)
    output = f'mux{number}'
    if len(parts) < 2:
        return [f'  wire signed [{bits - 1}:0] {output} = {names[parts[0]] if parts else 0};']
    width = max(2, (len(parts) - 1).bit_length())
    select = f'select{number}'
    lines = [f'  reg [{width - 1}:0] {select};', '  always @*', '    case (cycle)']
    lines += [f'      {cycle}: {select} = {parts.index(source)};' for cycle, source in enumerate(sources) if source]
    lines += [f"      default: {select} = {width}'bx;", '    endcase']
    level, low, round_ = [names[part] for part in parts], 0, 0
    while len(level) > 1:
        # MUXF9 is the last joint: beyond 32 legs LUTs choose again.
        at_once, kind = JOINTS[round_ % len(JOINTS)]
        following = []
        for start in range(0, len(level), at_once):
            chosen = level[start : start + at_once]
            if at_once == 2 and len(chosen) == 1:
                following += chosen
                continue
            name = f'{output}_{round_}_{len(following)}'
            chosen += chosen[-1:] * (at_once - len(chosen))
            bit = f'{select}[{low}]' if at_once == 2 else _slice(select, low, width)
            lines += [
                f'  wire signed [{bits - 1}:0] {name};',
                f'  {kind} #({bits}) at_{name} ({", ".join(chosen)}, {bit}, {name});',
            ]
            following.append(name)
        level, low, round_ = following, low + at_once // 2, round_ + 1
    return [*lines, f'  wire signed [{bits - 1}:0] {output} = {level[0]};']


def _slice(select: str, low: int, width: int) -> str:
    return f'{select}[{low + 1}:{low}]' if low + 1 < width else f"{{1'b0, {select}[{low}]}}"


def adder_tree(output: int, terms: Sequence[tuple[str, int]], accum_bits: int) -> tuple[list[str], tuple[str, int]]:
    """Adders of one output, two by two; return the lines and the sum with its width."""
    lines: list[str] = []
    level = list(terms)
    while len(level) > 1:
        following = []
        for (a, a_bits), (b, b_bits) in zip(level[::2], level[1::2], strict=False):
            name, bits = f'sum{output}_{len(lines) // 2}', min(accum_bits, max(a_bits, b_bits) + 1)
            lines += [f'  wire signed [{bits - 1}:0] {name};']
            lines += [f'  adder #({a_bits}, {b_bits}, {bits}) add_{name} ({a}, {b}, {name});']
            following.append((name, bits))
        level = following + (level[-1:] if len(level) % 2 else [])
    return lines, level[0]


def _terms(schedule: Schedule, output: int, bits: int) -> tuple[list[str], list[tuple[str, int]]]:
    """Products that enter an output's sum; a slot that also serves other outputs is let in by the cycle."""
    lines, terms = [], []
    for slot in np.flatnonzero((schedule.outputs == output).any(axis=1)):
        own = schedule.outputs[slot] == output
        term = f'term{slot}'
        if ((schedule.outputs[slot] >= 0) & ~own).any():
            term = f'gated{slot}_{output}'
            allowed = ' || '.join(f'late == {cycle}' for cycle in np.flatnonzero(own))
            lines.append(f'  wire signed [{bits - 1}:0] {term} = ({allowed}) ? term{slot} : 0;')
        terms.append((term, bits))
    return lines, terms


def memory_words(schedule: Schedule) -> tuple[int, list[str]]:
    """Width of the memory of the weights, and its words in binary, cycle by cycle."""
    s, bits, numbers = schedule, schedule.weight_bits, schedule.weights
    if s.slot_bits:
        units = 2 ** shifts(s.weights, s.slot_bits)[:, None]
        bits, numbers = 2 * s.slot_bits, words((s.weights // units).reshape(-1, 2, s.reuse_factor), s.slot_bits)
    found = [''.join(f'{int(w) & (2**bits - 1):0{bits}b}' for w in numbers[::-1, c]) for c in range(s.reuse_factor)]
    return len(numbers) * bits, found


def products(schedule: Schedule, muxes: Sequence[str]) -> list[str]:
    """Write the registered product of each slot, by a multiplier of its own."""
    bits, product_bits, lines = schedule.weight_bits, schedule.input_bits + schedule.weight_bits, []
    for slot, mux in enumerate(muxes):
        lines += [f'  reg signed [{product_bits - 1}:0] product{slot};']
        lines += [
            f'  always @(posedge clock) product{slot} <= {mux} * $signed(word[{(slot + 1) * bits - 1}:{slot * bits}]);'
        ]
    return lines


def paired_products(schedule: Schedule, muxes: Sequence[str]) -> list[str]:
    """Write the products of two slots by one multiplier, which adds half a unit of the upper one."""
    s, bits = schedule, schedule.slot_bits
    low, lines = s.input_bits + bits - 1, []
    for pair, mux in enumerate(muxes[::2]):
        first = 2 * bits * pair
        high, sign = f'word[{first + 2 * bits - 1}:{first + bits}]', f'word[{first + bits - 1}]'
        factor = f'{{{high}, {{{low - bits}{{{sign}}}}}, word[{first + bits - 1}:{first}]}}'
        lines += [f'  reg signed [{low + s.input_bits + bits - 1}:0] both{pair};']
        lines += [
            f"  always @(posedge clock) both{pair} <= {mux} * $signed({factor}) + $signed({low + 1}'d{2 ** (low - 1)});"
        ]
        parts = (f'{{~both{pair}[{low - 1}], both{pair}[{low - 2}:0]}}', f'both{pair}[{2 * low - 1}:{low}]')
        for slot, (part, shift) in enumerate(zip(parts, shifts(s.weights, bits)[2 * pair :][:2], strict=True), 2 * pair):
            lines += [f'  wire signed [{low - 1}:0] narrow{slot} = {part};']
            lines += [f'  wire signed [{s.input_bits + s.weight_bits - 1}:0] product{slot} = narrow{slot} <<< {shift};']
    return lines


def verilog(schedule: Schedule, name: str = 'kernel') -> str:
    """Return the Verilog of the kernel; `start` lasts one cycle, and the results are there once `done` is high."""
    s, rf = schedule, schedule.reuse_factor
    bits, counter = s.input_bits, max(1, (rf - 1).bit_length())
    product_bits = s.input_bits + s.weight_bits
    term_bits, cut = min(product_bits, s.accum_bits), max(0, product_bits - s.accum_bits)
    numbers = multiplexers(s)
    names = {f'i{i}': f'data[{(i + 1) * bits - 1}:{i * bits}]' for i in range(s.n_in)}
    names |= {f's{j}': f'mux{numbers.get(_direct(row), 0)}' for j, row in enumerate(s.streams)}
    width, words = memory_words(s)
    lines = [LIBRARY]
    lines += [f'module {name} (input clock, start, input [{s.n_in * bits - 1}:0] data, output reg done,']
    lines += [f'    output [{s.n_out * s.accum_bits - 1}:0] result);']
    lines += [f'  (* rom_block, ram_block, ram_style = "block" *) reg [{width - 1}:0] memory [0:{rf - 1}];']
    lines += ['  initial begin', *(f"    memory[{c}] = {width}'b{word};" for c, word in enumerate(words)), '  end']
    # The memory's word arrives a cycle after its address, the product one later: `cycle` and `late` follow the counter.
    lines += [f'  reg [{width - 1}:0] word;', f'  reg [{counter - 1}:0] next, cycle, late;', '  reg run, run1, run2;']
    lines += ['  always @(posedge clock) begin', '    word <= memory[next];', '    cycle <= next; late <= cycle;']
    lines += [f'    next <= start || next == {rf - 1} ? 0 : next + 1;', f'    run <= start || (run && next != {rf - 1});']
    lines += ['    run1 <= run && !start; run2 <= run1 && !start;', f'    done <= run2 && late == {rf - 1};', '  end']
    for sources, number in sorted(numbers.items(), key=lambda pair: pair[1]):
        lines += multiplexer(number, sources, bits, names)
    muxes = [f'mux{numbers[sources]}' for sources in slot_sources(s)]
    lines += paired_products(s, muxes) if s.slot_bits else products(s, muxes)
    lines += [
        f'  wire signed [{term_bits - 1}:0] term{slot} = product{slot}[{product_bits - 1}:{cut}];'
        for slot in range(s.n_kept)
    ]
    for output in range(s.n_out):
        target = f'result[{(output + 1) * s.accum_bits - 1}:{output * s.accum_bits}]'
        gates, terms = _terms(s, output, term_bits)
        if not terms:
            lines += [f'  assign {target} = 0;']
            continue
        adders, (total, total_bits) = adder_tree(output, terms, s.accum_bits)
        lines += [*gates, *adders]
        lines += [f'  accumulator #({total_bits}, {s.accum_bits}) acc{output} (clock, run2, late == 0, {total}, {target});']
    return '\n'.join([*lines, 'endmodule', ''])
