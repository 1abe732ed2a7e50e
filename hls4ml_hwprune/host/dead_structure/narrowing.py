"""Narrower accumulators where hls4ml inferred their width, for the products that are left."""

from types import SimpleNamespace

from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer.passes.infer_precision import InferPrecisionTypes
from hls4ml.model.types import FixedPrecisionType, NamedType, UnspecifiedPrecisionType

from hls4ml_hwprune.host.families.registry import dense_class


def narrow_accumulator(node: Node, n_products: int) -> bool:
    """Infer the accumulator's type again, if hls4ml inferred it, now that an output adds up at most `n_products` products.

    Sums stay exact, so that no result changes.

    Returns
    -------
    bool
        Whether the type became narrower; it stays as it is otherwise.
    """
    config, old = node.model.config, node.get_attr('accum_t')
    configured = SimpleNamespace(name=node.name, class_name=dense_class(node))
    asked, _ = config.get_precision(configured, 'accum')
    # A type that is cut to a maximum may overflow.
    if not isinstance(asked, UnspecifiedPrecisionType) or 'maximum' in config.model_precision:
        return False
    node.set_attr('accum_t', NamedType(old.name, old.precision))
    InferPrecisionTypes()._infer_common_precision(node, ['accum_t'], max(n_products, 1))
    narrower = _is_narrower(node.get_attr('accum_t').precision, old.precision)
    if not narrower:
        node.set_attr('accum_t', old)
    return narrower


def _is_narrower(new: FixedPrecisionType, old: FixedPrecisionType) -> bool:
    """Whether a type only has fewer bits left of the binary point."""
    plain = all(isinstance(precision, FixedPrecisionType) for precision in (new, old))
    return plain and new.fractional == old.fractional and new.signed == old.signed and new.width < old.width
