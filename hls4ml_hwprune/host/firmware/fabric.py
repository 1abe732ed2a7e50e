"""Products bound to LUTs: hls4ml's own function of a layer calls the product that its configuration names."""

from collections.abc import Mapping
from typing import Any

from hls4ml.backends.backend import get_backend
from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import PrecisionType

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.host.firmware.sparse import SparseKernel, viewed_as

#: Header with the products and factors that are built from LUTs.
FABRIC_HEADER = 'nnet_utils/nnet_fabric.h'
# Product of hls4ml's configurations, and the same built from LUTs.
_PRODUCT, _IN_FABRIC = 'mult', 'mult_fabric'


def takes_multipliers(first: PrecisionType, second: PrecisionType) -> bool:
    """Whether hls4ml multiplies numbers of two types; of signs and powers of two it selects and shifts."""
    return bool(get_backend('vivado').product_type(first, second) == _PRODUCT)


def with_fabric(config: str, own: str, bound: str) -> str:
    """Put a word that binds products in the place of hls4ml's own in a configuration.

    Raises
    ------
    HWPruneError
        If hls4ml's configuration does not have its word, so that nothing would be bound.
    """
    if own not in config:
        raise HWPruneError(f'this version of hls4ml has no {own!r} in a configuration whose products the plan binds to LUTs')
    return config.replace(own, bound)


def fabric_products(
    nodes: Mapping[str, type[Node]], plain: type[Node], config: LayerConfigTemplate, function: FunctionCallTemplate
) -> SparseKernel:
    """Firmware of layers whose configuration names a product.

    Parameters
    ----------
    nodes : mapping of str to type
        As for `SparseKernel`.
    plain : type
        Class of hls4ml whose templates write the layers.
    config, function : Template
        These templates.
    """

    def configure(node: Node, params: dict[str, Any]) -> str:
        text = str(config.format(viewed_as(node, plain)))
        return with_fabric(text, f'nnet::product::{_PRODUCT}<', f'nnet::product::{_IN_FABRIC}<')

    return SparseKernel(
        nodes=nodes,
        configure=configure,
        call=lambda node, params: str(function.format(viewed_as(node, plain))),
        headers=lambda node: (*function.include_header, FABRIC_HEADER),
    )
