"""Plans as JSON files: written whole, and checked against themselves when they are read."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.files import read_regular, shown_path, write_whole
from hls4ml_hwprune.plain import plain_value
from hls4ml_hwprune.plan_arrays import ARRAYS, decode_arrays, encode_arrays
from hls4ml_hwprune.plan_check import MOST_WEIGHTS, check_kernel, check_plan, check_record
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.records import SlotTable

#: Raised when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
_KIND = 'hls4ml_hwprune plan'
# More than a plan of `MOST_WEIGHTS` weights takes.
_MOST_BYTES = 2**30
_KERNELS = 'kernels'
# Plans of so few weights are cheap to read, and their differences from the design are better told layer by layer.
_FEW_WEIGHTS = 2**20
#: A kernel: plain data, the mask of its weights, its slots, new values and biases where it has any.
KernelData = tuple[
    dict[str, Any], NDArray[np.bool_], SlotTable | None, NDArray[np.float64] | None, NDArray[np.float64] | None
]


def write_plan(path: str | Path, content: Mapping[str, Any], kernels: Sequence[KernelData]) -> None:
    """Write a plan and its kernels; a file that is there stays whole until the new one is.

    Raises
    ------
    PlanError
        If it cannot be written.
    """
    encoded = [{**plain, **encode_arrays(mask, slots, values, bias)} for plain, mask, slots, values, bias in kernels]
    whole = {'kind': _KIND, 'schema_version': SCHEMA_VERSION, **content, _KERNELS: encoded}
    write_whole(path, json.dumps(whole, indent=1, default=plain_value) + '\n', 'the plan', PlanError)


def read_plan(
    path: str | Path, plan: type, kernel: type, most_weights: int | None = None
) -> tuple[dict[str, Any], list[KernelData]]:
    """Read and check a file that `write_plan` wrote.

    Parameters
    ----------
    path : str or Path
    plan, kernel : type
        Dataclasses whose fields the plan and its kernels have.
    most_weights : int, optional
        Weights of the design; a plan of more, and more than a million, is not unpacked.

    Returns
    -------
    tuple of dict and list
        The plan without its kernels, and the kernels.

    Raises
    ------
    PlanError
        If the file cannot be read, is no plan, or does not agree with itself; before the arrays of a plan that is too large
        are unpacked.
    """
    content = _content(path)
    try:
        kernels = content.pop(_KERNELS, None)
        plain = check_record(plan, content, '', beside=(_KERNELS,))
        check_plan(plain)
        most = MOST_WEIGHTS if most_weights is None else min(max(most_weights, _FEW_WEIGHTS), MOST_WEIGHTS)
        return plain, _kernels(kernels, kernel, most)
    except PlanError as error:
        raise PlanError(f'the plan {shown_path(path)} is damaged: {error}') from None


def _content(path: str | Path) -> dict[str, Any]:
    """Read JSON of the kind and version of a plan."""
    text = read_regular(path, _MOST_BYTES, 'the plan', PlanError)
    try:
        content = json.loads(text.decode('utf-8'), object_pairs_hook=_once)
    except RecursionError:
        raise PlanError(f'the file {shown_path(path)} is not a plan: it is nested too deeply') from None
    except ValueError as error:
        reason = str(error) if isinstance(error, _TwiceError) else 'it is not JSON'
        raise PlanError(f'the file {shown_path(path)} is not a plan: {reason}') from None
    if not isinstance(content, dict) or content.pop('kind', None) != _KIND:
        raise PlanError(f'the file {shown_path(path)} is not a plan: Plan.save makes one')
    if (version := content.pop('schema_version', None)) != SCHEMA_VERSION:
        raise PlanError(
            f'the plan {shown_path(path)} has schema version {shown(version, 40)}, this package reads {SCHEMA_VERSION}'
        )
    return content


class _TwiceError(ValueError):
    """A key stands in one mapping twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(f'the key {shown(next(n for n in names if names.count(n) > 1))} is there twice')
    return found


def _kernels(data: Any, record: type, most_weights: int) -> list[KernelData]:
    """Check the plain data of all kernels, and then unpack their arrays."""
    if not isinstance(data, list):
        raise PlanError(f'{_KERNELS}: expected a list of kernels')
    checked: dict[tuple[str, str], dict[str, Any]] = {}
    weights = 0
    for number, kernel in enumerate(data):
        where = _where(kernel, number)
        arrays = ARRAYS if isinstance(kernel, Mapping) else ()
        plain = {name: value for name, value in kernel.items() if name not in arrays} if arrays else kernel
        plain = check_record(record, plain, where, beside=ARRAYS)
        check_kernel(plain, where)
        if (key := (plain['layer'], plain['role'])) in checked:
            raise PlanError(f'{where}: it is there twice')
        checked[key] = plain
        weights += plain['n_in'] * plain['n_out']
        if weights > most_weights:
            size = f'{plain["n_in"]} x {plain["n_out"]}'
            raise PlanError(f'{where}: with its {size} weights there are more than {most_weights:,}')
    named = zip(data, checked.values(), strict=True)
    return [(plain, *decode_arrays(kernel, plain, _where(kernel, n))) for n, (kernel, plain) in enumerate(named)]


def _where(kernel: Any, number: int) -> str:
    """Return the name of a kernel in messages."""
    layer = kernel.get('layer') if isinstance(kernel, Mapping) else None
    return f'kernel {shown(layer)}' if isinstance(layer, str) else f'kernel number {number}'
