"""A made-up family of layers with two kernels that read the same inputs; their products are added up."""

from typing import ClassVar

import numpy as np
import pytest
from hls4ml.model.attributes import Attribute
from hls4ml.model.layers import Layer, layer_map, register_layer
from hls4ml.model.types import FixedPrecisionType, NamedType

from hls4ml_hwprune.host.families import registry
from hls4ml_hwprune.host.families.base import Family, MatrixRule, Parts
from hls4ml_hwprune.host.families.matrix import matrix_products
from hls4ml_hwprune.host.firmware.sparse import SparseKernel
from hls4ml_hwprune.host.node.kernels import make_kernel

ROLES = ('weight', 'second_weight')


class Doubled(Layer):
    _expected_attributes: ClassVar = [Attribute('n_in'), Attribute('n_out')]

    def initialize(self):
        self.add_output_variable([self.attributes['n_out']])
        for role in ROLES:
            self.add_weights_variable(name=role, var_name=f'{role[0]}{{index}}', data=self.get_attr(f'{role}_data'))
            bias = role.removesuffix('weight') + 'bias'
            self.add_weights_variable(name=bias, var_name=f'{role[0]}b{{index}}', data=np.zeros(self.attributes['n_out']))
        precision = FixedPrecisionType(24, 10)
        self.set_attr('accum_t', NamedType(f'{self.name}_accum_t', precision))


class SparseDoubled(Doubled):
    pass


def _shape(node, role='weight'):
    return int(node.get_attr('n_out')), int(node.get_attr('n_in'))


def _read(node):
    n_out, n_in = _shape(node)
    return Parts(kernels=tuple(make_kernel(node, n_in, n_out, role=role) for role in ROLES))


MATRIX = MatrixRule(
    shape=_shape,
    windows=lambda node, role, x: x.reshape(len(x), 1, -1),
    from_windows=lambda node, gradient: gradient,
    channels=lambda node, source: source.channel,
    values=lambda node, source, channels: source.value,
    roles=ROLES,
)
FAMILY = Family(
    classes=('Doubled',),
    read=_read,
    rule=matrix_products(MATRIX),
    matrix=MATRIX,
    sparse=SparseKernel(
        nodes={'Doubled': SparseDoubled}, configure=None, call=lambda node: 'doubled', headers=lambda node: ()
    ),
)


@pytest.fixture
def doubled(monkeypatch):
    """Let the registry know the family."""
    for cls in (Doubled, SparseDoubled):
        if cls.__name__ not in layer_map:
            register_layer(cls.__name__, cls)
    monkeypatch.setitem(registry._BY_CLASS, 'Doubled', FAMILY)


def layer(name, n_in, n_out, factors=(2, 4), seed=0):
    rng = np.random.default_rng(seed)
    weights = {f'{role}_data': rng.uniform(0.1, 1, (n_in, n_out)) * rng.choice((-1, 1), (n_in, n_out)) for role in ROLES}
    reuse = dict(zip(('reuse_factor', 'second_reuse_factor'), factors, strict=True))
    return {'class_name': 'Doubled', 'name': name, 'n_in': n_in, 'n_out': n_out, 'strategy': 'resource', **weights, **reuse}
