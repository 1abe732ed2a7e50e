"""Alternatives of a kernel in the knapsack: packings, reuse factors and orders of its groups."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.settings import AUTO
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.importance import resolve
from hls4ml_hwprune.packing import IN_ORDER, is_free, order_key, order_work, reorders
from hls4ml_hwprune.records import DISTRIBUTED, Kernel, Layer
from hls4ml_hwprune.resources import kernel_reuse_factors, selection_cycles
from hls4ml_hwprune.selection.curves import kernel_curve, optimistic_curve
from hls4ml_hwprune.selection.knapsack.effort import OF_CURVE
from hls4ml_hwprune.selection.knapsack.problem import Curve
from hls4ml_hwprune.selection.option import Option
from hls4ml_hwprune.selection.paired import paired_curves
from hls4ml_hwprune.selection.snapping import SNAPPED, snapped_curves
from hls4ml_hwprune.selection.source import SPARING, Source

# Resource kernels at RF 1 with more weights than this are not snapped under `auto`: nobody unrolls them.
_MOST_SNAPPED = 16_384
_LISTED = 12
# Weights in the curves of all reuse factors of a kernel under `ReuseFactor: auto`, at most; least number of factors.
_MOST_READ, _FEWEST_FACTORS = 2**23, 5


@dataclass(frozen=True)
class Alternative:
    """One option of a kernel, with the cycles of its layer at each point.

    Attributes
    ----------
    option : Option
    latency, interval : ndarray of int, shape (K + 1,)
        Largest latency and initiation interval of the layer, in clock cycles.
    hopeful : bool
        Whether points without a layout are priced by a lower bound, and not by an upper one.
    """

    option: Option
    latency: NDArray[np.int64] = field(repr=False)
    interval: NDArray[np.int64] = field(repr=False)
    hopeful: bool = False

    @property
    def kernel(self) -> Kernel:
        """The kernel, at the option's reuse factor."""
        return self.option.kernel

    @classmethod
    def of(cls, layer: Layer, option: Option) -> 'Alternative':
        """Time an option of the kernel of `layer`."""
        return cls(option, *selection_cycles(layer, option.kernel, *option.counts))

    @property
    def search(self) -> tuple[object, int]:
        """Name and operations of the search for the packing, where the option was optimistic."""
        kernel, scores = self.kernel, self.option.source.scores
        return (kernel.key, order_key(kernel, scores)), order_work(kernel) + 2 * OF_CURVE * scores.size

    def found(self) -> 'Alternative':
        """Search for the packing, where the option was optimistic."""
        option = self.option.found()
        if option is self.option:
            return self
        n = option.value.size
        found = Alternative(option, np.full(n, self.latency[0]), np.full(n, self.interval[0]))
        return found.at_least if self.hopeful else found

    def priced_with(self, multiplexer_ways: int) -> 'Alternative':
        """Price every multiplexer as one of `multiplexer_ways` inputs, as the tool then lists it."""
        if multiplexer_ways not in self._priced:
            self._priced[multiplexer_ways] = self._with(self.option.with_multiplexer(multiplexer_ways))
        return self._priced[multiplexer_ways]

    @cached_property
    def _priced(self) -> dict[int, 'Alternative']:
        """Cache of the alternative with other multiplexers: many problems of one design ask for them."""
        return {}

    @cached_property
    def at_least(self) -> 'Alternative':
        """Alternative with all points priced by a lower bound on the multiplexers of any layout of their slots."""
        least = self.option.at_least()
        return self if least is self.option else replace(self, option=least, hopeful=True)

    def with_own_whole(self) -> 'Alternative':
        """Leave hls4ml's own kernel in place where all slots are kept."""
        return self._with(self.option.with_own_whole())

    def anew(self) -> 'Alternative':
        """Return the same, with no layout known yet: the effort counts layouts once for each design."""
        return self._with(self.option.anew())

    def is_like(self, other: 'Alternative') -> bool:
        """Whether both are the same choice, at possibly different prices."""
        return self._names == other._names

    @property
    def _names(self) -> tuple[object, ...]:
        kernel = self.kernel
        return self.option.packing, self.option.order, kernel.reuse_factor, kernel.multiplexed, kernel.slot_bits

    def layout_work(self, k: int) -> int:
        """Operations of the layout of point k."""
        return self.option.layout_work(k)

    def looked_at(self, k: int) -> 'Alternative':
        """Price point k by the layout of its slots."""
        return self._with(self.option.looked_at(k))

    def remembered(self, columns: Hashable, made: Callable[['Alternative', Any], Curve]) -> Curve:
        """Return the curve in a problem with such columns, `made` once: many problems of one design have the same."""
        if (found := self._curves.get(columns)) is None:
            found = self._curves[columns] = made(self, columns)
        return found

    @cached_property
    def _curves(self) -> dict[Hashable, Curve]:
        return {}

    def _with(self, option: Option) -> 'Alternative':
        return self if option is self.option else replace(self, option=option)


