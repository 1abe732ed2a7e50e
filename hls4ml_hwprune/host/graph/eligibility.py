"""Eligibility of nodes for pruning, and the reasons against it in words."""

from collections.abc import Iterable

import numpy as np
from hls4ml.backends.template import FunctionCallTemplate
from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import get_optimizer
from hls4ml.model.types import ExponentPrecisionType, XnorPrecisionType

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.families.base import Output
from hls4ml_hwprune.host.families.registry import PRUNABLE, dense_class, family_of
from hls4ml_hwprune.host.node.attributes import pruned_roles
from hls4ml_hwprune.host.node.kernels import strategy_of
from hls4ml_hwprune.host.node.precision import is_fixed_point
from hls4ml_hwprune.host.node.weights import is_port
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.records import DISTRIBUTED

_STRATEGIES = ('resource', 'latency', DISTRIBUTED)


def why_not_pruned(node: Node) -> str:
    """Reason for which a node with weights is not pruned; empty for one that can be, and for nodes without weights."""
    if not node.weights or pruned_roles(node):
        return ''
    family = family_of(node)
    if family.sparse is None:
        return family.why_dense or f'{dense_class(node)} has no sparse kernel'
    backend = backend_of(node.model)
    if (sparse := family.sparse.in_dialect(backend.dialect)) is None:
        return f'{dense_class(node)} has no sparse kernel for {backend.name}'
    roles = [role for role in node.weights if role.endswith('weight')]
    weights = _first(_precision(node, role) or _storage(node, role) for role in roles)
    return _strategy(node) or weights or sparse.why_not(node)


def check_layer_types(settings: Settings) -> None:
    """Refuse settings of layer classes that are not pruned.

    Raises
    ------
    ConfigError
        Naming the class, the classes that are pruned, and the nearest.
    """
    for kind in settings.layer_types:
        if kind not in PRUNABLE:
            classes = f'only layers of class {", ".join(PRUNABLE)} are pruned{hint(kind, PRUNABLE)}'
            raise ConfigError(f'LayerType.{shown(kind)}.HWPrune: {classes}')


def template_fails(node: Node) -> bool:
    """Whether hls4ml's own template for this node is wrong, so that the sparse one is better even with all slots."""
    return bool(family_of(node).template_fails(node))


def why_template_fails(node: Node) -> str:
    """Reason for which a node cannot keep hls4ml's own template, and the cure; empty where it can."""
    reason = _left_out(node) or family_of(node).template_fails(node)
    return f'layer {node.name!r}: {reason}' if reason else ''


def _left_out(node: Node) -> str:
    """Reason for which hls4ml would leave a layer out of the firmware, and hand on memory that nothing was written to."""
    backend, family = node.model.config.backend, family_of(node)
    if not backend_of(node.model).leaves_out or family.is_input or family.output > Output.SIGNED_AS_READ:
        return ''
    templates = (get_optimizer(name) for name in backend._get_layer_templates())
    if any(isinstance(template, FunctionCallTemplate) and template.match(node) for template in templates):
        return ''
    return f'hls4ml has no firmware of {dense_class(node)} layers for {backend.name}, and leaves them out of the project'


def _first(reasons: Iterable[str]) -> str:
    return next((reason for reason in reasons if reason), '')


def _strategy(node: Node) -> str:
    strategy = strategy_of(node)
    if strategy in _STRATEGIES:
        return ''
    return f'strategy "{strategy}" is not pruned, only {" and ".join(_STRATEGIES)} are'


def _precision(node: Node, role: str) -> str:
    precision = node.weights[role].type.precision
    if is_fixed_point(precision):
        return ''
    if isinstance(precision, XnorPrecisionType):
        return 'its weights are binary, +1 or -1, and cannot be zero'
    if isinstance(precision, ExponentPrecisionType):
        return 'its weights are powers of two and cannot be zero'
    return f'its weights are of type {precision}, not fixed-point'


def _storage(node: Node, role: str) -> str:
    if not is_port(node, role):
        return ''
    n_weights = int(np.prod(node.weights[role].shape))
    return f'BramFactor makes its weights a port of the design; a BramFactor of {n_weights} or more keeps them inside'
