"""A weight variable that is whole in the IR and holds only the kept slots in the firmware."""

from typing import Any

import numpy as np
from hls4ml.model.types import WeightVariable
from numpy.typing import NDArray


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
        return np.append(np.asarray(self.data).ravel(), 0)[self.firmware_index]

    def serialize_state(self) -> dict[str, Any]:
        """State for hls4ml's serialiser."""
        return super().serialize_state() | {'firmware_index': self.firmware_index}

    @classmethod
    def deserialize(cls, state: dict[str, Any]) -> 'SparseWeightVariable':
        """Inverse of `serialize_state`."""
        named = state['type']
        return cls(state['name'], named.name, named.precision, state['data'], state['firmware_index'], state['quantizer'])
