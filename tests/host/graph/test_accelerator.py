"""The AXI interface that VivadoAccelerator builds around the network: a layer of its own in estimates, plans and reports."""

import json

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import WRAPPER, Layer, Memory, Operation, Target
from hls4ml_hwprune.resources import estimate_layers
from tests.models import cnn, convert, dense, hls_config, input_layer, mlp

BOARD = 'xc7z020clg400-1'
PRUNED = ['vivadoaccelerator:hwprune']
FIXED = {'input_type': 'ap_fixed<16,6>', 'output_type': 'ap_fixed<16,6>'}


def accelerator(folder, layers=None, block=None, io_type='io_parallel', model=None, **options):
    config = hls_config(block, PRUNED if block else None, **(model or {}))
    return convert(layers or mlp(), config, folder, 'VivadoAccelerator', io_type=io_type, board='pynq-z2', **options)


def tagger():
    """The jet tagger whose wrapper was reported: 16 inputs, 5 outputs."""
    rng = np.random.default_rng(0)
    return [input_layer((16,)), dense('fc', rng.uniform(0.1, 1, (16, 5)))]


def test_wrapper_of_a_parallel_design(tmp_path):
    # Vivado HLS 2019.1 and 2019.2, 3 designs of 2 repositories: IP less network 6,771 to 6,921 LUT, 3,168 to 3,317 FF, 40
    # cycles; latency and interval of the IP are the same.
    core = hls4ml_hwprune.estimate(convert(tagger(), hls_config(), tmp_path / 'a', 'Vivado', part=BOARD))
    ip = hls4ml_hwprune.estimate(accelerator(tmp_path / 'b', tagger()))
    added = ip.total - core.total
    assert (added.dsp, added.bram18) == (0, 0)
    assert added.lut == pytest.approx(6783, rel=0.03)
    assert added.ff == pytest.approx(3171, rel=0.03)
    assert ip.design.latency_max - core.design.latency_max == 40
    assert ip.design.ii == ip.design.latency_max > core.design.ii
    assert list(ip.layers) == [*core.layers, 'axi_wrapper']
    assert ip.layers['axi_wrapper'].confidence['lut'].kind == 'rough'
    assert 'layer axi_wrapper' in str(ip)


def test_more_inputs_take_more(tmp_path):
    # A report of 64 inputs: 14,926 LUT and 5,593 FF.
    layers = [input_layer((64,)), dense('fc', np.ones((64, 10)))]
    wrapper = hls4ml_hwprune.estimate(accelerator(tmp_path, layers)).layers['axi_wrapper'].resources
    assert wrapper.lut == pytest.approx(14926, rel=0.03)
    assert wrapper.ff == pytest.approx(5593, rel=0.03)


