"""Variables of Keras layers that hls4ml makes kernels of, by the names of these kernels."""

from collections.abc import Iterator
from typing import Any

from hls4ml_hwprune.records import KernelKey

# Weight of a layer, and hls4ml's name of the layer that it becomes.
_KERNELS = (('kernel', '{}'), ('depthwise_kernel', '{}'))
# The same of layers with two: hls4ml splits them.
_SPLIT = (('depthwise_kernel', '{}_depthwise'), ('pointwise_kernel', '{}_pointwise'))
# Weights of a recurrent cell, and their roles in the layer.
_CELL = (('kernel', 'weight'), ('recurrent_kernel', 'recurrent_weight'))
_DIRECTIONS = ('forward', 'backward')


def named_variables(model: Any) -> Iterator[tuple[str, Any]]:
    """Find the variables of all layers of a model.

    Parameters
    ----------
    model : keras.Model

    Yields
    ------
    name : str
        As the kernel's key is written.
    variable : keras.Variable
    """
    layers = list(model._flatten_layers(include_self=False, recursive=True))
    inner = {id(part) for layer in layers if _cells(layer) for part in layer._flatten_layers(include_self=False)}
    for layer in layers:
        if id(layer) not in inner:
            yield from _of_cells(layer) if _cells(layer) else _of_layer(layer)


def _of_layer(layer: Any) -> Iterator[tuple[str, Any]]:
    for attribute, name in _SPLIT if hasattr(layer, 'pointwise_kernel') else _KERNELS:
        variable = getattr(layer, attribute, None)
        if variable is not None and len(variable.shape) > 1:
            yield name.format(layer.name), variable


def _of_cells(layer: Any) -> Iterator[tuple[str, Any]]:
    for prefix, cell in _cells(layer).items():
        for attribute, role in _CELL:
            yield str(KernelKey(layer.name, f'{prefix}{role}')), getattr(cell, attribute)


def _cells(layer: Any) -> dict[str, Any]:
    """Cells of a recurrent layer by the prefix of their roles, one for each direction; of other layers none."""
    parts = {f'{way}_': getattr(layer, f'{way}_layer', None) for way in _DIRECTIONS}
    if None in parts.values():
        parts = {'': layer}
    cells = {prefix: getattr(part, 'cell', None) for prefix, part in parts.items()}
    return {prefix: cell for prefix, cell in cells.items() if hasattr(cell, 'recurrent_kernel')}
