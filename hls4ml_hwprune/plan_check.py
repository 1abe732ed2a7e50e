"""Checks of the plain data of a plan file: types, words, and numbers that belong together."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.importance import MEASURES
from hls4ml_hwprune.packing import PACKINGS
from hls4ml_hwprune.packing.narrow import LEAST_BITS, MOST_BITS
from hls4ml_hwprune.quoting import shown, shown_name
from hls4ml_hwprune.records import DISTRIBUTED
from hls4ml_hwprune.resources import NAMES, STAGES
from hls4ml_hwprune.resources.confidence import FIGURES, KINDS

#: Weights that all kernels of a plan may have together: more than the memories of any FPGA hold.
MOST_WEIGHTS = 2**26
#: Fields of a plan with the listing of HLS; None or absent where there is none.
LISTED = ('listed_before', 'listed_after')
_STRATEGIES = ('resource', 'latency', DISTRIBUTED)
_BOUNDS = (*NAMES, 'latency', 'ii')
_HASH = re.compile('([0-9a-f]{64})?')
_POSITIVE = ('n_in', 'n_out', 'reuse_factor', 'configured_reuse_factor', 'copies')
# Relative errors of outputs that were all zero.
_MAY_BE_INFINITE = ('loss',)


def check_record(record: type, data: Any, where: str, beside: Iterable[str] = ()) -> dict[str, Any]:
    """Check plain data against the fields of a dataclass.

    Parameters
    ----------
    record : type
        A dataclass whose fields are numbers, words, mappings of them, or such dataclasses.
    data : Any
    where : str
        The place that messages name; empty for the plan as a whole.
    beside : iterable of str
        Fields that are not in the data.

    Returns
    -------
    dict
        The fields; whole numbers as int where the field is one.

    Raises
    ------
    PlanError
        If a key is missing, unknown or of another type.
    """
    if not isinstance(data, Mapping):
        raise PlanError(f'{where or "the plan"}: expected a mapping, got {_said(data)}')
    expected = {field.name: field for field in fields(record) if field.name not in beside}
    for key in data:
        if key not in expected:
            near = get_close_matches(str(key), expected, 1)
            raise PlanError(f'{_at(where, key)}: unknown key{f", {near[0]!r} is one" if near else ""}')
    missing = [n for n, f in expected.items() if n not in data and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise PlanError(f'{_at(where, missing[0])}: missing')
    hints = get_type_hints(record)
    return {key: _value(hints[key], value, _at(where, key)) for key, value in data.items()}


def check_kernel(data: Mapping[str, Any], where: str) -> None:
    """Check the numbers and words of one kernel, whose types are right.

    Raises
    ------
    PlanError
        If a number or a word is not allowed.
    """
    for key in _POSITIVE:
        if data[key] < 1:
            raise PlanError(f'{where}: {key}: expected a positive number, got {shown(data[key])}')
    weights = data['n_in'] * data['n_out']
    if data.get('per_channel') and data['n_in'] % data['n_out']:
        raise PlanError(
            f'{where}: per_channel: {shown(data["n_in"])} inputs cannot be shared out to {shown(data["n_out"])} outputs'
        )
    if weights > MOST_WEIGHTS:
        raise PlanError(
            f'{where}: {shown(data["n_in"])} x {shown(data["n_out"])} weights are more than the {MOST_WEIGHTS:,} of any plan'
        )
    _one_of(data['strategy'], _STRATEGIES, f'{where}: strategy')
    _one_of(data['packing'], PACKINGS[1:], f'{where}: packing')
    _one_of(data['importance'], MEASURES[1:], f'{where}: importance')
    if data['strategy'] == 'resource' and data['reuse_factor'] > weights:
        raise PlanError(f'{where}: reuse_factor: {shown(data["reuse_factor"])} is more than the {weights} weights')
    size = group_size(data)
    existing = data['n_in'] if data.get('per_channel') else weights
    _expect(data['n_slots'], -(-existing // size), f'{where}: n_slots')
    for key, most in (('n_kept', 'n_slots'), ('removed_inputs', 'n_in'), ('removed_outputs', 'n_out')):
        if not 0 <= data.get(key, 0) <= data[most]:
            raise PlanError(f'{where}: {key}: expected 0 to {data[most]} ({most}), got {shown(data[key])}')
    _check_slot_bits(data, where)
    if not _HASH.fullmatch(data.get('fingerprint', '')):
        raise PlanError(f'{where}: fingerprint: {shown(data["fingerprint"])} is no hash')
    for key in ('before', 'after'):
        _not_negative(data[key], f'{where}: {key}')


def _check_slot_bits(data: Mapping[str, Any], where: str) -> None:
    bits, shared = data.get('slot_bits', 0), data['strategy'] == 'resource' and data['reuse_factor'] > 1
    if bits and not (LEAST_BITS <= bits <= MOST_BITS and shared):
        allowed = f'0, or {LEAST_BITS} to {MOST_BITS} where multipliers are shared in time'
        raise PlanError(f'{where}: slot_bits: expected {allowed}, got {shown(bits)}')


def check_plan(data: Mapping[str, Any]) -> None:
    """Check the numbers and words of a plan without its kernels, whose types are right.

    Raises
    ------
    PlanError
        If a number or a word is not allowed.
    """
    for key in ('before', 'after', 'timing_before', 'timing_after', 'budget', 'part_bounds', 'minimized'):
        _not_negative(data[key], key)
    for key in LISTED:
        _not_negative(data.get(key) or {}, key)
    for key in ('budget', 'part_bounds', 'minimized'):
        for name in data[key]:
            _one_of(name, _BOUNDS, key)
    for key in ('timing_before', 'timing_after'):
        if data[key]['latency_min'] > data[key]['latency_max']:
            raise PlanError(f'{key}: latency_min is more than latency_max')
    _one_of(data['stage'], STAGES, 'stage')
    for layer, estimate in data.get('layers', {}).items():
        _check_confidence(estimate['confidence'], f'layers: {shown_name(layer)}: confidence')


def _check_confidence(data: Mapping[str, Any], where: str) -> None:
    """Check that a layer's estimate has a confidence for each figure, and for no other."""
    for figure, sure in data.items():
        _one_of(figure, FIGURES, where)
        _one_of(sure['kind'], KINDS, f'{where}: {figure}')
    for figure in FIGURES:
        if figure not in data:
            raise PlanError(f'{where}: {figure}: missing')


