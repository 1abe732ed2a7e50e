"""Plain records that the rooms of the package exchange: keys, kernels, layers, slot tables, statistics."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.tools import VITIS_HLS, Tool, tool_named

_VERSAL = re.compile(r'x[caq]r?v[cemhpr]\d')
_ULTRASCALE = re.compile(r'x[caq]r?(ku|vu|zu|au|u|k)\d')
# Width of the wide operand of a DSP block: DSP48E1, DSP48E2 and DSP58.
_SEVEN_SERIES_BITS, _LATER_BITS = 25, 27
#: Kind of the layer that copies a network's inputs and outputs from and to an AXI interface.
WRAPPER = 'AxiWrapper'


class KernelKey(NamedTuple):
    """Name of a kernel in its design: the layer, and the role of the weights there."""

    layer: str
    role: str = 'weight'

    def __str__(self) -> str:
        return self.layer if self.role == 'weight' else f'{self.layer}.{self.role}'


def fingerprint(codes: NDArray[np.int64]) -> str:
    """Hash of the codes of weights, which tells them from others."""
    return sha256(np.ascontiguousarray(codes, '<i8').tobytes()).hexdigest()


def per_channel_mask(n_out: int, n_in: int) -> NDArray[np.bool_]:
    """Weights that exist where output j reads the inputs i with i % n_out == j alone, shape (n_out, n_in)."""
    found: NDArray[np.bool_] = np.arange(n_in) % n_out == np.arange(n_out)[:, None]
    return found


@dataclass(frozen=True)
class Target:
    """Part, clock and tool of a design.

    Attributes
    ----------
    part : str
        Xilinx part name; empty if unknown.
    clock_ns : float
        Clock period.
    tool : str
        Name of the HLS tool.
    uncertainty : float
        Share of the clock period that the tool sets aside.
    """

    part: str = ''
    clock_ns: float = 5.0
    tool: str = VITIS_HLS
    uncertainty: float = 0.27

    @property
    def facts(self) -> Tool:
        """Facts of the tool."""
        return tool_named(self.tool)

    @property
    def stage_ns(self) -> float:
        """Time for one pipeline stage."""
        return self.clock_ns * (1 - self.uncertainty)

    @property
    def seven_series(self) -> bool:
        """Whether the part is of the 7 series: slower, and with DSP48E1 blocks."""
        return self.part.lower().startswith('xc7')

    @property
    def versal(self) -> bool:
        """Whether the part is a Versal: another fabric, and DSP58 blocks."""
        return bool(_VERSAL.match(self.part.lower()))

    @property
    def dsp_bits(self) -> int:
        """Width of the wide operand of the part's DSP blocks; 0 where they are not known."""
        if self.seven_series:
            return _SEVEN_SERIES_BITS
        return _LATER_BITS if self.versal or _ULTRASCALE.match(self.part.lower()) else 0

    @property
    def slow_fabric(self) -> bool:
        """Whether the part has the fabric of Artix-7: multiplexers and multipliers then take stages of their own."""
        return self.part.lower().startswith(('xc7a', 'xc7s', 'xc7z00', 'xc7z01', 'xc7z020'))


@dataclass(frozen=True)
class SlotTable:
    """Schedule of the kept multiplier slots of a kernel: a weight for each cycle, where the layout is not hls4ml's.

    Attributes
    ----------
    positions : ndarray of int, shape (n_slots, reuse_factor)
        Flat positions in the (n_out, n_in) matrix; -1 where a slot has nothing to do.
    lane_inputs : ndarray of int, shape (n_lanes, reuse_factor)
        Inputs that each multiplexer brings, cycle by cycle; -1 where any will do.
    lane_of : ndarray of int, shape (n_slots,)
        Multiplexer that each slot reads.
    streams : ndarray of int, shape (n_streams, reuse_factor)
        Inputs that multiplexers common to all lanes bring, cycle by cycle: a lane may choose from them.
    legs : ndarray of int, shape (n_lanes + n_streams,)
        Number of sources that each multiplexer chooses from.
    """

    positions: NDArray[np.int64] = field(repr=False)
    lane_inputs: NDArray[np.int64] = field(repr=False)
    lane_of: NDArray[np.int64] = field(repr=False)
    streams: NDArray[np.int64] = field(repr=False)
    legs: NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True)
