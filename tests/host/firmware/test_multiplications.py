"""The multiplications that the emitted C++ asks for in one cycle equal the slots kept."""

import pytest

import hls4ml_hwprune
from tests.host.firmware.llvm import CLANG, choice_sizes, llvm_ir, multiplications
from tests.host.firmware.projects import convert, select

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers
pytestmark = pytest.mark.skipif(CLANG is None, reason='clang++ is not installed')


def dense_16x64():
    return keras.Sequential([layers.Input((16,)), layers.Dense(64, name='layer')])


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
    model = dense_16x64()
    sparse = write(model, tmp_path / 'sparse', {'DSP': 128}, 4)
    (kernel,) = hls4ml_hwprune.get_plan(sparse).kernels
    assert (kernel.n_slots, kernel.n_kept) == (256, 128)
    assert multiplications(llvm_ir(tmp_path / 'sparse')) == 128


def test_plain_resource_multiplies_by_zeros_too(tmp_path):
    model = dense_16x64()
    weights, bias = model.get_weights()
    weights[:, ::2] = 0
    model.set_weights([weights, bias])
    write(model, tmp_path / 'plain', None, 4)
    assert multiplications(llvm_ir(tmp_path / 'plain')) == 256


@pytest.mark.parametrize(
    ('make', 'strategy', 'rf', 'io_type', 'kept'),
    [
        (dense_16x64, 'Resource', 4, 'io_stream', 60),
        (dense_16x64, 'Resource', 32, 'io_parallel', 17),
        (dense_16x64, 'Latency', 1, 'io_parallel', 99),
        (conv2d, 'Resource', 6, 'io_stream', 21),
        (conv2d, 'Resource', 6, 'io_parallel', 21),
        (conv2d, 'Latency', 1, 'io_parallel', 40),
    ],
)
def test_any_number_of_slots(make, strategy, rf, io_type, kept, tmp_path, monkeypatch):
    select(monkeypatch, lambda layer, n: kept)
    sparse = write(make(), tmp_path / 'sparse', {}, rf, strategy, io_type)
    (kernel,) = hls4ml_hwprune.get_plan(sparse).kernels
    assert kernel.n_kept == kept
    assert multiplications(llvm_ir(tmp_path / 'sparse')) == kept * kernel.copies


def test_parallel_pixels_multiply_the_slots(tmp_path, monkeypatch):
    select(monkeypatch, lambda layer, n: 10)
    sparse = write(conv2d(), tmp_path / 'sparse', {}, 6, ParallelizationFactor=3)
    (kernel,) = hls4ml_hwprune.get_plan(sparse).kernels
    assert kernel.copies == 3
    assert multiplications(llvm_ir(tmp_path / 'sparse')) == 30


@pytest.mark.parametrize(
    ('packing', 'make', 'rf', 'io_type', 'kept'),
    [
        ('aligned', dense_16x64, 4, 'io_parallel', 100),
        ('aligned', conv2d, 6, 'io_stream', 21),
        ('aligned', dense_16x64, 32, 'io_parallel', 17),
        ('balanced', dense_16x64, 4, 'io_parallel', 100),
        ('permuted', dense_16x64, 4, 'io_stream', 60),
        ('permuted', dense_16x64, 32, 'io_parallel', 17),
        ('balanced', conv2d, 6, 'io_parallel', 21),
        ('balanced', conv2d, 12, 'io_stream', 13),
    ],
)
def test_other_layouts_multiply_the_slots_and_choose_among_few_inputs(
    packing, make, rf, io_type, kept, tmp_path, monkeypatch
):
    select(monkeypatch, lambda layer, n: kept)
    sparse = write(make(), tmp_path / 'sparse', {}, rf, io_type=io_type, packing=packing)
    (kernel,) = hls4ml_hwprune.get_plan(sparse).kernels
    assert kernel.n_kept == kept
    ir = llvm_ir(tmp_path / 'sparse')
    assert multiplications(ir) == kept * kernel.copies
    if rf > kernel.n_in:
        # Each slot chooses from the outputs that it serves, not from all.
        assert kernel.n_out not in choice_sizes(ir)
    elif packing == 'aligned':
        assert kernel.slots is None
        assert rf in choice_sizes(ir)
        assert kernel.n_in not in choice_sizes(ir)
    else:
        lanes = len(kernel.slots.lane_inputs)
        assert lanes <= kept
        assert rf in choice_sizes(ir)
        assert kernel.slots.legs.max() <= rf