def group_size(data: Mapping[str, Any]) -> int:
    """Return the weights that share a multiplier slot of a kernel."""
    return int(data['reuse_factor']) if data['strategy'] == 'resource' else 1


def _value(hint: Any, value: Any, where: str) -> Any:
    """Check a value against the type of its field."""
    if get_origin(hint) in (Union, UnionType):
        if value is None and NoneType in get_args(hint):
            return None
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    if is_dataclass(hint) and isinstance(hint, type):
        return check_record(hint, value, where)
    if get_origin(hint) in (dict, Mapping, list, tuple):
        return _several(hint, value, where)
    if hint is Any:
        return value
    return _number(hint, value, where) if hint in (int, float) else _plain(hint, value, where)


def _several(hint: Any, value: Any, where: str) -> Any:
    kind, of = get_origin(hint), get_args(hint)
    if kind in (dict, Mapping):
        if not isinstance(value, Mapping):
            raise PlanError(f'{where}: expected a mapping, got {_said(value)}')
        return {key: _value(of[1], item, _at(where, key)) for key, item in value.items()}
    if not isinstance(value, list):
        raise PlanError(f'{where}: expected a list, got {_said(value)}')
    return kind(_value(of[0], item, f'{where}: {number}') for number, item in enumerate(value))


def _plain(hint: type, value: Any, where: str) -> Any:
    if not isinstance(value, hint):
        raise PlanError(f'{where}: expected {"a word" if hint is str else f"a {hint.__name__}"}, got {_said(value)}')
    return value


def _number(hint: type, value: Any, where: str) -> int | float:
    whole = hint is int
    kind = 'a whole number' if whole else 'a number'
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PlanError(f'{where}: expected {kind}, got {_said(value)}')
    try:
        finite = math.isfinite(value)
    except OverflowError:
        raise PlanError(f'{where}: the number is beyond those of floating point') from None
    infinite = value == math.inf and where.rsplit(' ', 1)[-1] in _MAY_BE_INFINITE
    if not finite and not infinite:
        raise PlanError(f'{where}: expected {kind}, got {shown(value)}')
    if not whole:
        return value
    # JSON does not tell 4.0 from 4.
    if value != int(value):
        raise PlanError(f'{where}: expected {kind}, got {shown(value)}')
    return int(value)


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> None:
    if value not in allowed:
        raise PlanError(f'{where}: {shown(value)} is not one of {", ".join(allowed)}')


def _expect(value: int, expected: int, where: str) -> None:
    if value != expected:
        raise PlanError(f'{where}: expected {expected}, got {shown(value)}')


def _not_negative(amounts: Mapping[str, float], where: str) -> None:
    for name, amount in amounts.items():
        if amount < 0:
            raise PlanError(f'{where}: {shown_name(name)}: expected no negative number, got {shown(amount)}')


def _at(where: str, key: Any) -> str:
    return f'{where}: {shown_name(key)}' if where else shown_name(key)


def _said(value: Any) -> str:
    return shown(value) if isinstance(value, str) else f'a {type(value).__name__}'
