"""Networks of many cases of one layer family, side by side: pruned at random, and written by plain hls4ml.

Many layers go into one network, and many networks into one compilation.
"""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hls4ml.backends import get_backend
from numpy.typing import NDArray

import hls4ml_hwprune
from tests.host.firmware.projects import convert, predictions, select, zero_like
from tests.host.firmware.unit import compile_together

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
_TURNS = 7
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


def some_cases(family, turn=0):
    """Everyday cases of a family."""
    _, _, n_in, n_out = FAMILIES[family]
    return list(cases(n_in, n_out, some_reuse_factors(n_in, n_out), turn=turn))


def few_cases(family):
    """Cases of the lowest reuse factors of a family."""
    _, _, n_in, n_out = FAMILIES[family]
    return list(cases(n_in, n_out, some_reuse_factors(n_in, n_out)[:3]))


def unreliable(family, case, io_type, backend):
    """Plain hls4ml writes io_parallel convolutions wrongly (Vitis) or refuses them (Vivado) for RF > window x channels."""
    n_in = FAMILIES[family][2]
    if backend == 'Quartus':
        return False
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


@dataclass(frozen=True)
class Pair:
    """A network of cases side by side, pruned and plain, and samples for it."""

    name: str
    cases: list[Case]
    sparse: Any
    plain: Any
    x: NDArray | list[NDArray]


def pair(family, family_cases, backend, io_type, folder, monkeypatch, extra=None, **options):
    """Convert both networks of a family."""
    family_cases = [case for case in family_cases if has_template(family, case, io_type)]
    model = build(family, family_cases)
    config = configuration(family_cases, extra or {})
    reference = copy.deepcopy(config)
    n_in = FAMILIES[family][2]
    for case in family_cases:
        if unreliable(family, case, io_type, backend):
            # The same sums in the same order, one output after the other.
            reference['LayerName'][case.name]['ReuseFactor'] = n_in
    share = {case.name: KEPT[case.kept] for case in family_cases}
    select(monkeypatch, lambda layer, n: round(share[layer] * n))
    hls4ml_hwprune.enable(config, backend=backend, **options)
    sparse = convert(model, config, folder / 'sparse', backend=backend, io_type=io_type)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert {kernel.layer for kernel in plan.kernels} == set(share)
    plain = convert(model, reference, folder / 'plain', backend=backend, io_type=io_type)
    zero_like(plain, plan)
    data = np.random.default_rng(3).normal(0, 2.5, (40, *FAMILIES[family][1])).astype(np.float32)
    x = [data] * len(model.inputs) if len(model.inputs) > 1 else data
    return Pair(folder.name, family_cases, sparse, plain, x)


def check_together(pairs):
    """Compile all networks of some pairs as one and compare each pair, output by output."""
    compile_together([model for pair in pairs for model in (pair.sparse, pair.plain)])
    for pair in pairs:
        found, expected = predictions(pair.sparse, pair.x), predictions(pair.plain, pair.x)
        for case, ours, theirs in zip(pair.cases, found, expected, strict=True):
            np.testing.assert_array_equal(ours, theirs, err_msg=f'{pair.name}: {case.name}')
        for kernel in hls4ml_hwprune.get_plan(pair.sparse).kernels:
            name = pair.plain.graph[kernel.layer].weights['weight'].name
            check_header(kernel, Path(pair.sparse.config.get_output_dir()) / 'firmware' / 'weights' / f'{name}.h')


def check(family, family_cases, backend, io_type, folder, monkeypatch, extra=None, **options):
    check_together([pair(family, family_cases, backend, io_type, folder, monkeypatch, extra, **options)])


def check_header(kernel, header):
    """The firmware holds the kept slots' weights and no others."""
    size = kernel.reuse_factor if kernel.strategy == 'resource' else 1
    if kernel.n_kept == 0:
        assert not header.exists()
        return
    # Slots of hls4ml's own depthwise kernels may be full in part.
    n_entries = kernel.mask.sum() if kernel.per_channel and not kernel.replaced else kernel.n_kept * size
    assert kernel.mask.sum() == n_entries
    if kernel.slot_bits:
        # Each DSP block has words of two weights.
        n_entries = kernel.after.dsp // kernel.copies * size
    assert f'[{n_entries}]' in header.read_text()
    if header.with_suffix('.txt').exists():
        assert len(header.with_suffix('.txt').read_text().split(',')) == n_entries
    else:
        assert len(header.read_text().partition('= {')[2].split(',')) == n_entries
