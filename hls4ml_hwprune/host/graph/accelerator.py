"""The AXI interface that VivadoAccelerator builds around the network, as a layer of its own."""

from typing import TYPE_CHECKING

from hls4ml.model.types import TensorVariable

from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.backends.target import read_target
from hls4ml_hwprune.host.graph.fifos import fifo
from hls4ml_hwprune.host.node.kernels import width
from hls4ml_hwprune.records import WRAPPER, Layer, Operation

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_NAME = 'axi_wrapper'
_FLOATS = ('float', 'double')


def read_wrapper(model: 'ModelGraph') -> tuple[Layer, ...]:
    """Read the interface around the nodes of `model`: one layer with VivadoAccelerator, none with other back ends.

    It copies the inputs from an AXI stream into the network's own types and the outputs back. Its name is 'axi_wrapper',
    with underscores behind it where a node has that name.
    """
    if not backend_of(model).wraps_axi:
        return ()
    (given, *_), (result, *_) = model.get_input_variables(), model.get_output_variables()
    io_type, target = model.config.get_config_value('IOType'), read_target(model)
    stream = io_type == 'io_stream'
    return (
        Layer(
            name=_free_name(model),
            kind=WRAPPER,
            io_type=io_type,
            inputs=_last_layers(model),
            memories=tuple(found for end in (given, result) for found in fifo(end, target)) if stream else (),
            operations=(_copy(model, 'read', given, stream), _copy(model, 'write', result, stream)),
            in_pixels=_packs(given),
            out_pixels=_packs(result),
            in_channels=int(given.shape[-1]),
            target=target,
        ),
    )


def _copy(model: 'ModelGraph', direction: str, variable: TensorVariable, stream: bool) -> Operation:
    """Loop over the elements of one end of the network; elements of a pack are converted side by side."""
    precisions = (model.config.get_config_value('AcceleratorConfig') or {}).get('Precision') or {}
    outside = str(precisions.get('Input' if direction == 'read' else 'Output') or 'float')
    bits = width(variable.type.precision)
    kind = f'axi_{direction}{"_float" if outside in _FLOATS else ""}{"_stream" if stream else ""}'
    # The network's own width counts: hls4ml rounds that of the interface up to whole bytes.
    return Operation(kind, int(variable.shape[-1] if stream else variable.size()), bits, result_bits=bits)


def _last_layers(model: 'ModelGraph') -> tuple[str, ...]:
    return tuple(node.name for node in model.get_layers() if set(node.outputs) & set(model.outputs))


def _packs(variable: TensorVariable) -> int:
    return int(variable.size() // variable.shape[-1])


def _free_name(model: 'ModelGraph') -> str:
    name = _NAME
    while name in model.graph:
        name += '_'
    return name
