"""Weight variables that are whole in the IR and hold only the kept slots in the firmware: plain, or two in a word."""

from typing import Any

import numpy as np
from hls4ml.model.types import WeightVariable
from numpy.typing import NDArray

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.host.firmware.pairs import pair_words
from hls4ml_hwprune.host.node.precision import quantise
from hls4ml_hwprune.packing.narrow import in_slots, narrowed


class SparseWeightVariable(WeightVariable):
    """Weights that the firmware holds in part.

    Parameters
    ----------
    var_name, type_name, precision, quantizer
        As for hls4ml's `WeightVariable`.
    data : ndarray
        All weights, zero where pruned.
    firmware_index : ndarray of int, shape (n_kept * reuse_factor,)
        Flat positions in `data` of the weights in the firmware, in the firmware's order; -1 for a zero besides.
    """

    def __init__(
        self,
        var_name: str,
        type_name: str,
        precision: Any,
        data: NDArray,
        firmware_index: NDArray[np.int64],
        quantizer: Any = None,
    ) -> None:
        super().__init__(var_name, type_name, precision, data, quantizer)
        self.firmware_index = np.asarray(firmware_index, np.int64)
        held = self._held()
        self.shape = [int(held.size)]
        self.data_length = int(held.size)
        self.nonzeros = int(np.count_nonzero(held))
        self.nzeros = self.data_length - self.nonzeros

    def __iter__(self) -> 'SparseWeightVariable':
        self._iterator = np.nditer(self._held(), order='C')
        return self

    def _held(self) -> NDArray:
        return in_slots(np.asarray(self.data), self.firmware_index)

    def serialize_state(self) -> dict[str, Any]:
        """State for hls4ml's serialiser."""
        return super().serialize_state() | {'firmware_index': self.firmware_index}

    @classmethod
    def deserialize(cls, state: dict[str, Any]) -> 'SparseWeightVariable':
        """Inverse of `serialize_state`."""
        return cls(*_arguments(state))


def _arguments(state: dict[str, Any]) -> tuple[Any, ...]:
    """Arguments of a `SparseWeightVariable` of this state."""
    named = state['type']
    return state['name'], named.name, named.precision, state['data'], state['firmware_index'], state['quantizer']


class PairedWeightVariable(SparseWeightVariable):
    """Weights of paired slots: a word of the firmware holds those of two.

    The type has the name of the words and the precision of the weights, which everything but the firmware reads.

    Parameters
    ----------
    slot_bits : int
        Bits of a weight.
    *arguments
        Those of `SparseWeightVariable`; `firmware_index` has shape (n_pairs, 2, reuse_factor).
    """

    def __init__(self, slot_bits: int, *arguments: Any) -> None:
        self.slot_bits = slot_bits
        super().__init__(*arguments)

    def update_precision(self, new_precision: Any) -> None:
        """Take another precision of the weights; words are printed as whole numbers."""
        super().update_precision(new_precision)
        self.precision_fmt = '{:.0f}'

    def _held(self) -> NDArray:
        codes = in_slots(quantise(np.asarray(self.data, float), self.type.precision), self.firmware_index)
        if (codes != narrowed(codes.reshape(-1, codes.shape[-1]), self.slot_bits).reshape(codes.shape)).any():
            raise PlanError(
                f'weights {self.name}: some have more than the {self.slot_bits} bits of a slot that shares its multiplier; '
                'weights that change after the conversion must stay multiples of the power of two of their slot'
            )
        return pair_words(codes, self.slot_bits).ravel()

    def serialize_state(self) -> dict[str, Any]:
        """State for hls4ml's serialiser."""
        return super().serialize_state() | {'slot_bits': self.slot_bits}

    @classmethod
    def deserialize(cls, state: dict[str, Any]) -> 'PairedWeightVariable':
        """Inverse of `serialize_state`."""
        return cls(state['slot_bits'], *_arguments(state))
