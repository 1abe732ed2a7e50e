"""Firmware of paired slots, two products in one multiplication: bit for bit, and its words read back."""

import re
from pathlib import Path

import hls4ml
import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.packing.narrow import most_bits
from tests.host.firmware.cases import (
    BACKENDS,
    FAMILIES,
    IO_TYPES,
    cases,
    check,
    check_together,
    legal_reuse_factors,
    pair,
    some_cases,
)
from tests.models import convert, dense, hls_config, input_layer

# Inputs have 12 bits, for which a DSP48E2 has room for eight bits a weight.
WIDEST = most_bits(12, 27)
EVERYDAY = [
    ('dense', 'Vivado', 'io_parallel', 'aligned', 6),
    ('dense', 'Vitis', 'io_stream', 'balanced', 5),
    ('dense', 'Vitis', 'io_parallel', 'permuted', 4),
    ('conv2d', 'Vitis', 'io_parallel', 'balanced', WIDEST),
    ('conv2d', 'Vivado', 'io_stream', 'aligned', 4),
    ('conv1d_same', 'Vivado', 'io_parallel', 'balanced', 3),
    ('pointwise2d', 'Vitis', 'io_stream', 'aligned', 2),
]


def shared(chosen, packing):
    """Cases that share multipliers; all packings but `aligned` add in another order, which matters where sums saturate."""
    return [
        case
        for case in chosen
        if case.strategy == 'Resource' and case.reuse_factor > 1 and (packing == 'aligned' or case.precision != 'saturating')
    ]


@pytest.mark.parametrize('backend', BACKENDS)
def test_bit_exact(backend, tmp_path, monkeypatch):
    pairs = []
    for family, where, io_type, packing, width in EVERYDAY:
        if where != backend:
            continue
        folder = tmp_path / f'{family}_{io_type}_{packing}'
        chosen = shared(some_cases(family), packing)
        found = pair(family, chosen, backend, io_type, folder, monkeypatch, packing=packing, slot_width=width)
        plans = hls4ml_hwprune.get_plan(found.sparse).kernels
        assert any(kernel.slot_bits for kernel in plans)
        for kernel in plans:
            # Weights that have fewer bits keep theirs.
            assert kernel.slot_bits in (0, width, 5)
            assert not kernel.slot_bits or kernel.after.dsp < kernel.n_kept * kernel.copies or kernel.n_kept < 2
        pairs.append(found)
    check_together(pairs)


@pytest.mark.slow
@pytest.mark.parametrize('packing', ['aligned', 'balanced', 'permuted'])
@pytest.mark.parametrize('io_type', IO_TYPES)
@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('family', [family for family in FAMILIES if not family.startswith('depthwise')])
@pytest.mark.parametrize('width', [2, 5, WIDEST])
def test_bit_exact_everywhere(width, family, backend, io_type, packing, tmp_path, monkeypatch):
    _, _, n_in, n_out = FAMILIES[family]
    every = list(cases(n_in, n_out, legal_reuse_factors(n_in, n_out), every=True))
    check(family, shared(every, packing), backend, io_type, tmp_path, monkeypatch, packing=packing, slot_width=width)


def a_layer(tmp_path, part='xcvu13p-flga2577-2-e', precision='ap_fixed<16,6>', **block):
    """A dense layer of 16 inputs and 6 outputs at reuse factor 4, with eight slots of two DSP blocks' worth of weights."""
    layers = [input_layer([16]), dense('fc', np.random.default_rng(5).normal(size=(16, 6)))]
    config = hls_config({'Budget': {'DSP': 6}, **block}, ['vitis:hwprune'], Precision={'default': precision})

    return convert(layers, config, tmp_path, part=part)


def test_words_hold_the_weights_of_two_slots(tmp_path):
    model = a_layer(tmp_path, SlotWidth=6, Packing='aligned')
    (kernel,) = hls4ml_hwprune.get_plan(model).kernels
    assert (kernel.slot_bits, kernel.after.dsp) == (6, 6)
    assert kernel.n_kept == 12
    model.write()
    firmware = Path(tmp_path) / 'firmware'
    assert 'typedef ap_int<12> w2_pair_t;' in (firmware / 'defines.h').read_text()
    config = (firmware / 'parameters.h').read_text()
    shift = [int(n) for n in re.search(r'::shift\[\] = \{\s*([^}]*)\}', config)[1].split(',')]
    outputs = [int(n) for n in re.search(r'::out_index\[\] = \{\s*([^}]*)\}', config)[1].split(',')]
    words = np.array((firmware / 'weights' / 'w2.txt').read_text().split(','), int).reshape(6, 4)
    low = (words & 63) - 64 * ((words >> 5) & 1)
    high = (words >> 6) + (low < 0)
    held = np.stack([low, high], axis=1).reshape(12, 4) * 2.0 ** np.array(shift)[:, None] / 1024
    assert kernel.values is not None
    # A lane brings four consecutive inputs.
    for output, weights in zip(outputs, held, strict=True):
        assert any(np.array_equal(kernel.values[output, first : first + 4], weights) for first in range(0, 16, 4))


def test_a_loaded_model_writes_the_same_words(tmp_path):
    model = a_layer(tmp_path / 'one', SlotWidth='auto')
    model.write()
    hls4ml.utils.serialization.serialize_model(model, tmp_path / 'model.fml')
    loaded = hls4ml.utils.serialization.deserialize_model(tmp_path / 'model.fml', output_dir=str(tmp_path / 'two'))
    loaded.write()
    folders = [Path(one.config.get_output_dir()) / 'firmware' for one in (model, loaded)]
    for name in ('parameters.h', 'defines.h', 'weights/w2.h', 'weights/w2.txt'):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_weights_that_no_slot_holds_are_refused(tmp_path):
    model = a_layer(tmp_path, SlotWidth=6)
    variable = model.graph['fc'].weights['weight']
    variable.data = variable.data + np.where(variable.data != 0, 2.0**-10, 0)
    with pytest.raises(PlanError, match='weights w2: some have more than the 6 bits'):
        model.write()


@pytest.mark.parametrize(
    ('more', 'reason'),
    [
        ({'part': 'LFE5U-45F'}, 'the DSP blocks of the part LFE5U-45F are not known'),
        ({'precision': 'ap_fixed<26,6>'}, 'inputs of 26 bits in layer fc leave no room'),
        ({'Packing': 'bram'}, 'layer fc has none under Packing bram at reuse factor 4'),
        ({'Packing': 'permuted'}, 'layer fc has none under Packing permuted at reuse factor 4'),
    ],
)
def test_a_design_without_room_for_pairs_says_so(more, reason, tmp_path, caplog):
    device = {'Device': {'DSP': 100, 'BRAM18': 100, 'LUT': 10**6, 'FF': 10**6}}
    model = a_layer(tmp_path, SlotWidth='auto', **device, **more)
    assert f'no two slots can share a DSP block: {reason}' in caplog.text
    assert [kernel.slot_bits for kernel in hls4ml_hwprune.get_plan(model).kernels] == [0]
