"""Results of a twin: in numpy from its schedule, and in Icarus Verilog from its text."""

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rtl.library import CELLS
from benchmarks.rtl.verilog import Schedule, verilog


def expected(schedule: Schedule, data: NDArray[np.int64]) -> NDArray[np.int64]:
    """Results (n_out,) for inputs (n_in,): products cut to the accumulator's low end, sums that wrap around."""
    cut = max(0, schedule.input_bits + schedule.weight_bits - schedule.accum_bits)
    sums = np.zeros(schedule.n_out, np.int64)
    for cycle in range(schedule.reuse_factor):
        there = schedule.outputs[:, cycle] >= 0
        products = data[schedule.inputs[there, cycle]] * schedule.weights[there, cycle]
        np.add.at(sums, schedule.outputs[there, cycle], products >> cut)
    half = 2 ** (schedule.accum_bits - 1)
    return (sums + half) % (2 * half) - half


def simulated(schedule: Schedule, data: NDArray[np.int64], folder: Path) -> tuple[NDArray[np.int64], int]:
    """Run the Verilog on `data` (n_runs, n_in); return the results (n_runs, n_out) and the cycles from start to done."""
    s = schedule
    words = [''.join(f'{int(x) & (2**s.input_bits - 1):0{s.input_bits}b}' for x in row[::-1]) for row in data]
    width = s.n_in * s.input_bits
    bench = [
        'module bench;',
        '  reg clock = 0, start = 0; wire done; integer cycles;',
        f'  reg [{width - 1}:0] data; wire [{s.n_out * s.accum_bits - 1}:0] result;',
        '  kernel twin(clock, start, data, done, result);',
        '  always #1 clock = ~clock;',
        f'  task run(input [{width - 1}:0] word); begin',
        '    @(negedge clock); data = word; start = 1; @(negedge clock); start = 0; cycles = 0;',
        '    while (done !== 1) begin @(negedge clock); cycles = cycles + 1; end',
        '    $display("%b %0d", result, cycles); @(negedge clock);',
        '  end endtask',
        '  initial begin',
        *(f"    run({width}'b{word});" for word in words),
        '    $finish; end',
        'endmodule',
    ]
    source, program = folder / 'bench.v', folder / 'bench.vvp'
    source.write_text('\n'.join([CELLS, verilog(s), *bench, '']))
    subprocess.run(['iverilog', '-g2005', '-o', str(program), str(source)], check=True, timeout=120)
    text = subprocess.run(['vvp', '-n', str(program)], check=True, timeout=120, capture_output=True, text=True).stdout
    lines = [line.split() for line in text.splitlines()]
    half = 2 ** (s.accum_bits - 1)
    values = [
        [
            (int(bits[len(bits) - (o + 1) * s.accum_bits :][: s.accum_bits], 2) + half) % (2 * half) - half
            for o in range(s.n_out)
        ]
        for bits, _ in lines
    ]
    return np.array(values, np.int64), int(lines[0][1])
