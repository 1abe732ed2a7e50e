"""Reuse factors of nodes, set as if the user's configuration had named them."""

from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.resources import legal_reuse_factors

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def reuse_attribute(role: str) -> str:
    """Attribute of the reuse factor of weights with a role: 'reuse_factor', 'recurrent_reuse_factor' and the like."""
    return role.removesuffix('weight') + 'reuse_factor'


def set_reuse_factor(model: 'ModelGraph', node: Node, reuse_factor: int, role: str = 'weight') -> None:
    """Give a node a reuse factor through hls4ml's own configuration, and its own check of legal ones.

    The configuration that is written with the project names it, so that a plain conversion with that file has it too.

    Raises
    ------
    PlanError
        If hls4ml would round it.
    """
    attribute = reuse_attribute(role)
    if node.get_attr(attribute) == reuse_factor:
        return
    # A copy: the configuration is the user's own dictionary.
    config = model.config.config
    hls_config = config['HLSConfig'] = dict(config['HLSConfig'])
    names = hls_config['LayerName'] = dict(hls_config.get('LayerName') or {})
    # hls4ml looks no further than the name once there is one.
    scopes = [(hls_config.get('LayerType') or {}).get(node.class_name), names.get(node.name)]
    inherited = next((dict(scope) for scope in reversed(scopes) if scope is not None), {})
    names[node.name] = {**inherited, ''.join(map(str.capitalize, attribute.split('_'))): reuse_factor}
    if role != 'weight':
        # hls4ml checks the reuse factor of a layer's first weights alone.
        node.set_attr(attribute, reuse_factor)
        return
    model.config.layer_name_rf[node.name.lower()] = reuse_factor
    node.set_attr('reuse_factor', int(model.config.get_reuse_factor(node)))
    backend = model.config.backend
    if model.config.is_resource_strategy(node):
        # Those of a recurrent layer's state kernel follow.
        sizes = backend.get_layer_mult_size(node)[:2]
        # hls4ml goes through all numbers up to that of the weights, in Python: only to say which factors it has instead.
        if reuse_factor not in legal_reuse_factors(*sizes):
            backend.set_closest_reuse_factor(node, *sizes)
    if node.get_attr('reuse_factor') != reuse_factor:
        raise PlanError(f'layer {node.name!r}: hls4ml does not allow the reuse factor {reuse_factor}')
