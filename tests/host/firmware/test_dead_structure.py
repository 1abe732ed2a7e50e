"""What nothing uses is gone from the firmware, and the firmware's outputs are still those of the whole network, bit for bit.

Many networks go into one project, side by side, so that one compilation checks them all.
"""

import copy
import re
from dataclasses import dataclass, field

import numpy as np
import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import both_outputs, convert, select, zero_like

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers

WIDE = {'weight': 'ap_fixed<8,2>', 'bias': 'ap_fixed<6,3>', 'accum': 'ap_fixed<26,12>', 'result': 'ap_fixed<14,7>'}
SATURATING = WIDE | {'accum': 'ap_fixed<14,6,AP_RND,AP_SAT>'}
WRAPPING = WIDE | {'accum': 'ap_fixed<9,2>'}


@dataclass
class Network:
    """A network to be: what is dead in it, how its layers are set, and how many inputs and outputs each is to lose.

    `idle` gives neurons without inputs, and their bias; `unread` inputs (channels) that a layer has no weights for.
    """

    idle: dict[str, dict[int, float]] = field(default_factory=dict)
    unread: dict[str, list[int]] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    options: dict[str, dict] = field(default_factory=dict)
    lost: dict[str, tuple[int, int]] = field(default_factory=dict)

    def layer(self, name, made, lost, idle=None, unread=(), channels=0, **options):
        self.idle[name], self.unread[name], self.channels[name] = idle or {}, list(unread), channels
        self.options[name], self.lost[name] = {'ReuseFactor': 1, 'Strategy': 'Latency', 'Precision': WIDE, **options}, lost
        return made

    def dense(self, name, size, lost, **options):
        return self.layer(name, layers.Dense(size, name=name), lost, **options)


def relu(x, name):
    return layers.Activation('relu', name=f'{name}_relu')(x)


def chain(net, x, name, lost=((0, 3), (3, 1), (1, 0)), reuse=(1, 1, 1), **options):
    """Dense layers; of the first a neuron is 0, one a positive constant, one is not read, of the second one is not read."""
    of = [{**options, 'ReuseFactor': factor} for factor in reuse]
    x = relu(net.dense(f'{name}_a', 8, lost[0], idle={1: -0.7, 4: 1.3}, **of[0])(x), f'{name}_a')
    x = relu(net.dense(f'{name}_b', 8, lost[1], unread=[6], **of[1])(x), f'{name}_b')
    return net.dense(f'{name}_c', 4, lost[2], unread=[2], **of[2])(x)


def packed(packing, reuse, lost=((0, 3), (3, 1), (1, 0))):
    def build(net, x, name):
        options = {'Strategy': 'Resource', 'HWPrune': {'Packing': packing}}
        return chain(net, x, name, lost, reuse, **options)

    return build


def saturating(net, x, name):
    """Sums that saturate must be added in order: only zeros can be left out of them."""
    return chain(net, x, name, ((0, 2), (2, 1), (1, 0)), Precision=SATURATING)


def wrapping(net, x, name):
    return chain(net, x, name, Precision=WRAPPING)


def inferred(net, x, name):
    """Accumulators of types that hls4ml infers: three products of eight are left."""
    precision = WIDE | {'accum': 'auto'}
    x = relu(net.dense(f'{name}_a', 8, (0, 5), idle={7: 1.3}, Precision=precision)(x), name)
    return net.dense(f'{name}_b', 4, (5, 0), unread=[0, 1, 2, 3], Precision=precision)(x)


def integers(result, accum='ap_fixed<26,12>'):
    """Idle neurons whose biases are no whole numbers, in results and accumulators that are: C++ rounds them towards zero."""

    def build(net, x, name):
        whole = WIDE | {'result': result, 'accum': accum}
        x = net.dense(f'{name}_a', 8, (0, 4), idle={1: -0.5, 3: -1.6, 4: 1.6, 6: -3.5}, Precision=whole)(x)
        return net.dense(f'{name}_b', 4, (4, 0), Precision=WIDE | {'bias': 'ap_fixed<8,4>', 'accum': accum})(x)

    return build


def normalised(net, x, name):
    """Batch normalisation of constants."""
    x = relu(net.dense(f'{name}_a', 6, (0, 3), idle={0: -1.0, 2: 2.2})(x), name)
    x = layers.BatchNormalization(name=f'{name}_bn')(x)
    return net.dense(f'{name}_b', 4, (3, 0), unread=[4])(x)


def skip(net, x, name):
    """An addition: channel 1 is constant on both sides, 3 on one, 5 is read by nothing."""
    a = relu(net.dense(f'{name}_a', 8, (0, 2), idle={1: 1.2, 3: 0.6})(x), f'{name}_a')
    b = relu(net.dense(f'{name}_b', 8, (2, 2), idle={1: -0.5}, unread=[5])(a), f'{name}_b')
    return net.dense(f'{name}_c', 4, (2, 0), unread=[5])(layers.Add(name=f'{name}_add')([a, b]))


