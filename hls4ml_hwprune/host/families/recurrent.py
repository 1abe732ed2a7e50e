"""Recurrent layers: two kernels in each direction, the input's and the state's, run for every time step.

hls4ml's own functions of these layers call the kernels of their configurations: sparse ones take the place of dense ones.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hls4ml.backends.vivado.passes.recurrent_templates import (
    BidirectionalConfigTemplate,
    BidirectionalFunctionTemplate,
    RecurrentConfigTemplate,
    RecurrentFunctionTemplate,
)
from hls4ml.model.layers import GRU, LSTM, Bidirectional
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.families.base import Family, Parts
from hls4ml_hwprune.host.families.recurrent_rule import DIRECTIONS, RULE, Way, shape, ways
from hls4ml_hwprune.host.firmware.sparse import SparseKernel, viewed_as
from hls4ml_hwprune.host.firmware.templates import BIAS_HEADER, kernel_config
from hls4ml_hwprune.host.node.kernels import attribute_bits, make_kernel, strategy_of
from hls4ml_hwprune.records import Kernel, Memory, Operation

# Products of a state beside those of the kernels: of a GRU exact on the DSPs of 4 designs of 20, 120 and 128 states.
_PRODUCTS = {'LSTM': 3, 'GRU': 3, 'SimpleRNN': 0}
# Times that a state passes the activation, and the recurrent activation.
_ACTIVATIONS = {'LSTM': (2, 3), 'GRU': (1, 2), 'SimpleRNN': (1, 0)}
# Layers whose weights hls4ml's Quartus templates multiply at once, whatever the reuse factor.
_UNROLLED = ('LSTM', 'SimpleRNN')
_TABLED = ('sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'selu')
# Cycles of a time step besides those of its kernels, which run side by side, in reports of Vivado HLS: its function takes 13
# more than its kernels (a GRU and an LSTM of 20 states, reuse factor 1) or 6 to 14 more (GRUs of 64 states, reuse factor 64,
# another repository), and the loop around it 1 to 4.
_STEP_CYCLES = 13


class SparseLSTM(LSTM):
    """An LSTM node with some of its multiplier slots gone."""


class SparseGRU(GRU):
    """A GRU node with some of its multiplier slots gone."""


class SparseBidirectional(Bidirectional):
    """A Bidirectional node with some of its multiplier slots gone."""


def _read(node: Node) -> Parts:
    """Kernels of each direction, tables of the activations, and products of the gates element by element."""
    directions, bits = ways(node), attribute_bits(node, 'accum_t')
    made = sum(way.n_gates * way.n_state for way in directions)
    multiplied = sum(_PRODUCTS.get(way.kind, 0) * way.n_state for way in directions)
    return Parts(
        kernels=tuple(_kernel(node, role) for way in directions for role in way.roles),
        memories=tuple(table for way in directions for table in _tables(node, way)),
        operations=(Operation('merge', made, bits), Operation('product', multiplied, bits, weight_bits=bits)),
        repeats=int(node.get_attr('n_timesteps', 1)),
        step_cycles=_STEP_CYCLES,
    )


def _kernel(node: Node, role: str) -> Kernel:
    n_out, n_in = shape(node, role)
    kernel = make_kernel(node, n_in, n_out, role=role, source='state')
    unrolled = backend_of(node.model).own_recurrence and node.class_name in _UNROLLED
    return replace(kernel, reuse_factor=1) if unrolled else kernel


def _tables(node: Node, way: Way) -> Iterator[Memory]:
    """One table an activation function, copied for its lookups: GRU of 64 states: 64 of sigmoid, 32 of tanh, as reported."""
    size, bits = int(node.get_attr('table_size', 1024) or 1024), attribute_bits(node, 'table_t')
    for name, passes in zip(('activation', 'recurrent_activation'), _ACTIVATIONS.get(way.kind, (1, 0)), strict=True):
        if passes and str(node.get_attr(f'{way.prefix}{name}', 'tanh')).lower() in _TABLED:
            yield Memory('table', size, bits, lookups=passes * way.n_state)


def _template_fails(node: Node) -> str:
    """hls4ml 1.3.0 rounds the reuse factor of each direction, and then writes the one that was configured."""
    asked = int(node.get_attr('reuse_factor', 1))
    taken = [int(node.get_attr(f'{direction}_reuse_factor', asked)) for direction in DIRECTIONS]
    if strategy_of(node) != 'resource' or set(taken) == {asked}:
        return ''
    return (
        f'hls4ml writes the ReuseFactor {asked} where it checked {" and ".join(map(str, sorted(set(taken))))}, and its '
        f'firmware stops with an assertion; set ReuseFactor to {taken[0]}'
    )


def _is_absent(node: Node) -> str:
    if backend_of(node.model).own_recurrence:
        return ''
    return (
        'hls4ml has no firmware of a SimpleRNN for Vivado and Vitis, and leaves it out of the project; an LSTM or a GRU has '
        'one'
    )


def _mend(node: Node) -> None:
    for name in ('', *(f'{way}_' for way in DIRECTIONS)):
        node.set_attr(f'{name}reuse_factor', 1)


def _configured(node: Node, params: dict[str, Any], template: Any, roles: dict[str, str]) -> str:
    """Format configurations of the kernels, and hls4ml's own of the layer and its activations."""
    template.mult1_template = template.mult2_template = ''
    kernels = [kernel_config(node, params, f'config{node.index}_{suffix}', role) for role, suffix in roles.items()]
    return '\n'.join([*kernels, template.format(viewed_as(node, _PLAIN[node.class_name])).lstrip()])


_PLAIN = {'SparseLSTM': LSTM, 'SparseGRU': GRU, 'SparseBidirectional': Bidirectional}
# Ends of the names of the kernels' configurations in hls4ml's of the layer, by role.
_ROLES = {'weight': '1', 'recurrent_weight': '2'}
_BOTH_ROLES = {f'{way}_{role}': f'{number}_{way[0]}' for way in DIRECTIONS for role, number in _ROLES.items()}
_HEADERS = ('nnet_utils/nnet_recurrent.h', 'nnet_utils/nnet_dense_sparse.h', BIAS_HEADER)
_SPARSE = SparseKernel(
    nodes={'LSTM': SparseLSTM, 'GRU': SparseGRU},
    configure=lambda node, params: _configured(node, params, RecurrentConfigTemplate(), _ROLES),
    call=lambda node, params: RecurrentFunctionTemplate().format(viewed_as(node, _PLAIN[node.class_name])),
    headers=lambda node: _HEADERS,
    takes_all=True,
)
_SPARSE_BIDIRECTIONAL = SparseKernel(
    nodes={'Bidirectional': SparseBidirectional},
    configure=lambda node, params: _configured(node, params, BidirectionalConfigTemplate(), _BOTH_ROLES),
    call=lambda node, params: BidirectionalFunctionTemplate().format(viewed_as(node, _PLAIN[node.class_name])),
    headers=lambda node: _HEADERS,
    takes_all=True,
)
FAMILIES = (
    Family(classes=('LSTM', 'GRU'), read=_read, rule=RULE, sparse=_SPARSE, entries=('weight',)),
    Family(
        classes=('Bidirectional',),
        read=_read,
        rule=RULE,
        sparse=_SPARSE_BIDIRECTIONAL,
        template_fails=_template_fails,
        mend=_mend,
        entries=tuple(f'{direction}_weight' for direction in DIRECTIONS),
    ),
    Family(classes=('SimpleRNN',), read=_read, template_fails=_is_absent),
)