class KernelStatistics:
    """Moments of a kernel's inputs and sensitivities of its outputs, on calibration data.

    Attributes
    ----------
    second_moment : ndarray of float, shape (n_in, n_in)
        Mean of the products of two inputs, over all input vectors: samples, and positions of a convolution.
    sensitivity : ndarray of float, shape (n_out,)
        Cost to the network of a mean squared error of one in each output.
    count : int
        Input vectors that the mean was taken of.
    """

    second_moment: NDArray[np.float64] = field(repr=False)
    sensitivity: NDArray[np.float64] = field(repr=False)
    count: int


#: Strategy of kernels of shifts and adders, whose code hls4ml makes for their weights: zeros cost nothing there.
DISTRIBUTED = 'distributed_arithmetic'


@dataclass(frozen=True)
class Kernel:
    """One matrix-vector product of a layer, run `reuse_factor` cycles long.

    Attributes
    ----------
    layer, role : str
        Name of the node and of its weight variable.
    n_in, n_out : int
        Size of the matrix: a convolution's `n_in` is filter height x width x channels.
    reuse_factor : int
        Cycles over which the multiplications are spread, as hls4ml set it on the node.
    strategy : str
        'resource', 'latency' or 'distributed_arithmetic'.
    copies : int
        Matrix-vector products done side by side (hls4ml's ParallelizationFactor; 1 for io_stream).
    values : ndarray of float, shape (n_out, n_in)
        The weights as the firmware will hold them, that is after quantisation.
    codes : ndarray of int, shape (n_out, n_in)
        `values` in units of the last place.
    unit : float
        Weight of one such unit.
    input_bits, weight_bits, accum_bits, result_bits : int
        Widths of the operands, of the accumulator and of the layer's output.
    source : str
        Origin of its inputs: 'layer' (registers of the layer before), 'port' (the design's own input), 'stream',
        'window' (of a convolution) or 'state' (of a recurrent layer).
    target : Target
        Part, clock and tool.
    multiplexer_ways : int
        Inputs of the multiplexer whose figure the tool lists for every multiplexer of the design; 0 for each its own.
    kept : ndarray of bool, shape (n_out, n_in), optional
        The weights that are left where the kernel was pruned; None for hls4ml's own dense kernel.
    slots : SlotTable, optional
        The slots that are left where they are not hls4ml's own.
    ordered_sums : bool
        Whether the order of additions matters: the accumulator saturates, or is floating-point.
    positive_inputs : bool
        Whether no input is ever negative, as after a ReLU.
    adder_bits : float
        Bits of the adders of a kernel in distributed arithmetic, if they were counted when its code was made; else 0.
    designed : tuple of int, optional
        Outputs and inputs before dead structure was removed; None where nothing was.
    statistics : KernelStatistics, optional
        Statistics of its inputs and outputs, where there are calibration data.
    external : bool
        Whether its weights are a port of the design (BramFactor): no memory of it, and no constants.
    per_channel : bool
        Whether output j has weights for the inputs i with i % n_out == j alone, as a depthwise convolution.
    operand_bits : int
        Bits of an input as the signed operand that two products of one multiplier share; 0 where the firmware has no such
        products.
    slot_bits : int
        Bits of a weight where two slots share a multiplier (`packing.narrow`), each with a power of two of its own; 0 where
        a slot is a multiplier, and its weights have all bits of their type.
    """

    layer: str
    role: str
    n_in: int
    n_out: int
    reuse_factor: int
    strategy: str
    copies: int
    values: NDArray[np.float64] = field(repr=False, compare=False)
    codes: NDArray[np.int64] = field(repr=False, compare=False)
    input_bits: int
    weight_bits: int
    accum_bits: int
    result_bits: int = 16
    source: str = 'layer'
    target: Target = Target()
    multiplexer_ways: int = 0
    kept: NDArray[np.bool_] | None = field(default=None, repr=False, compare=False)
    slots: SlotTable | None = field(default=None, repr=False, compare=False)
    ordered_sums: bool = False
    positive_inputs: bool = False
    unit: float = 1.0
    adder_bits: float = 0.0
    designed: tuple[int, int] | None = None
    statistics: KernelStatistics | None = field(default=None, repr=False, compare=False)
    external: bool = False
    per_channel: bool = False
    operand_bits: int = 0
    slot_bits: int = 0

    @property
    def key(self) -> KernelKey:
        """Name in the design."""
        return KernelKey(self.layer, self.role)

    @property
    def exists(self) -> NDArray[np.bool_]:
        """Weights that there are, shape (n_out, n_in): all, but for kernels of a channel each."""
        return per_channel_mask(self.n_out, self.n_in) if self.per_channel else np.ones((self.n_out, self.n_in), bool)

    @property
    def n_weights(self) -> int:
        """Weights of the dense kernel as designed."""
        n_out, n_in = self.designed or (self.n_out, self.n_in)
        return n_in if self.per_channel else n_in * n_out

    @property
    def multiplexed(self) -> bool:
        """Whether multipliers are shared in time: weights then sit in a memory and are no constants to the tool."""
        return self.strategy == 'resource' and self.reuse_factor > 1

    @property
    def n_slots(self) -> int:
        """Multiplier slots of the dense kernel as designed; where weights are constants each weight is a slot of its own."""
        return -(-self.n_weights // self.reuse_factor) if self.multiplexed else self.n_weights

    @property
    def n_kept(self) -> int:
        """Multiplier slots that are left."""
        if self.slots is not None:
            return len(self.slots.positions)
        if self.kept is None:
            return self.n_slots
        if self.per_channel and self.multiplexed:
            # hls4ml's own slots serve several outputs: they are kept whole or go.
            return self.n_slots if self.kept.any() else 0
        return int(np.unique(np.flatnonzero(self.kept) // self.group_reuse).size)

    @property
    def n_multipliers(self) -> int:
        """Multipliers of the slots that are left: where two slots that read the same inputs share one, one for both."""
        if not self.slot_bits or self.slots is None:
            return self.n_kept
        lane_of = 0 * self.slots.lane_of if self.in_turn else self.slots.lane_of
        return int((-(-np.bincount(lane_of) // 2)).sum())

    @property
    def in_turn(self) -> bool:
        """Whether a multiplier slot serves several outputs, one after the other, and reads all inputs for each."""
        if self.slots is None or not len(self.slots.positions):
            return self.reuse_factor > self.n_in
        outputs = self.slots.positions // self.n_in
        return bool(((outputs >= 0) & (outputs != outputs.max(axis=1, keepdims=True))).any())

    @property
    def group_reuse(self) -> int:
        """Weights that share a multiplier slot."""
        return self.reuse_factor if self.multiplexed else 1


@dataclass(frozen=True)
class Memory:
    """A memory of a layer that is not a weight memory, of `words` words of `bits` bits.

    `role` is 'table' or 'softmax_table', read `lookups` times a cycle, 'fifo', or 'line' (of an image, held back as a shift
    register); of the latter two there are `count`.
    """

    role: str
    words: int
    bits: int
    count: int = 1
    lookups: int = 1


@dataclass(frozen=True)
class Operation:
    """Arithmetic of a layer outside its kernels, on `n` elements at a time.

    `bits` and `result_bits` are the widths of an element before and after. `codes` holds constant factors in units of the
    last place (batch normalisation), empty where there are none. `bindable` tells products that a plan may bind to LUTs, and
    `in_fabric` products that are built there, without DSP blocks.
    """

    kind: str
    n: int
    bits: int
    codes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False, compare=False)
    weight_bits: int = 0
    reuse_factor: int = 1
    result_bits: int = 16
    bindable: bool = False
    in_fabric: bool = False


@dataclass(frozen=True)
class Layer:
    """Hardware that a node of the graph needs.

    `inputs` names the layers that it reads. `in_pixels` and `out_pixels` count the positions of its input and output (1 for
    a vector), `in_channels` the elements of a position of its input, `repeats` the runs of the kernels of a recurrent layer
    and `step_cycles` the cycles of a run besides those of its kernels. `skipped` is the reason for which a layer with
    weights is not pruned; it is empty for layers that can be or have nothing to prune. `dimensions` are those of the image
    that a window moves over, 0 where there is no window. `gathers` tells layers that read all packs of a stream before they
    compute.
    """

    name: str
    kind: str
    io_type: str
    inputs: tuple[str, ...] = ()
    kernels: tuple[Kernel, ...] = ()
    memories: tuple[Memory, ...] = ()
    operations: tuple[Operation, ...] = ()
    in_pixels: int = 1
    out_pixels: int = 1
    in_channels: int = 1
    target: Target = Target()
    repeats: int = 1
    skipped: str = ''
    dimensions: int = 0
    gathers: bool = False
    step_cycles: int = 0

    @cached_property
    def estimates(self) -> dict[str, Any]:
        """Cache of the layer's resources, by stage: several questions are asked of the same design."""
        return {}
