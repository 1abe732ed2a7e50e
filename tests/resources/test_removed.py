"""Removing dead inputs and outputs of a kernel never makes its logic dearer, over sizes, packings, tools and stages."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.packing import pack, slot_table
from hls4ml_hwprune.packing.layout.shrunk import shrunk_slots
from hls4ml_hwprune.records import Kernel, Target
from hls4ml_hwprune.resources import kernel_resources, legal_reuse_factors

VIVADO, VITIS = 'Vivado HLS', 'Vitis HLS'


def random_kernel(rng: np.random.Generator) -> Kernel:
    n_in, n_out = int(rng.integers(2, 40)), int(rng.integers(2, 20))
    legal = [factor for factor in legal_reuse_factors(n_in, n_out) if factor > 1]
    tool = str(rng.choice([VIVADO, VITIS]))
    bits = (int(bits) for bits in rng.integers(4, 19, 2))
    values, codes = rng.normal(size=(n_out, n_in)), rng.integers(1, 8, (n_out, n_in))
    return Kernel(
        'fc', 'weight', n_in, n_out, int(rng.choice(legal)), 'resource', 1, values, codes, *bits, 30,
        source=str(rng.choice(['layer', 'port', 'stream', 'window'])),
        target=Target(str(rng.choice(['xcvu13p-flga2577-2-e', 'xc7a100tcsg324-1'])), float(rng.choice([3, 5])), tool),
        multiplexer_ways=int(rng.choice([0, 2, 800])) if tool == VIVADO else 0,
    )  # fmt: skip


def check_removal(kernel: Kernel, packing: str, rng: np.random.Generator) -> None:
    groups = pack(kernel, packing, kernel.values**2)
    kept = np.flatnonzero(rng.uniform(size=len(groups.index)) < rng.uniform(0.1, 1))
    mask = np.zeros(kernel.n_in * kernel.n_out, bool)
    mask[groups.index[kept][groups.index[kept] >= 0]] = True
    before = replace(kernel, kept=mask.reshape(kernel.n_out, kernel.n_in))
    if packing != 'aligned':
        before = replace(before, slots=slot_table(kernel, packing, groups, kept))
    rows = np.flatnonzero(rng.uniform(size=kernel.n_out) < 0.7)
    whole = kernel.reuse_factor > kernel.n_in
    columns = np.arange(kernel.n_in) if whole else np.flatnonzero(rng.uniform(size=kernel.n_in) < 0.7)
    left = np.zeros(before.kept.shape, bool)
    left[np.ix_(rows, columns)] = before.kept[np.ix_(rows, columns)]
    if not left.any():
        return
    part = np.ix_(rows, columns)
    after = replace(
        kernel,
        n_in=len(columns),
        n_out=len(rows),
        codes=kernel.codes[part],
        values=kernel.values[part],
        kept=left[part],
        slots=shrunk_slots(before, left, rows, columns),
        designed=(kernel.n_out, kernel.n_in),
    )
    for stage in ('csynth', 'vsynth'):
        first, second = kernel_resources(before, stage), kernel_resources(after, stage)
        assert second.dsp <= first.dsp
        assert second.bram18 <= first.bram18
        # A ROM that is too small for a block RAM takes LUTs and flip-flops.
        if second.bram18 == first.bram18:
            assert (second.lut, second.ff) <= (first.lut, second.ff), (stage, packing, kernel)
            assert second.ff <= first.ff, (stage, packing, kernel)


@pytest.mark.parametrize('packing', ['aligned', 'balanced'])
def test_a_smaller_kernel_is_no_dearer(packing):
    rng = np.random.default_rng(0)
    for _ in range(250):
        check_removal(random_kernel(rng), packing, rng)


def test_a_stream_of_800_inputs_at_a_reuse_factor_that_is_no_power_of_two():
    """Vivado HLS lists a multiplexer of 800 inputs for others of the design: lanes of 50 inputs are none of them."""
    rng = np.random.default_rng(0)
    size = (8, 800)
    kernel = Kernel(
        'fc', 'weight', 800, 8, 50, 'resource', 1, rng.normal(size=size), rng.integers(1, 8, size), 14, 6, 17,
        source='stream', target=Target('xczu49dr-ffvf1760-2-e', 3.225, VIVADO), multiplexer_ways=800,
    )  # fmt: skip
    for _ in range(3):
        check_removal(kernel, 'aligned', rng)
