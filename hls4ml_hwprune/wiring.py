"""Wiring: the graph of channels of a network, and liveness analysis of the weights on it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import KernelKey

Masks = Mapping[KernelKey, NDArray[np.bool_]]


@dataclass(frozen=True)
class Link:
    """Dependence of the channels of a tensor on those of another.

    Attributes
    ----------
    source, output : str
        Tensors.
    pairs : ndarray of int, shape (n, 2), optional
        Channels of the source, and the channels of the output that depend on them; None if each depends on all.
    """

    source: str
    output: str
    pairs: NDArray[np.int64] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class KernelLink:
    """Dependence through the weights of a kernel: an output depends on the inputs that its weights read.

    Attributes
    ----------
    kernel : KernelKey
    source, output : str
        Tensors that its layer reads and makes; channel j of the output is row j of the kernel.
    channel : ndarray of int, shape (n_in,), optional
        Channel of the source that each input of the kernel belongs to; None if it can be any.
    live : ndarray of bool, shape (n_out, n_in)
        Weights that are not zero; all, where a plan says which are kept.
    """

    kernel: KernelKey
    source: str
    output: str
    channel: NDArray[np.int64] | None = field(repr=False)
    live: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True)
class Wiring:
    """Channels of all tensors of a network, and the links between them.

    Attributes
    ----------
    sizes : dict of str to int
        Number of channels of each tensor, in graph order.
    links : tuple of Link or KernelLink
        In graph order.
    inputs, outputs : tuple of str
        Tensors that the network reads and gives.
    """

    sizes: dict[str, int]
    links: tuple[Link | KernelLink, ...] = field(repr=False)
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def kernels(self) -> dict[KernelKey, KernelLink]:
        """Links through kernels, by the keys of these."""
        return {link.kernel: link for link in self.links if isinstance(link, KernelLink)}

    @cached_property
    def known_cuts(self) -> dict[tuple[frozenset[KernelKey], frozenset[str]], frozenset[KernelKey]]:
        """Cache of `cut`, by its arguments: the rounds of a plan ask for the same ones."""
        return {}


@dataclass(frozen=True)
class Liveness:
    """Channels that depend on the inputs of a network, and channels that its outputs depend on.

    Attributes
    ----------
    varies, used : dict of str to ndarray of bool, shape (n_channels,)
        By tensor.
    alive : dict of KernelKey to ndarray of bool, shape (n_out, n_in)
        Weights on a way from an input of the network to an output.
    severed : tuple of str
        Outputs of the network that no way from an input leads to: constants.
    """

    varies: dict[str, NDArray[np.bool_]] = field(repr=False)
    used: dict[str, NDArray[np.bool_]] = field(repr=False)
    alive: dict[KernelKey, NDArray[np.bool_]] = field(repr=False)
    severed: tuple[str, ...]


def liveness(wiring: Wiring, masks: Masks) -> Liveness:
    """Follow the weights that `masks` (by kernel, (n_out, n_in)) keep; kernels without a mask keep all of theirs."""
    kept = {name: link.live & masks.get(name, True) for name, link in wiring.kernels.items()}
    varies = {name: np.full(size, name in wiring.inputs) for name, size in wiring.sizes.items()}
    for link in wiring.links:
        varies[link.output] |= _forward(link, varies[link.source], kept, varies[link.output].size)
    used = {name: np.full(size, name in wiring.outputs) for name, size in wiring.sizes.items()}
    for link in reversed(wiring.links):
        used[link.source] |= _backward(link, used[link.output], kept, used[link.source].size)
    alive = {
        name: kept[name] & used[link.output][:, None] & _read(link, varies[link.source])
        for name, link in wiring.kernels.items()
    }
    severed = tuple(name for name in wiring.outputs if not varies[name].any())
    return Liveness(varies, used, alive, severed)


def cut(wiring: Wiring, empty: Collection[KernelKey], severed: Collection[str] = ()) -> frozenset[KernelKey]:
    """Find a smallest set of `empty` kernels, each keeping no weight, that alone parts an output from the inputs.

    Outputs that are `severed` whatever is kept do not count. An empty set means that all outputs are reached.
    """
    asked = frozenset(empty), frozenset(severed)
    if asked not in wiring.known_cuts:
        wiring.known_cuts[asked] = _cut(wiring, *asked)
    return wiring.known_cuts[asked]


def _cut(wiring: Wiring, empty: frozenset[KernelKey], severed: frozenset[str]) -> frozenset[KernelKey]:
    def parted(names: Collection[KernelKey]) -> set[str]:
        kernels = wiring.kernels
        nothing = {name: np.zeros_like(kernels[name].live) for name in names if name in kernels}
        return set(liveness(wiring, nothing).severed) - severed

    left = sorted(empty)
    if not parted(left):
        return frozenset()
    for name in list(left):
        fewer = [other for other in left if other != name]
        if parted(fewer):
            left = fewer
    return frozenset(left)


def _read(link: KernelLink, channels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark of each input of a kernel, shape (n_in,), from those of the channels that it reads."""
    if link.channel is None:
        return np.full(link.live.shape[1], bool(channels.any()))
    return channels[link.channel]


def _forward(link: Link | KernelLink, source: NDArray[np.bool_], kept: Masks, size: int) -> NDArray[np.bool_]:
    if isinstance(link, KernelLink):
        found: NDArray[np.bool_] = (kept[link.kernel] & _read(link, source)).any(axis=1)
        return found
    if link.pairs is None:
        return np.full(size, bool(source.any()))
    marks = np.zeros(size, bool)
    marks[link.pairs[source[link.pairs[:, 0]], 1]] = True
    return marks


def _backward(link: Link | KernelLink, output: NDArray[np.bool_], kept: Masks, size: int) -> NDArray[np.bool_]:
    marks = np.zeros(size, bool)
    if isinstance(link, KernelLink):
        read = kept[link.kernel][output].any(axis=0)
        if link.channel is None:
            return np.full(size, bool(read.any()))
        marks[link.channel[read]] = True
    elif link.pairs is None:
        marks[:] = output.any()
    else:
        marks[link.pairs[output[link.pairs[:, 1]], 0]] = True
    return marks
