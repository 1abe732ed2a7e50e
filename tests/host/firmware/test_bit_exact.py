"""The sparse firmware against the project that plain hls4ml writes for the same weights set to zero, bit for bit.

Many layers go into one project, side by side, so that one compilation checks them all.
"""

import copy
from dataclasses import dataclass

import numpy as np
import pytest
from hls4ml.backends import get_backend

import hls4ml_hwprune
from tests.host.firmware.projects import convert, outputs, select, zero_like

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers

BACKENDS = ('Vivado', 'Vitis')
IO_TYPES = ('io_parallel', 'io_stream')
PRECISIONS = {
    'wide': {'weight': 'ap_fixed<16,6>', 'bias': 'ap_fixed<16,6>', 'accum': 'ap_fixed<32,12>', 'result': 'ap_fixed<18,8>'},
    'narrow': {'weight': 'ap_fixed<5,2>', 'bias': 'ap_fixed<6,3>', 'accum': 'ap_fixed<9,4>', 'result': 'ap_fixed<7,3>'},
    'saturating': {
        'weight': 'ap_fixed<8,2,AP_RND>',
        'bias': 'ap_fixed<8,2>',
        'accum': 'ap_fixed<8,3,AP_RND,AP_SAT>',
        'result': 'ap_fixed<8,3,AP_RND_CONV,AP_SAT_SYM>',
    },
}
# Every so many combinations a reuse factor has one, in the everyday suite.
_TURNS = 5
KEPT = {'none': 0.0, 'some': 0.45, 'most': 0.9, 'all': 1.0}


@dataclass(frozen=True)
class Case:
    strategy: str
    reuse_factor: int
    precision: str
    kept: str

    @property
    def name(self) -> str:
        return f'{self.strategy.lower()}_rf{self.reuse_factor}_{self.precision}_{self.kept}'


def dense(inputs, name):
    return layers.Dense(6, name=name)(inputs)


def conv1d(inputs, name):
    return layers.Conv1D(4, 3, name=name)(inputs)


def conv1d_strided(inputs, name):
    return layers.Conv1D(3, 2, strides=2, name=name)(inputs)


def conv1d_same(inputs, name):
    return layers.Conv1D(4, 3, padding='same', name=name)(inputs)


def conv2d(inputs, name):
    return layers.Conv2D(4, 3, name=name)(inputs)


def conv2d_same(inputs, name):
    return layers.Conv2D(2, (3, 2), padding='same', name=name)(inputs)


def conv2d_strided(inputs, name):
    return layers.Conv2D(3, (3, 2), strides=(2, 3), name=name)(inputs)


def pointwise2d_strided(inputs, name):
    return layers.Conv2D(6, 1, strides=(3, 2), name=name)(inputs)


def pointwise1d(inputs, name):
    return layers.Conv1D(6, 1, name=name)(inputs)


def pointwise2d(inputs, name):
    return layers.Conv2D(6, 1, name=name)(inputs)


def depthwise1d(inputs, name):
    return layers.DepthwiseConv1D(3, padding='same', name=name)(inputs)


def depthwise2d(inputs, name):
    return layers.DepthwiseConv2D((3, 2), strides=2, name=name)(inputs)


FAMILIES = {
    'dense': (dense, (12,), 12, 6),
    'conv1d': (conv1d, (8, 2), 6, 4),
    'conv1d_strided': (conv1d_strided, (8, 3), 6, 3),
    'conv1d_same': (conv1d_same, (6, 2), 6, 4),
    'conv2d': (conv2d, (5, 5, 2), 18, 4),
    'conv2d_same': (conv2d_same, (4, 4, 2), 12, 2),
    'conv2d_strided': (conv2d_strided, (8, 9, 2), 12, 3),
    'pointwise1d': (pointwise1d, (6, 4), 4, 6),
    'pointwise2d': (pointwise2d, (3, 3, 4), 4, 6),
    'pointwise2d_strided': (pointwise2d_strided, (5, 4, 4), 4, 6),
    'depthwise1d': (depthwise1d, (6, 4), 12, 4),
    'depthwise2d': (depthwise2d, (5, 4, 3), 18, 3),
}


def legal_reuse_factors(n_in, n_out):
    return get_backend('vitis').get_valid_reuse_factors(n_in, n_out)