def kernel_alternatives(
    layer: Layer, kernel: Kernel, settings: Settings, clock_limit: int | None, source: Source | None = None
) -> list[Alternative]:
    """All alternatives of a kernel.

    Parameters
    ----------
    layer : Layer
    kernel : Kernel
        One of its kernels, as configured.
    settings : Settings
    clock_limit : int, optional
        Bound on the clock cycles of the whole design: reuse factors beyond it are left out, but for the fastest.
    source : Source, optional
        Scores of the weights, where already known.

    Raises
    ------
    ConfigError
        If the kernel cannot have the packing or reuse factor of the settings.
    """
    choice = settings.for_layer(layer.name, layer.kind)
    if source is None:
        source = Source.of(kernel, resolve(choice.importance, kernel), settings.stage)
    found: list[Alternative] = []
    for reuse_factor in _reuse_factors(layer, kernel, choice.reuse_factor):
        at_factor = replace(source, kernel=replace(source.kernel, reuse_factor=reuse_factor))
        _check_order(at_factor.kernel, choice.packing)
        paired = list(paired_curves(at_factor, choice.packing, choice.slot_width))
        wide = () if paired and isinstance(choice.slot_width, int) else _curves(at_factor, choice.packing)
        timed = [Alternative.of(layer, curve) for curve in chain(wide, paired)]
        if found and clock_limit is not None and min(int(one.latency.min()) for one in timed) > clock_limit:
            break
        found += timed
    return found


def _check_order(kernel: Kernel, packing: str) -> None:
    """Refuse a packing that changes the order of sums where it matters; the kernel is at the reuse factor in question."""
    if kernel.ordered_sums and kernel.multiplexed and packing != 'auto' and reorders(packing):
        raise ConfigError(
            f'HWPrune.Packing: {packing!r} for layer {kernel.layer!r} at reuse factor {kernel.reuse_factor}: its '
            f'accumulator saturates or is floating-point, so that the order of additions matters, and this packing changes '
            f'it; let it wrap, or use one of {", ".join(IN_ORDER)}'
        )


def _reuse_factors(layer: Layer, kernel: Kernel, asked: str | int) -> list[int]:
    """Reuse factors to choose from, ascending; constants of the Latency strategy keep theirs under `auto`."""
    legal, largest = kernel_reuse_factors(kernel), kernel.target.facts.largest_array
    # At RF 1 each weight is a separate element.
    too_large = largest is not None and kernel.n_weights > largest
    possible = [factor for factor in legal if factor > 1 or kernel.reuse_factor == 1 or not too_large]
    if asked == AUTO and kernel.strategy == 'resource':
        # hls4ml's own kernel of a channel each stays possible at the configured factor.
        possible = sorted({*possible, kernel.reuse_factor}) if kernel.per_channel else possible
        return _nearest(possible, kernel.reuse_factor, max(_FEWEST_FACTORS, _MOST_READ // kernel.codes.size))
    if isinstance(asked, str):
        if not kernel.per_channel or not kernel.multiplexed or kernel.ordered_sums:
            return [kernel.reuse_factor]
        # Where it does not divide an output's own weights, slots of one output need the next lower one that does.
        lower = max((factor for factor in possible if factor <= kernel.reuse_factor), default=kernel.reuse_factor)
        return sorted({lower, kernel.reuse_factor})
    if kernel.strategy == 'resource' and asked not in legal:
        near = sorted(sorted(legal, key=lambda factor: abs(factor - asked))[:_LISTED])
        raise ConfigError(
            f'HWPrune.ReuseFactor: {asked} for layer {layer.name!r} of {kernel.n_in} x {kernel.n_out} weights is not one '
            f'that hls4ml allows; the nearest are {", ".join(map(str, near))}'
        )
    return [asked]


def _nearest(factors: list[int], configured: int, most: int) -> list[int]:
    """Choose at most `most` of the `factors`, ascending: all, or the nearest to the configured one, 1 excluded."""
    if len(factors) <= most:
        return factors
    return sorted(sorted(factors[1:], key=lambda factor: max(factor / configured, configured / factor))[:most])


def factors_left_out(layer: Layer, kernel: Kernel, settings: Settings) -> list[int]:
    """Find the legal reuse factors that are left out for a large kernel under `auto`."""
    asked = settings.for_layer(layer.name, layer.kind).reuse_factor
    if asked != AUTO or kernel.strategy != 'resource':
        return []
    tried = _reuse_factors(layer, kernel, asked)
    legal = kernel_reuse_factors(kernel)
    return [] if len(tried) >= len(legal) - 1 else sorted(set(legal) - set(tried))


def _curves(source: Source, packing: str) -> Iterator[Option]:
    kernel = source.kernel
    if not kernel.multiplexed:
        yield from _constant_curves(source, packing)
    elif kernel.per_channel:
        yield kernel_curve(source, 'balanced')
    elif packing != 'auto':
        yield kernel_curve(source, packing)
    else:
        yield kernel_curve(source, 'aligned')
        if kernel.ordered_sums:
            return
        if is_free(kernel):
            balanced = kernel_curve(source, 'balanced')
            # The search takes a while, and can beat `balanced` in LUTs alone.
            yield optimistic_curve(balanced, 'permuted')
            yield balanced
        elif kernel.reuse_factor > kernel.n_in:
            yield kernel_curve(source, 'permuted')


def _constant_curves(source: Source, packing: str) -> Iterator[Option]:
    """Yield curves of groups of one weight, under which all packings but `snapped` are the same."""
    kernel = source.kernel
    named = 'aligned' if packing == 'auto' else packing
    yield kernel_curve(source, named)
    if not kernel.codes.any() or kernel.strategy == DISTRIBUTED or not kernel.target.facts.has_reports:
        # Without reports no constant is known to need no multiplier.
        return
    yield kernel_curve(source, named, SPARING)
    small = kernel.strategy == 'latency' or kernel.codes.size <= _MOST_SNAPPED
    if packing == SNAPPED or (packing == 'auto' and small):
        yield from snapped_curves(source)
