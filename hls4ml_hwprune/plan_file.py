"""Plans as JSON files."""

import json
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.arrays import decode_array, encode_array
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.records import SlotTable

#: Raised when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
_KIND = 'hls4ml_hwprune plan'
#: What of a kernel is not plain data.
ARRAYS = ('mask', 'slots', 'values', 'bias')
#: A kernel: plain data, the mask of its weights, its slots, new values and biases where it has any.
KernelData = tuple[
    dict[str, Any], NDArray[np.bool_], SlotTable | None, NDArray[np.float64] | None, NDArray[np.float64] | None
]
Built = TypeVar('Built')


def write_plan(path: str | Path, content: Mapping[str, Any], kernels: Sequence[KernelData]) -> None:
    """Write a plan and its kernels; a file that is there stays whole until the new one is.

    Raises
    ------
    PlanError
        If it cannot be written.
    """
    whole = {'kind': _KIND, 'schema_version': SCHEMA_VERSION, **content, 'kernels': [_encode(*data) for data in kernels]}
    target = Path(path)
    partial = target.with_name(f'.{target.name}.{os.getpid()}')
    try:
        partial.write_text(json.dumps(whole, indent=1, default=float) + '\n', encoding='utf-8')
        partial.replace(target)
    except OSError as error:
        raise PlanError(f'the plan cannot be written to {str(path)!r}: {error.strerror}') from None
    finally:
        partial.unlink(missing_ok=True)


def fingerprint(codes: NDArray[np.int64]) -> str:
    """Tell weights from others: a hash of their codes."""
    return sha256(np.ascontiguousarray(codes, '<i8').tobytes()).hexdigest()


def read_plan(path: str | Path, build: Callable[[dict[str, Any], list[KernelData]], Built]) -> Built:
    """Read what `write_plan` wrote, and build something of it.

    Raises
    ------
    PlanError
        If the file cannot be read or is no plan.
    """
    try:
        content = json.loads(Path(path).read_text('utf-8'))
    except OSError as error:
        raise PlanError(f'the plan {str(path)!r} cannot be read: {error.strerror}') from None
    except ValueError:
        raise PlanError(f'the file {str(path)!r} is not a plan: it is not JSON') from None
    if not isinstance(content, dict) or content.pop('kind', None) != _KIND:
        raise PlanError(f'the file {str(path)!r} is not a plan: Plan.save makes one')
    if (version := content.pop('schema_version', None)) != SCHEMA_VERSION:
        raise PlanError(f'the plan {str(path)!r} has schema version {version!r}, this package reads {SCHEMA_VERSION}')
    try:
        kernels = [_decode(kernel) for kernel in content.pop('kernels')]
        return build(content, kernels)
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error) as error:
        raise PlanError(f'the plan {str(path)!r} is damaged: {type(error).__name__}: {error}') from None


def _encode(
    plain: Mapping[str, Any],
    mask: NDArray[np.bool_],
    slots: SlotTable | None,
    values: NDArray[np.float64] | None,
    bias: NDArray[np.float64] | None,
) -> dict[str, Any]:
    data = {**plain, 'mask': encode_array(np.packbits(mask))}
    if slots is not None:
        arrays = {array.name: getattr(slots, array.name) for array in fields(SlotTable)}
        data['slots'] = {name: encode_array(array.astype(np.int32)) for name, array in arrays.items()}
    if values is not None:
        data['values'] = encode_array(values)
    if bias is not None:
        data['bias'] = encode_array(bias)
    return data


def _decode(data: Mapping[str, Any]) -> KernelData:
    plain = {name: value for name, value in data.items() if name not in ARRAYS}
    shape = (plain['n_out'], plain['n_in'])
    mask = np.unpackbits(decode_array(data['mask']), count=shape[0] * shape[1]).astype(bool).reshape(shape)
    slots = values = bias = None
    if 'slots' in data:
        slots = SlotTable(**{name: decode_array(array).astype(np.int64) for name, array in data['slots'].items()})
    if 'values' in data:
        values = decode_array(data['values']).reshape(shape)
    if 'bias' in data:
        bias = decode_array(data['bias']).reshape(shape[:1])
    return plain, mask, slots, values, bias
