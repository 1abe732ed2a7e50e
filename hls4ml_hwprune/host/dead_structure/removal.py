"""Dead-channel elimination in a pruned model, with estimates of the finished design."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.dead_structure.analysis import channels_left
from hls4ml_hwprune.host.dead_structure.dataflow import Dataflow, Reading, read_dataflow
from hls4ml_hwprune.host.dead_structure.narrowing import narrow_accumulator
from hls4ml_hwprune.host.dead_structure.shrink import shrink_kernel, shrink_tensors
from hls4ml_hwprune.host.families.registry import replace_by_sparse
from hls4ml_hwprune.host.graph.reader import read_layer, read_layers
from hls4ml_hwprune.host.node.attributes import pruned_roles, remember_plan, set_kept_mask, set_slot_table
from hls4ml_hwprune.host.node.weights import zero_pruned
from hls4ml_hwprune.kernel_map import kernels_by_key, replace_kernels
from hls4ml_hwprune.kernel_plan import KernelPlan, timing_of
from hls4ml_hwprune.packing import shrunk_slots
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel, KernelKey, Layer, SlotTable
from hls4ml_hwprune.resources import estimate_layers, kernel_resources, mark_multiplexers

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
Stays = Mapping[str, NDArray[np.bool_]]
# A memory of less than 1,024 bits in place of one or more blocks of 36 bits a word.
_LUT_OF_BLOCK, _FF_OF_BLOCK = 16, 36


@dataclass(frozen=True)
class Left:
    """Remainder of a kernel that loses inputs, outputs or weights.

    Attributes
    ----------
    reading : Reading
    kernel : Kernel
        Kernel as it will be.
    kept : ndarray of bool, shape (n_out, n_in)
        Weights that are left, in the kernel as it is.
    """

    reading: Reading
    kernel: Kernel
    kept: NDArray[np.bool_] = field(repr=False)


def remove_dead(model: 'ModelGraph', plan: Plan) -> Plan:
    """Remove dead structure from a model that was pruned by `plan`, before its types are converted.

    Accumulators of pruned kernels become as narrow as the products left allow, where hls4ml inferred their types.

    Returns
    -------
    Plan
        The same, with the resources and cycles of the finished design.
    """
    whole = mark_multiplexers(read_layers(model))
    before = kernels_by_key(whole)
    kernels = {kernel.key for kernel in plan.kernels}
    while True:
        flow = _dataflow(model, kernels, before)
        stays = channels_left(flow)
        left = {key: found for key in flow.readings if (found := _left(flow.readings[key], before[key], stays))}
        dearer = _dearer(whole, left, plan.stage)
        if not dearer:
            break
        _LOG.debug('%s: left alone, as the estimates would rise', ', '.join(map(str, sorted(dearer))))
        kernels -= dearer
    for name, reason in flow.fixed.items():
        _LOG.debug('%s: all channels stay: %s', name, reason)
    for key, found in left.items():
        _shrink(model, model.graph[key.layer], before[key], found, stays)
    shrink_tensors(model, flow, stays)
    names = dict.fromkeys(kernel.layer for kernel in plan.kernels)
    narrowed = [_narrow(node) for name in names if pruned_roles(node := model.graph[name])]
    return _finished(model, plan) if left or any(narrowed) else plan


def _dataflow(model: 'ModelGraph', shrinking: Collection[KernelKey], kernels: Mapping[KernelKey, Kernel]) -> Dataflow:
    flow = read_dataflow(model, shrinking)
    for key, reading in flow.readings.items():
        kernel = kernels[key]
        if kernel.multiplexed and kernel.in_turn:
            flow.fixed[reading.source] = f'slots of {key} read all of them in turn'
        if kernel.multiplexed and kernel.per_channel and kernel.slots is None:
            # Slots of hls4ml's own kernel serve several outputs, and cannot be had without some of them.
            flow.fixed.update(dict.fromkeys((reading.source, reading.output), f"{key} keeps hls4ml's own slots"))
    return flow


def _left(reading: Reading, kernel: Kernel, stays: Stays) -> Left | None:
    """Find the remainder of a kernel; None if it loses nothing."""
    rows, columns = stays[reading.output], stays[reading.source][reading.channel]
    folded = reading.folding.folded & (kernel.codes != 0).any(axis=0)
    if rows.all() and columns.all() and not folded.any():
        return None
    whole = np.ones((kernel.n_out, kernel.n_in), bool) if kernel.kept is None else np.asarray(kernel.kept, bool)
    # Weights of zero would only keep slots that add nothing.
    kept = whole & rows[:, None] & columns & ~folded & (kernel.codes != 0)
    smaller = replace(
        kernel,
        n_in=int(columns.sum()),
        n_out=int(rows.sum()),
        values=np.where(kept, kernel.values, 0.0)[rows][:, columns],
        codes=np.where(kept, kernel.codes, 0)[rows][:, columns],
        kept=kept[rows][:, columns],
        slots=_slots(kernel, kept, rows, columns),
        designed=kernel.designed or (kernel.n_out, kernel.n_in),
    )
    return Left(reading, smaller, kept)


def _slots(kernel: Kernel, kept: NDArray[np.bool_], rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> SlotTable | None:
    """Slots of a smaller kernel; None where weights are constants, or slots in turn stay hls4ml's own."""
    if not kernel.multiplexed or (kernel.slots is None and kernel.in_turn and rows.all() and columns.all()):
        return None
    return shrunk_slots(kernel, kept, np.flatnonzero(rows), np.flatnonzero(columns))