def some_reuse_factors(n_in, n_out):
    """One, one between, all inputs, more than all inputs, everything."""
    legal = legal_reuse_factors(n_in, n_out)
    between = [rf for rf in legal if 1 < rf < n_in]
    beyond = [rf for rf in legal if n_in < rf < n_in * n_out]
    return sorted({1, between[len(between) // 2], n_in, *beyond[:1], n_in * n_out})


def cases(n_in, n_out, reuse_factors, every=False, turn=0):
    """All combinations; or, to keep the everyday suite short, each reuse factor with the rest varied in turn."""
    combinations = [(p, k) for p in PRECISIONS for k in KEPT]
    for number, rf in enumerate(reuse_factors, turn):
        chosen = combinations if every else combinations[number % _TURNS :: _TURNS]
        yield from (Case('Resource', rf, *c) for c in chosen)
    for rf in (1, 2):
        yield from (
            Case('Latency', rf, *c) for c in (combinations if every else combinations[(rf + turn) % _TURNS :: _TURNS])
        )


def unreliable(family, case, io_type):
    """Plain hls4ml writes io_parallel convolutions wrongly (Vitis) or refuses them (Vivado) for RF > window x channels."""
    n_in = FAMILIES[family][2]
    return io_type == 'io_parallel' and family != 'dense' and case.strategy == 'Resource' and case.reuse_factor > n_in


def has_template(family, case, io_type):
    """hls4ml has no io_parallel depthwise convolution of the Resource strategy."""
    return not (family.startswith('depthwise') and io_type == 'io_parallel' and case.strategy == 'Resource')


def build(family, family_cases):
    make, shape, _, _ = FAMILIES[family]
    # hls4ml copies one stream to at most seven readers.
    inputs = [layers.Input(shape, name=f'x{i}') for i in range(-(-len(family_cases) // 6))]
    model = keras.Model(inputs, [make(inputs[i // 6], case.name) for i, case in enumerate(family_cases)])
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def configuration(family_cases, extra):
    names = {}
    for case in family_cases:
        names[case.name] = {
            'Precision': PRECISIONS[case.precision],
            'ReuseFactor': case.reuse_factor,
            'Strategy': case.strategy,
            **extra,
        }
    return {'Model': {'Precision': 'ap_fixed<12,5>', 'ReuseFactor': 1, 'Strategy': 'Latency'}, 'LayerName': names}


def check(family, family_cases, backend, io_type, tmp_path, monkeypatch, extra=None, **options):
    family_cases = [case for case in family_cases if has_template(family, case, io_type)]
    model = build(family, family_cases)
    config = configuration(family_cases, extra or {})
    reference = copy.deepcopy(config)
    n_in = FAMILIES[family][2]
    for case in family_cases:
        if unreliable(family, case, io_type):
            # The same sums in the same order, one output after the other.
            reference['LayerName'][case.name]['ReuseFactor'] = n_in
    share = {case.name: KEPT[case.kept] for case in family_cases}
    select(monkeypatch, lambda layer, n: round(share[layer] * n))
    hls4ml_hwprune.enable(config, backend=backend, **options)
    sparse = convert(model, config, tmp_path / 'sparse', backend=backend, io_type=io_type)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert {kernel.layer for kernel in plan.kernels} == set(share)
    plain = convert(model, reference, tmp_path / 'plain', backend=backend, io_type=io_type)
    zero_like(plain, plan)
    data = np.random.default_rng(3).normal(0, 2.5, (40, *FAMILIES[family][1])).astype(np.float32)
    x = [data] * len(model.inputs) if len(model.inputs) > 1 else data
    for case, ours, theirs in zip(family_cases, outputs(sparse, x), outputs(plain, x), strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=case.name)
    for kernel in plan.kernels:
        name = plain.graph[kernel.layer].weights['weight'].name
        check_header(kernel, tmp_path / 'sparse' / 'firmware' / 'weights' / f'{name}.h')


def check_header(kernel, header):
    """The firmware holds the kept slots' weights and no others."""
    size = kernel.reuse_factor if kernel.strategy == 'resource' else 1
    if kernel.n_kept == 0:
        assert not header.exists()
        return
    # Slots of hls4ml's own depthwise kernels may be full in part.
    n_entries = kernel.mask.sum() if kernel.per_channel and not kernel.replaced else kernel.n_kept * size
    assert f'[{n_entries}]' in header.read_text()
    assert len(header.with_suffix('.txt').read_text().split(',')) == n_entries
    assert kernel.mask.sum() == n_entries


# Dense layers everywhere, images on each back end and each interface once or twice, and sequences, which are images of one
# row, on one of each in turn. `test_bit_exact_everywhere` has all combinations.
EVERYDAY = [('dense', backend, io_type) for backend in BACKENDS for io_type in IO_TYPES] + [
    ('conv2d', 'Vivado', 'io_stream'),
    ('conv2d', 'Vitis', 'io_parallel'),
    ('conv2d_same', 'Vivado', 'io_parallel'),
    ('conv2d_same', 'Vitis', 'io_stream'),
    ('pointwise2d', 'Vivado', 'io_stream'),
    ('pointwise2d', 'Vitis', 'io_parallel'),
    ('conv1d', 'Vivado', 'io_parallel'),
    ('conv1d_strided', 'Vitis', 'io_stream'),
    ('conv1d_same', 'Vitis', 'io_parallel'),
    ('pointwise1d', 'Vivado', 'io_stream'),
    ('conv2d_strided', 'Vivado', 'io_stream'),
    ('pointwise2d_strided', 'Vitis', 'io_stream'),
    ('depthwise1d', 'Vitis', 'io_stream'),
    ('depthwise1d', 'Vivado', 'io_parallel'),
    ('depthwise2d', 'Vivado', 'io_stream'),
    ('depthwise2d', 'Vitis', 'io_parallel'),
]


@pytest.mark.parametrize(('turn', 'family', 'backend', 'io_type'), [(turn, *case) for turn, case in enumerate(EVERYDAY)])
def test_bit_exact(turn, family, backend, io_type, tmp_path, monkeypatch):
    _, _, n_in, n_out = FAMILIES[family]
    family_cases = list(cases(n_in, n_out, some_reuse_factors(n_in, n_out), turn=turn))
    check(family, family_cases, backend, io_type, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ('family', 'backend'),
    [
        ('conv1d', 'Vitis'),
        pytest.param('conv2d', 'Vivado', marks=pytest.mark.slow),
        ('conv2d', 'Vitis'),
        ('pointwise2d', 'Vivado'),
    ],
)
def test_bit_exact_with_parallel_pixels(family, backend, tmp_path, monkeypatch):
    """ParallelizationFactor: several output pixels share the weights and each has multipliers of its own."""
    _, _, n_in, n_out = FAMILIES[family]
    family_cases = list(cases(n_in, n_out, some_reuse_factors(n_in, n_out)[:3]))
    check(family, family_cases, backend, 'io_parallel', tmp_path, monkeypatch, extra={'ParallelizationFactor': 3})


@pytest.mark.parametrize('family', ['conv1d_strided', 'conv2d'])
def test_bit_exact_with_encoded_convolutions(family, tmp_path, monkeypatch):
    """The other io_stream implementation, which only Vivado has."""
    _, _, n_in, n_out = FAMILIES[family]
    family_cases = list(cases(n_in, n_out, some_reuse_factors(n_in, n_out)[:3]))
    extra = {'ConvImplementation': 'Encoded'}
    check(family, family_cases, 'Vivado', 'io_stream', tmp_path, monkeypatch, extra=extra)


@pytest.mark.parametrize('family', ['dense', 'conv2d'])
def test_bit_exact_with_whole_memory_words(family, tmp_path, monkeypatch):
    """The bram packing drops runs of slots; the last run of a kernel may be shorter."""
    _, _, n_in, n_out = FAMILIES[family]
    family_cases = [c for c in cases(n_in, n_out, some_reuse_factors(n_in, n_out)) if c.kept == 'some']
    check(family, family_cases, 'Vitis', 'io_stream', tmp_path, monkeypatch, packing='bram')


@pytest.mark.slow
@pytest.mark.parametrize('precision', PRECISIONS)
@pytest.mark.parametrize('io_type', IO_TYPES)
@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('family', FAMILIES)
def test_bit_exact_everywhere(family, backend, io_type, precision, tmp_path, monkeypatch):
    """The whole matrix: all legal reuse factors, precisions and shares."""
    _, _, n_in, n_out = FAMILIES[family]
    every = list(cases(n_in, n_out, legal_reuse_factors(n_in, n_out), every=True))
    check(family, [c for c in every if c.precision == precision], backend, io_type, tmp_path, monkeypatch)
