"""The multiplications that the emitted C++ asks for in one cycle equal the slots kept."""

import pytest

import hls4ml_hwprune
from tests.host.firmware.llvm import CLANG, WIDE, choice_sizes, llvm_ir, multiplications
from tests.host.firmware.projects import convert, select

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers
pytestmark = pytest.mark.skipif(CLANG is None, reason='clang++ is not installed')


def dense_16x24():
    return keras.Sequential([layers.Input((16,)), layers.Dense(24, name='layer')])


def conv2d():
    return keras.Sequential([layers.Input((5, 5, 4)), layers.Conv2D(6, 3, name='layer')])


def write(model, output, budget, rf, strategy='Resource', io_type='io_parallel', packing='auto', **layer):
    config = {
        'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': rf, 'Strategy': strategy},
        'LayerName': {'layer': layer},
    }
    if budget is not None:
        hls4ml_hwprune.enable(config, backend='Vitis', budget=budget, packing=packing)
    converted = convert(model, config, output, backend='Vitis', io_type=io_type)
    converted.write()
    return converted


def test_half_the_slots_are_half_the_multiplications(tmp_path):
    model = dense_16x24()
    sparse = write(model, tmp_path / 'sparse', {'DSP': 48}, 4)
    (kernel,) = hls4ml_hwprune.get_plan(sparse).kernels
    assert (kernel.n_slots, kernel.n_kept) == (96, 48)
    weights, bias = model.get_weights()
    weights[:, ::2] = 0
    model.set_weights([weights, bias])
    # Plain Resource multiplies by zeros too.
    plain = write(model, tmp_path / 'plain', None, 4)
    assert [multiplications(ir) for ir in llvm_ir([sparse, plain])] == [48, 96]


def test_any_number_of_slots(tmp_path, monkeypatch):
    cases = [
        (dense_16x24, 'Resource', 4, 'io_stream', 37),
        (dense_16x24, 'Resource', 32, 'io_parallel', 7),
        (dense_16x24, 'Latency', 1, 'io_parallel', 61),
        (conv2d, 'Resource', 6, 'io_stream', 21),
        (conv2d, 'Resource', 6, 'io_parallel', 21),
        (conv2d, 'Latency', 1, 'io_parallel', 40),
    ]
    models = []
    for number, (make, strategy, rf, io_type, kept) in enumerate(cases):
        select(monkeypatch, lambda layer, n, kept=kept: kept)
        models.append(write(make(), tmp_path / str(number), {}, rf, strategy, io_type))
    select(monkeypatch, lambda layer, n: 10)
    # Pixels in parallel.
    models.append(write(conv2d(), tmp_path / 'pixels', {}, 6, ParallelizationFactor=3))
    kernels = [hls4ml_hwprune.get_plan(model).kernels[0] for model in models]
    assert [kernel.n_kept for kernel in kernels] == [*(kept for *_, kept in cases), 10]
    assert kernels[-1].copies == 3
    assert [multiplications(ir) for ir in llvm_ir(models)] == [kernel.n_kept * kernel.copies for kernel in kernels]


def test_other_layouts_multiply_the_slots_and_choose_among_few_inputs(tmp_path, monkeypatch):
    cases = [
        ('aligned', dense_16x24, 4, 'io_parallel', 41),
        ('aligned', conv2d, 6, 'io_stream', 21),
        ('aligned', dense_16x24, 32, 'io_parallel', 7),
        ('balanced', dense_16x24, 4, 'io_parallel', 41),
        ('permuted', dense_16x24, 4, 'io_stream', 37),
        ('permuted', dense_16x24, 32, 'io_parallel', 7),
        ('balanced', conv2d, 6, 'io_parallel', 21),
        ('balanced', conv2d, 12, 'io_stream', 13),
    ]
    models = []
    for number, (packing, make, rf, io_type, kept) in enumerate(cases):
        select(monkeypatch, lambda layer, n, kept=kept: kept)
        models.append(write(make(), tmp_path / str(number), {}, rf, io_type=io_type, packing=packing))
    for case, model, ir in zip(cases, models, llvm_ir(models), strict=True):
        check_layout(case, hls4ml_hwprune.get_plan(model).kernels, ir)


def check_layout(case, kernels, ir):
    packing, _, rf, _, kept = case
    (kernel,) = kernels
    assert kernel.n_kept == kept, case
    assert multiplications(ir) == kept * kernel.copies, case
    if rf > kernel.n_in:
        # Each slot chooses from the outputs that it serves, not from all.
        assert kernel.n_out not in choice_sizes(ir), case
    elif packing == 'aligned':
        assert kernel.slots is None, case
        assert rf in choice_sizes(ir), case
        assert kernel.n_in not in choice_sizes(ir), case
    else:
        assert len(kernel.slots.lane_inputs) <= kept, case
        assert rf in choice_sizes(ir), case
        assert kernel.slots.legs.max() <= rf, case


def test_two_slots_take_one_multiplication(tmp_path, monkeypatch):
    cases = [
        ('aligned', dense_16x24, 4, 'io_parallel', 21),
        ('balanced', dense_16x24, 4, 'io_stream', 18),
        ('permuted', dense_16x24, 32, 'io_parallel', 4),
        ('balanced', conv2d, 6, 'io_parallel', 11),
        ('aligned', conv2d, 12, 'io_stream', 7),
    ]
    models = []
    for number, (packing, make, rf, io_type, kept) in enumerate(cases):
        select(monkeypatch, lambda layer, n, kept=kept: kept)
        options = {'io_type': io_type, 'packing': packing, 'HWPrune': {'SlotWidth': 6}}
        models.append(write(make(), tmp_path / str(number), {}, rf, **options))
    for case, model, ir in zip(cases, models, llvm_ir(models), strict=True):
        (kernel,), kept = hls4ml_hwprune.get_plan(model).kernels, case[-1]
        assert kernel.slot_bits == 6, case
        assert kernel.n_kept in (2 * kept, 2 * kept - 1), case
        assert kernel.after.dsp == kept, case
        assert multiplications(ir) == WIDE * kept, case