def _dearer(layers: Sequence[Layer], left: Mapping[KernelKey, Left], stage: str) -> set[KernelKey]:
    """Find kernels whose estimate, a resource or cycles, rises: a ROM may become too small for a block RAM.

    All of them where each is well by itself, but not the whole design.
    """
    smaller = replace_kernels(layers, {key: found.kernel for key, found in left.items()})
    pairs = zip(layers, smaller, strict=True)
    rising = {old.name for old, new in pairs if new is not old and _rises([old], [new], stage)}
    if rising or not left:
        return {key for key in left if key.layer in rising}
    return set(left) if _rises(layers, smaller, stage) else set()


def _rises(before: Sequence[Layer], after: Sequence[Layer], stage: str) -> bool:
    """Whether any resource, the latency or the interval is more than it was.

    Small memories that hls4ml forces into blocks are in LUTs once a kernel is ours: that much is no rise.
    """
    old, new = estimate_layers(before, stage), estimate_layers(after, stage)
    freed = max(old.total.bram18 - new.total.bram18, 0)
    of_blocks = {'lut': _LUT_OF_BLOCK * freed, 'ff': _FF_OF_BLOCK * freed}
    worse = any(value > getattr(old.total, name) + of_blocks.get(name, 0) for name, value in new.total.as_dict().items())
    return worse or new.design.latency_max > old.design.latency_max or new.design.ii > old.design.ii


def _shrink(model: 'ModelGraph', node: Node, whole: Kernel, left: Left, stays: Stays) -> None:
    role, kept = left.kernel.role, left.kernel.kept
    assert kept is not None
    sparse = node if pruned_roles(node) else replace_by_sparse(model, node)
    remember_plan(sparse, whole.exists, role)
    zero_pruned(sparse, left.kept, role)
    shrink_kernel(sparse, left.reading, stays)
    set_kept_mask(sparse, kept, role)
    if left.kernel.slots is not None:
        set_slot_table(sparse, left.kernel.slots, role)


def _narrow(node: Node) -> bool:
    products = sum(int((kernel.codes != 0).sum(axis=1).max()) for kernel in read_layer(node).kernels)
    return narrow_accumulator(node, products)


def _finished(model: 'ModelGraph', plan: Plan) -> Plan:
    layers = mark_multiplexers(read_layers(model))
    after = estimate_layers(layers, plan.stage)
    kernels = kernels_by_key(layers)
    return replace(
        plan,
        kernels=[_kernel_plan(k, kernels[k.key], plan.stage) for k in plan.kernels],
        after=after.total,
        layers=after.layers,
        timing_after=timing_of(after),
    )


def _kernel_plan(plan: KernelPlan, kernel: Kernel, stage: str) -> KernelPlan:
    return replace(
        plan,
        n_kept=kernel.n_kept,
        after=kernel_resources(kernel, stage),
        removed_inputs=plan.n_in - kernel.n_in,
        removed_outputs=plan.n_out - kernel.n_out,
    )
