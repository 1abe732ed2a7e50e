"""Types that cut numbers off, and softmax tables that cannot tell logits apart."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.explain.finding import Finding
from hls4ml_hwprune.host.node.precision import fractional_bits, is_fixed_point

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Distance of two logits that a table should tell apart: their classes differ by a twentieth in odds.
_CLOSE = 0.05


def explain_types(model: 'ModelGraph') -> Iterator[Finding]:
    """Find weights outside the range of their types, or below their last place, and coarse softmax tables."""
    for node in model.get_layers():
        for role in node.weights:
            yield from _weights(node, role)
        if node.get_attr('exp_table_t') is not None:
            yield from _softmax(node)


def _weights(node: Node, role: str) -> Iterator[Finding]:
    variable = node.weights[role]
    precision, data = variable.type.precision, np.asarray(variable.data, float)
    if not is_fixed_point(precision) or not data.size or precision.width <= 1:
        return
    unit = 2.0 ** -fractional_bits(precision)
    high = unit * (2.0 ** (precision.width - int(precision.signed)) - 1)
    low = -high - unit if precision.signed else 0.0
    beyond, lost = int(((data > high) | (data < low)).sum()), int(((data != 0) & (np.abs(data) < unit / 2)).sum())
    name = f'{node.name}.{role}'
    if beyond:
        bits = int(np.ceil(np.log2(max(np.abs(data).max(), unit)))) + 1
        yield Finding(
            'types',
            name,
            f'{beyond:,} of {data.size:,} values are outside {low:g} ... {high:g}, the range of {precision}, up to '
            f'{np.abs(data).max():.4g}',
            f'{max(bits, 1)} integer bits for the type of {role}',
        )
    if lost:
        cure = f'a last place of {unit / 4:g} or less' if 2 * lost > data.size else ''
        yield Finding('types', name, f'{lost:,} of {data.size:,} values are less than half the last place {unit:g}', cure)


def _softmax(node: Node) -> Iterator[Finding]:
    """Compare the step of the table's index with logits that lie close together."""
    precision = node.get_input_variable().type.precision
    if not is_fixed_point(precision) or 'argmax' in str(node.get_attr('implementation', '')):
        return
    size = int(node.get_attr('exp_table_size', 0) or node.get_attr('table_size', 1024) or 1024)
    width = precision.width - int('stable' in str(node.get_attr('implementation', 'stable')) and bool(precision.signed))
    # hls4ml takes the top bits of the input as the index.
    step = 2.0 ** -fractional_bits(precision) * 2.0 ** max(0, width - int(np.log2(size)))
    if step <= _CLOSE:
        return
    bits = int(np.ceil(np.log2(step / _CLOSE)))
    yield Finding(
        'types',
        node.name,
        f'the table of exponentials has {size:,} words for inputs of {precision}: logits closer than {step:g} get one word',
        f'a TableSize of {size * 2**bits:,}, or {bits} integer bits fewer in the type of its input',
    )
