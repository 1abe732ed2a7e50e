"""Fifth pass, after hls4ml has converted types and transposed weights: tables and packed weights of sparse nodes."""

from typing import TYPE_CHECKING

import numpy as np
from hls4ml.backends.fpga.fpga_types import HLSTypeConverter, StaticWeightVariableConverter
from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import OptimizerPass
from hls4ml.model.types import IntegerPrecisionType, NamedType
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.firmware.dialects import DIALECTS, Dialect
from hls4ml_hwprune.host.firmware.packed import pack_kernel
from hls4ml_hwprune.host.firmware.pairs import pack_pairs
from hls4ml_hwprune.host.firmware.weights import PairedWeightVariable, SparseWeightVariable
from hls4ml_hwprune.host.graph.reader import read_layer
from hls4ml_hwprune.host.node.attributes import is_packed, kept_mask, pruned_roles, set_packed_kernel
from hls4ml_hwprune.host.node.weights import is_transposed, take_padding_off
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import in_block_ram

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class PackSparseWeights(OptimizerPass):
    """Give each sparse node its tables, and a weight variable whose firmware holds the kept slots alone.

    Requires: hls4ml's `specific_types` flow. Ensures: every sparse node has the attributes that templates need; a kernel
    that keeps nothing has no weight variable any more, or one zero where the call takes the weights of several kernels.
    """

    def match(self, node: Node) -> bool:
        """Match sparse nodes that are not packed yet."""
        return bool(pruned_roles(node)) and not is_packed(node)

    def transform(self, model: 'ModelGraph', node: Node) -> bool:
        """Pack `node`."""
        dialect = DIALECTS[backend_of(model).dialect]
        for kernel in read_layer(node).kernels:
            _pack(node, kernel, dialect)
        return False


def _pack(node: Node, kernel: Kernel, dialect: Dialect) -> None:
    kept = kept_mask(node, kernel.role)
    assert kept is not None  # a sparse node has a mask for each of its kernels
    paired = kernel.slot_bits and kernel.slots is not None and len(kernel.slots.positions)
    packed = pack_pairs(kernel, dialect.most_lanes) if paired else pack_kernel(kernel, kept, dialect)
    bits = 2 * kernel.slot_bits if paired else kernel.weight_bits
    few = not in_block_ram(kernel.reuse_factor, packed.n_kept * bits)
    plain = {
        'template': packed.template,
        'n_in': kernel.n_in,
        'n_out': kernel.n_out,
        'n_kept': packed.n_kept,
        'tables': {name: table.tolist() for name, table in packed.tables.items()},
        'sizes': packed.sizes,
        'n_legs': list(packed.n_legs),
        'rom_in_blocks': not (few and dialect.places_memories),
    }
    set_packed_kernel(node, plain, kernel.role)
    if packed.n_kept:
        _hold(node, kernel, dialect.laid_out(kernel, packed.firmware_index), dialect)
    elif family_of(node).sparse.takes_all:  # type: ignore[union-attr]  # a sparse node is of such a family
        _hold(node, kernel, np.array([-1]), dialect)
    else:
        del node.attributes[kernel.role]


def _hold(node: Node, kernel: Kernel, index: NDArray[np.int64], dialect: Dialect) -> None:
    """Let the firmware hold the weights at flat positions in the (n_out, n_in) matrix, and a zero for each -1."""
    whole = node.weights[kernel.role]
    data = take_padding_off(node, np.asarray(whole.data))
    if not is_transposed(node):
        turned = index % kernel.n_in * kernel.n_out + index // kernel.n_in
        index = np.where(index < 0, -1, turned)
    types = HLSTypeConverter(precision_converter=dialect.precisions())
    if kernel.slot_bits and (index >= 0).any():
        values = node.get_attr(f'{kernel.role}_t')
        words = NamedType(f'{whole.name}_pair_t', IntegerPrecisionType(2 * kernel.slot_bits))
        held = (data, index.reshape(-1, 2, kernel.reuse_factor), whole.quantizer)
        pairs = PairedWeightVariable(kernel.slot_bits, whole.name, words.name, whole.type.precision, *held)
        node.set_attr(kernel.role, StaticWeightVariableConverter(types).convert(pairs))
        # Words and weights are both types of the firmware.
        node.set_attr(f'{kernel.role}_t', values)
        node.set_attr(f'{kernel.role}_pair_t', types.convert(words))
        return
    sparse = SparseWeightVariable(whole.name, whole.type.name, whole.type.precision, data, index, whole.quantizer)
    node.set_attr(kernel.role, StaticWeightVariableConverter(types).convert(sparse))