@pytest.mark.parametrize(
    ('packs', 'channels', 'outputs', 'bits', 'part', 'lut', 'ff', 'bram18', 'interval'),
    # Vivado HLS 2019.1 to 2020.1, IP less network: CestMerNeil/FPGA_Accelerator4NN_Inference, ChiRuiChen/Deepcalo_Linchi,
    # RishThakkar/PokerML (five).
    [
        (784, 1, 10, 16, BOARD, 2855, 1792, 1, 6274),
        (2800, 1, 1, 32, BOARD, 2277, 1771, 8, 30802),
        (4096, 3, 13, 16, BOARD, 4509, 2180, 12, 118786),
        (1024, 3, 10, 16, BOARD, 3886, 2011, 3, 29698),
        (4096, 3, 13, 16, 'xczu5ev-sfvc784-2LV-e', 4603, 1079, 12, 57346),
        (4096, 3, 4, 16, 'xczu5ev-sfvc784-2LV-e', 3771, 834, 12, 57346),
        (1024, 3, 10, 16, 'xczu5ev-sfvc784-2LV-e', 3886, 874, 3, 15363),
    ],
)
def test_wrappers_of_streams(packs, channels, outputs, bits, part, lut, ff, bram18, interval):
    ends = (Operation('axi_read_float_stream', channels, bits), Operation('axi_write_float_stream', outputs, bits))
    fifos = (Memory('fifo', packs, bits, channels), Memory('fifo', 1, bits, outputs))
    target = Target(part, 5.0, 'Vivado HLS')
    found = estimate_layers([Layer('axi', WRAPPER, 'io_stream', (), (), fifos, ends, packs, target=target)]).design
    assert found.resources.lut == pytest.approx(lut, rel=0.05)
    assert found.resources.ff == pytest.approx(ff, rel=0.1)
    assert found.resources.bram18 == bram18
    assert found.ii == pytest.approx(interval, rel=0.2)


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
def test_numbers_in_fixed_point_need_no_converters(tmp_path, io_type):
    layers = cnn()
    real, fixed = (
        hls4ml_hwprune.estimate(accelerator(tmp_path / name, layers, io_type=io_type, **options)).layers['axi_wrapper']
        for name, options in (('float', {}), ('fixed', FIXED))
    )
    assert 0 < fixed.resources.lut < real.resources.lut
    assert 0 < fixed.resources.ff < real.resources.ff
    assert 0 < fixed.latency_max < real.latency_max
    assert fixed.resources.bram18 == real.resources.bram18


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
def test_budgets_include_the_wrapper(tmp_path, io_type):
    plain = hls4ml_hwprune.estimate(accelerator(tmp_path / 'plain', cnn(), io_type=io_type), 'vsynth')
    model = accelerator(tmp_path / 'pruned', cnn(), {'Budget': {'DSP': '0.5x', 'LUT': '0.95x'}}, io_type)
    plan = hls4ml_hwprune.get_plan(model)
    assert plan.before == plain.total
    assert plan.after.lut <= 0.95 * plain.total.lut
    assert plan.after == hls4ml_hwprune.estimate(model).total
    assert 'layer axi_wrapper' in str(plan)
    model.write()
    report = json.loads((tmp_path / 'pruned' / 'hwprune_report.json').read_text())
    assert report['layers']['axi_wrapper']['resources']['lut'] == plan.layers['axi_wrapper'].resources.lut


def test_plans_move_between_back_ends(tmp_path):
    plan = hls4ml_hwprune.get_plan(accelerator(tmp_path / 'first', block={'Budget': {'DSP': '0.5x'}}))
    plan.save(tmp_path / 'plan.json')
    assert Plan.load(tmp_path / 'plan.json') == plan
    block = {'Plan': str(tmp_path / 'plan.json')}
    assert hls4ml_hwprune.get_plan(accelerator(tmp_path / 'again', block=block)).after == plan.after
    other = convert(mlp(), hls_config(block, ['vivado:hwprune']), tmp_path / 'vivado', 'Vivado', part=BOARD)
    applied = hls4ml_hwprune.get_plan(other)
    assert 'axi_wrapper' not in applied.layers
    assert applied.after.dsp == plan.after.dsp


def test_the_interval_of_a_design_that_takes_one_input_at_a_time_can_be_bounded(tmp_path):
    now = hls4ml_hwprune.estimate(accelerator(tmp_path / 'plain', model={'ReuseFactor': 8})).design
    assert now.ii == now.latency_max
    block = {'II': now.ii - 4, 'Budget': {'DSP': '4x'}, 'ReuseFactor': 'auto'}
    plan = hls4ml_hwprune.get_plan(accelerator(tmp_path / 'pruned', block=block, model={'ReuseFactor': 8}))
    assert plan.timing_after.ii <= now.ii - 4
    with pytest.raises(InfeasibleError, match=r'the II is bounded by 5 cycles, but \d+ is the least \(held by axi_wrapper'):
        accelerator(tmp_path / 'none', block={'II': 5})


def test_a_layer_of_the_same_name(tmp_path):
    layers = [input_layer((16,)), dense('axi_wrapper', np.ones((16, 5)))]
    assert list(hls4ml_hwprune.estimate(accelerator(tmp_path, layers)).layers)[-2:] == ['axi_wrapper', 'axi_wrapper_']