def concatenated(net, x, name):
    a = relu(net.dense(f'{name}_a', 6, (0, 1), idle={2: 1.2})(x), f'{name}_a')
    b = relu(net.dense(f'{name}_b', 5, (0, 2), idle={4: -0.5})(x), f'{name}_b')
    return net.dense(f'{name}_c', 4, (3, 0), unread=[6])(layers.Concatenate(name=f'{name}_cat')([a, b]))


def merged(net, x, name):
    """All that merges element by element."""
    a = net.dense(f'{name}_a', 4, (0, 1), idle={1: 1.3})(x)
    b = net.dense(f'{name}_b', 4, (0, 1), idle={1: -0.6})(x)
    kinds = (layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
    found = [kind(name=f'{name}_{kind.__name__.lower()}')([a, b]) for kind in kinds]
    return [net.dense(f'{name}_{number}', 3, (1, 0))(each) for number, each in enumerate(found)]


def activated(net, x, name):
    """Activations whose constants are not zero, and one whose table is not followed."""
    made = (
        ('leaky', layers.LeakyReLU(alpha=0.3, name=f'{name}_leaky'), 2),
        ('prelu', layers.PReLU(alpha_initializer=keras.initializers.Constant(0.4), name=f'{name}_prelu'), 2),
        ('threshold', layers.ThresholdedReLU(theta=0.4, name=f'{name}_threshold'), 2),
        ('tanh', layers.Activation('tanh', name=f'{name}_tanh'), 1),
    )
    found = []
    for kind, activation, lost in made:
        y = activation(net.dense(f'{name}_{kind}_a', 5, (0, lost), idle={3: -1.1})(x))
        found.append(net.dense(f'{name}_{kind}_b', 3, (lost, 0), unread=[1])(y))
    return found


def image(net, x, name, **options):
    """Convolutions: a positive constant cannot be left out where a window reaches over the border."""
    conv = layers.Conv2D(4, 3, name=f'{name}_a')
    x = relu(net.layer(f'{name}_a', conv, (0, 2), idle={0: -0.8, 1: 0.9}, **options)(x), f'{name}_a')
    x = layers.MaxPooling2D(2, name=f'{name}_pool')(x)
    same = layers.Conv2D(4, 2, padding='same', name=f'{name}_b')
    x = relu(net.layer(f'{name}_b', same, (8, 2), idle={2: 1.1}, unread=[3], channels=4, **options)(x), f'{name}_b')
    x = layers.Flatten(name=f'{name}_flat')(x)
    return net.dense(f'{name}_c', 3, (8, 0), unread=[1], channels=4, **options)(x)


def image_resource(net, x, name):
    return image(net, x, name, Strategy='Resource', ReuseFactor=2, HWPrune={'Packing': 'balanced'})


def series(net, x, name):
    """1D: constants through a convolution without padding and a batch normalisation; means are followed where they are 0."""
    conv = layers.Conv1D(4, 2, name=f'{name}_a')
    x = relu(
        net.layer(f'{name}_a', conv, (0, 2), idle={1: 1.4, 2: -0.3}, Strategy='Resource', ReuseFactor=2)(x), f'{name}_a'
    )
    x = layers.BatchNormalization(name=f'{name}_bn')(x)
    pointwise = layers.Conv1D(5, 1, name=f'{name}_b')
    x = relu(net.layer(f'{name}_b', pointwise, (2, 2), idle={0: 0.9, 2: -0.3})(x), f'{name}_b')
    x = layers.AveragePooling1D(2, name=f'{name}_pool')(x)
    return net.dense(f'{name}_c', 3, (4, 0), unread=[3], channels=5)(layers.Flatten(name=f'{name}_flat')(x))


def turned(net, x, name):
    """A transposition before channels are flattened, and a pooling over all pixels."""
    conv = layers.Conv1D(4, 2, name=f'{name}_a')
    y = relu(net.layer(f'{name}_a', conv, (0, 1), idle={2: -1.0})(x), f'{name}_a')
    flat = layers.Flatten(name=f'{name}_flat')(layers.Permute((2, 1), name=f'{name}_turn')(y))
    conv = layers.Conv1D(4, 2, name=f'{name}_c')
    z = relu(net.layer(f'{name}_c', conv, (0, 2), idle={2: 0.7})(x), f'{name}_c')
    z = layers.GlobalMaxPooling1D(name=f'{name}_most')(z)
    return [net.dense(f'{name}_b', 3, (5, 0))(flat), net.dense(f'{name}_d', 3, (2, 0), unread=[0])(z)]


#: By the shape of their input; hls4ml copies one stream to at most seven readers.
NETWORKS = {
    (12,): [
        {
            'latency': chain,
            'aligned': packed('aligned', (4, 2, 4)),
            'balanced': packed('balanced', (4, 4, 2)),
            'all_at_once': packed('aligned', (1, 1, 1)),
            # Slots of the first layer serve two outputs in turn; those of the second in the other network read all inputs.
            'turns': packed('aligned', (24, 8, 8)),
            'all_inputs': packed('permuted', (12, 16, 8), ((0, 0), (0, 1), (1, 0))),
        },
        {'saturating': saturating, 'wrapping': wrapping, 'auto': inferred, 'bn': normalised, 'skip': skip},
        {'cat': concatenated, 'act': activated},
        {'merge': merged, 'int': integers('ap_int<8>'), 'uint': integers('ap_uint<8>')},
        {'sums': integers('ap_fixed<14,7>', 'ap_int<12>'), 'few': integers('ap_int<3>', 'ap_uint<9>')},
    ],
    (6, 6, 2): [{'image': image, 'image_res': image_resource}],
    (6, 3): [{'series': series, 'turn': turned}],
}


def build():
    """All networks in one Keras model."""
    net, inputs, results = Network(), [], []
    for shape, groups in NETWORKS.items():
        for group in groups:
            x = layers.Input(shape, name=f'x{len(inputs)}')
            inputs.append(x)
            for name, make in group.items():
                made = make(net, x, name)
                results += made if isinstance(made, list) else [made]
    return net, keras.Model(inputs, results)


def with_dead(net, model):
    """Weights none of which quantises to zero, but for the dead ones."""
    rng = np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            n = layer.get_weights()[0].size
            layer.set_weights(
                [rng.uniform(0.5, 1.5, n), rng.normal(0, 0.5, n), rng.normal(0, 0.5, n), rng.uniform(0.5, 2, n)]
            )
        if layer.name not in net.lost:
            continue
        kernel, bias = layer.get_weights()
        kernel = rng.choice((-1.0, 1.0), kernel.shape) * rng.uniform(0.1, 0.9, kernel.shape)
        bias = rng.normal(0, 0.5, bias.shape)
        for neuron, value in net.idle[layer.name].items():
            kernel[..., neuron], bias[neuron] = 0, value
        read = np.arange(kernel.shape[-2]) % (net.channels[layer.name] or kernel.shape[-2])
        kernel[..., np.isin(read, net.unread[layer.name]), :] = 0
        layer.set_weights([kernel, bias])
    return model


def configuration(net):
    return {
        'Model': {'Precision': 'ap_fixed<14,7>', 'ReuseFactor': 1, 'Strategy': 'Latency'},
        'LayerName': copy.deepcopy(net.options),
    }


def plain_configuration(net):
    config = configuration(net)
    for options in config['LayerName'].values():
        options.pop('HWPrune', None)
    return config


def sizes(text, index):
    """Inputs and outputs of a kernel, by the configuration in parameters.h."""
    struct = re.search(rf'struct config{index}(?:_mult)?(?: : nnet::dense_config)? {{(.*?)}};', text, re.S)[1]
    return tuple(int(re.search(rf' {name} = (\d+);', struct)[1]) for name in ('n_in', 'n_out'))


@pytest.mark.parametrize(
    ('backend', 'io_type', 'share'),
    [
        ('Vitis', 'io_parallel', 1.0),
        pytest.param('Vivado', 'io_stream', 0.6, marks=pytest.mark.slow),
        pytest.param('Vivado', 'io_parallel', 0.6, marks=pytest.mark.slow),
        pytest.param('Vitis', 'io_stream', 1.0, marks=pytest.mark.slow),
    ],
)
def test_bit_exact_without_what_is_dead(backend, io_type, share, tmp_path, monkeypatch):
    net, model = build()
    with_dead(net, model)
    config = configuration(net)
    hls4ml_hwprune.enable(config, backend=backend, stage='csynth')
    # Of what is not zero all is kept, so that nothing is dead by chance, or a part.
    select(monkeypatch, lambda layer, n: round(share * n))
    sparse = convert(model, config, tmp_path / 'sparse', backend=backend, io_type=io_type)
    plan = hls4ml_hwprune.get_plan(sparse)
    for kernel in plan.kernels:
        lost = kernel.removed_inputs, kernel.removed_outputs
        at_least = all(found >= meant for found, meant in zip(lost, net.lost[kernel.layer], strict=True))
        assert at_least, kernel.layer
    assert plan.after == hls4ml_hwprune.estimate(sparse).total
    plain = convert(model, plain_configuration(net), tmp_path / 'plain', backend=backend, io_type=io_type)
    zero_like(plain, plan)
    rng = np.random.default_rng(3)
    x = [rng.normal(0, 2.5, (60, *tensor.shape[1:])).astype(np.float32) for tensor in model.inputs]
    for name, ours, theirs in zip(plain.outputs, *both_outputs(sparse, plain, x), strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
        assert np.ptp(theirs) > 0, name
    widths = [project.graph['auto_b'].get_attr('accum_t').precision.width for project in (sparse, plain)]
    assert widths[0] < widths[1]
    text = (tmp_path / 'sparse' / 'firmware' / 'parameters.h').read_text()
    for kernel in plan.kernels:
        written = sizes(text, sparse.graph[kernel.layer].index)
        assert written == (kernel.n_in - kernel.removed_inputs, kernel.n_out - kernel.removed_outputs), kernel.layer
