"""Design: layers, and alternatives of all kernels; nothing in it depends on the budget."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.settings import AS_CONFIGURED
from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.importance import importance_scale, resolve
from hls4ml_hwprune.kernel_map import replace_kernels
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.records import Kernel, KernelKey, Layer
from hls4ml_hwprune.resources import Estimate, estimate_layers, kernel_resources, mark_multiplexers
from hls4ml_hwprune.selection.alternatives import Alternative, factors_left_out, kernel_alternatives
from hls4ml_hwprune.selection.bindings import Binding, bindings_of, is_bindable, total_change, with_bound
from hls4ml_hwprune.selection.knapsack.effort import OF_ANY_CURVE, OF_CURVE, Effort
from hls4ml_hwprune.selection.source import Source
from hls4ml_hwprune.wiring import Liveness, Wiring, liveness

_LOG = logging.getLogger(__name__)
# Worth of a weight that is dead in the unpruned network, against that of a live one.
_TRACE = 1e-9


@dataclass(frozen=True)
class Design:
    """Layers, and the alternatives of every kernel that can be pruned.

    Attributes
    ----------
    layers : tuple of Layer
        The whole design as configured, in graph order.
    kernels : tuple of Kernel
        Prunable kernels, as configured.
    alternatives : tuple of tuple of Alternative
        Alternatives of each of `kernels`.
    estimate : Estimate
        Estimate of the design as configured.
    fixed : ndarray of float, shape (5,)
        Resources of everything but `kernels`.
    bindings : tuple of Binding
        Layers whose products may be bound to LUTs; `fixed` has them as they are.
    not_pruned : dict of str to str
        Reason for each layer with weights that is left unpruned.
    wiring : Wiring, optional
        Wiring of the channels; None where the graph is not known, so that no output is kept from being cut off.
    severed : tuple of str
        Outputs that do not depend on the inputs even unpruned.
    searched : bool
        Whether packings that take a search are among the alternatives.
    effort : Effort
        Work done on the current plan; shared by all designs derived from one.
    """

    layers: tuple[Layer, ...]
    kernels: tuple[Kernel, ...]
    alternatives: tuple[tuple[Alternative, ...], ...] = field(repr=False)
    estimate: Estimate = field(repr=False)
    fixed: NDArray[np.float64] = field(repr=False)
    not_pruned: dict[str, str]
    bindings: tuple[Binding, ...] = ()
    wiring: Wiring | None = field(default=None, repr=False)
    severed: tuple[str, ...] = ()
    searched: bool = True
    effort: Effort = field(default_factory=Effort, repr=False, compare=False)

    @property
    def n_weights(self) -> int:
        """Number of weights of all prunable kernels."""
        return sum(kernel.codes.size for kernel in self.kernels)

    @property
    def clock_ns(self) -> float:
        """Clock period."""
        return self.layers[0].target.clock_ns if self.layers else 1.0

    @property
    def total_importance(self) -> float:
        """Importance of the unpruned kernels."""
        return float(sum(choices[0].option.source.scale.total for choices in self.alternatives))

    @property
    def sources(self) -> dict[KernelKey, Source]:
        """Scores of the weights of every kernel."""
        return {k.key: row[0].option.source for k, row in zip(self.kernels, self.alternatives, strict=True)}

    def refined(self, sources: Mapping[KernelKey, Source], settings: Settings) -> 'Design':
        """Design whose kernels have other scores; its unpruned resources and importance stay."""
        limit = _clock_limit(settings, self.clock_ns)
        for kernel, row in zip(self.kernels, self.alternatives, strict=True):
            each = OF_ANY_CURVE + OF_CURVE * kernel.codes.size
            self.effort.spend(each * len(row) if kernel.key in sources else 0)
        by_name = {layer.name: layer for layer in self.layers}
        rows = [
            self._alternatives(by_name[kernel.layer], kernel, settings, limit, sources[kernel.key])
            if kernel.key in sources
            else row
            for kernel, row in zip(self.kernels, self.alternatives, strict=True)
        ]
        found = replace(self, alternatives=tuple(rows))
        return found if self.searched else found.without_searches()

    def _alternatives(
        self, layer: Layer, kernel: Kernel, settings: Settings, limit: int | None, source: Source
    ) -> tuple[Alternative, ...]:
        """Alternatives of a kernel for other scores, remembered where networks are small enough."""
        if self.effort.limit is not None:
            return tuple(kernel_alternatives(layer, kernel, settings, limit, source))
        choice = settings.for_layer(layer.name, layer.kind)
        key = kernel.key, choice.packing, choice.reuse_factor, choice.slot_width, limit, source.digest
        found = self.effort.remembered(key, lambda: kernel_alternatives(layer, kernel, settings, limit, source))
        return tuple(one.anew() for one in found)

    def without_searches(self) -> 'Design':
        """Design without the packings that take a search, where a kernel has others."""
        rows = [tuple(choice for choice in row if choice.option.exact) or row for row in self.alternatives]
        return replace(self, alternatives=tuple(rows), searched=False)

    def fixed_with(self, bound: Collection[str]) -> NDArray[np.float64]:
        """Resources of everything but `kernels` where the products of the `bound` layers are in LUTs, shape (5,)."""
        return self.fixed + total_change(self.bindings, bound)

    def with_kernels(self, kernels: Sequence[Kernel], bound: Collection[str] = ()) -> tuple[Layer, ...]:
        """Layers with other kernels in place of `self.kernels`, and the products of the `bound` layers in LUTs."""
        layers = replace_kernels(self.layers, {kernel.key: kernel for kernel in kernels})
        return mark_multiplexers(with_bound(layers, bound))


def read_design(
    layers: Sequence[Layer], settings: Settings, wiring: Wiring | None = None, *, searched: bool = True
) -> Design:
    """Collect the alternatives of all kernels of a design.

    Parameters
    ----------
    layers : sequence of Layer
        The whole design, unpruned.
    settings : Settings
    wiring : Wiring, optional
        Wiring of the network; with it no plan parts the outputs from the inputs.
    searched : bool
        Whether layouts of slots are searched for, so that slots share multiplexers; others cost more LUTs.

    Raises
    ------
    ConfigError
        If the settings name layers that the design does not have, or choices that a kernel cannot have.
    """
    check_names(layers, settings)
    for name in (*settings.exclude, *settings.layers):
        layer = next(layer for layer in layers if layer.name == name)
        if not layer.kernels and not is_bindable(layer):
            _LOG.warning('HWPrune names the layer %s, which has nothing to prune', name)
    layers = mark_multiplexers(layers)
    prunable = prunable_kernels(layers, settings)
    for layer, kernel in prunable:
        if left_out := factors_left_out(layer, kernel, settings):
            numbers = ', '.join(map(str, left_out))
            _LOG.warning('%s: of %d weights, so reuse factors %s are left out', layer.name, kernel.codes.size, numbers)
    estimate = estimate_layers(layers, settings.stage)
    dense = [kernel_resources(kernel, settings.stage).as_array() for _, kernel in prunable]
    limit = _clock_limit(settings, layers[0].target.clock_ns if layers else 1.0)
    whole = None if wiring is None else liveness(wiring, {kernel.key: kernel.codes != 0 for _, kernel in prunable})
    sources = {kernel.key: _source(layer, kernel, settings, whole, searched) for layer, kernel in prunable}
    return Design(
        layers=layers,
        kernels=tuple(kernel for _, kernel in prunable),
        alternatives=tuple(
            tuple(kernel_alternatives(layer, kernel, settings, limit, sources[kernel.key])) for layer, kernel in prunable
        ),
        estimate=estimate,
        fixed=estimate.total.as_array() - np.sum(dense, axis=0, initial=0.0),
        not_pruned=_not_pruned(layers, settings),
        bindings=bindings_of(layers, settings),
        wiring=wiring,
        severed=() if whole is None else whole.severed,
    )


def _source(layer: Layer, kernel: Kernel, settings: Settings, whole: Liveness | None, searched: bool) -> Source:
    """Score the weights of a kernel: dead ones of the `whole` network are worth nothing."""
    measure = resolve(settings.for_layer(layer.name, layer.kind).importance, kernel)
    source = Source.of(kernel, measure, settings.stage, searched=searched)
    if whole is None or source.scores[~whole.alive[kernel.key]].max(initial=0.0) <= 0:
        return source
    # A trace is left: sums of constants go into biases, so that such weights stay where there is room.
    scores = np.where(whole.alive[kernel.key], source.scores, _TRACE * source.scores)
    return replace(source, scores=scores, scale=importance_scale(scores, source.importance))


def _clock_limit(settings: Settings, clock_ns: float) -> int | None:
    return None if settings.latency is None else settings.latency.cycles(clock_ns)


def planned_kernels(layers: Sequence[Layer], settings: Settings) -> list[KernelKey]:
    """Return the kernels that a plan covers."""
    return [kernel.key for _, kernel in prunable_kernels(layers, settings)]


def prunable_kernels(layers: Sequence[Layer], settings: Settings) -> list[tuple[Layer, Kernel]]:
    """Kernels that are neither skipped nor excluded, with their layers, in graph order."""
    return [(layer, kernel) for layer in layers if _is_prunable(layer, settings) for kernel in layer.kernels]


def _is_prunable(layer: Layer, settings: Settings) -> bool:
    return not layer.skipped and not settings.for_layer(layer.name, layer.kind).exclude


def check_names(layers: Sequence[Layer], settings: Settings) -> None:
    """Refuse settings with layers that the design does not have, or with reuse factors that cannot be chosen.

    Raises
    ------
    ConfigError
        The message names the key, the layers of the design, and the nearest.
    """
    names = [layer.name for layer in layers]
    for where, asked in (('Exclude', settings.exclude), ('LayerName', settings.layers)):
        for name in asked:
            if name not in names:
                known = f'the layers are {", ".join(names)}{hint(name, names)}'
                raise ConfigError(f'HWPrune.{where}: there is no layer {shown(name)}; {known}')
    for name in (*settings.exclude, *settings.layers):
        layer = next(layer for layer in layers if layer.name == name)
        own = settings.layers.get(name)
        untouched = layer.skipped or settings.for_layer(name, layer.kind).exclude or not layer.kernels
        if own is not None and own.reuse_factor not in (None, AS_CONFIGURED) and untouched:
            raise ConfigError(
                f'LayerName.{name}.HWPrune.ReuseFactor: {shown(own.reuse_factor)} for a layer that is not pruned; give '
                f'it as LayerName.{name}.ReuseFactor'
            )


def _not_pruned(layers: Sequence[Layer], settings: Settings) -> dict[str, str]:
    reasons = {layer.name: layer.skipped for layer in layers if layer.skipped}
    for layer in layers:
        if layer.kernels and not layer.skipped and settings.for_layer(layer.name, layer.kind).exclude:
            reasons[layer.name] = 'it is excluded'
    return reasons
