"""Network on its calibration data: as firmware, and in floating point where all its layers allow it."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.augmentation import make_inputs
from hls4ml_hwprune.calibration.emulation import Emulation
from hls4ml_hwprune.host.graph.answers import find_answers, last_nodes
from hls4ml_hwprune.host.node.grids import value_range
from hls4ml_hwprune.host.node.weights import bias_role, bias_vector
from hls4ml_hwprune.host.simulation.compiled import Arrays, Simulation
from hls4ml_hwprune.reconstruction import Affine
from hls4ml_hwprune.records import Kernel, KernelKey

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

    from hls4ml_hwprune.samples import Calibration

# Samples that weights are not fitted to, one in so many.
_HELD_OUT = 5
# Numbers that a chunk of samples may make, all layers together: a hundred megabytes or so.
_CHUNK = 2**24
# Chunks whose outputs are cached, of the network as it is: both its answers and its statistics need them.
_MOST_KNOWN = 4
# Divergence, in nats, of floating point from the firmware up to which the one is good for the other.
_MOST_UNFAITHFUL = 0.2
_LOG = logging.getLogger(__name__)
_SEED = 0
Affines = Mapping[KernelKey, Affine]
Values = Mapping[str, NDArray]
#: Parameters and numbers of samples to the outputs of all nodes.
ValuesOf = Callable[[Affines, NDArray[np.int64]], Values]


@dataclass(frozen=True)
class Network:
    """A network and its calibration samples.

    Attributes
    ----------
    model : ModelGraph
    kernels : dict of KernelKey to Kernel
        Kernels that can be pruned, in graph order.
    start : dict of KernelKey to Affine
        Weights, as the firmware holds them, and biases of these kernels.
    simulation : Simulation, optional
        None where nothing but floating point is asked for.
    emulation : Emulation
    complete : bool
        Whether all layers can be emulated.
    x : tuple of ndarray
        Samples, shape (n, *shape) for each input.
    y : ndarray, optional
        Their classes, or their targets.
    fitted, held_out, made : ndarray of int
        Numbers of the samples that weights are fitted to, of the others, and of inputs that were made of the first.
    outputs : tuple of ndarray, optional
        Outputs of the network before pruning for all samples that were not made, where they were traced.
    """

    model: 'ModelGraph' = field(repr=False)
    kernels: dict[KernelKey, Kernel]
    start: dict[KernelKey, Affine] = field(repr=False)
    simulation: Simulation | None = field(repr=False)
    emulation: Emulation = field(repr=False)
    complete: bool
    x: tuple[NDArray[np.float64], ...] = field(repr=False)
    y: NDArray | None = field(repr=False)
    fitted: NDArray[np.int64] = field(repr=False)
    held_out: NDArray[np.int64] = field(repr=False)
    made: NDArray[np.int64] = field(repr=False)
    outputs: tuple[NDArray[np.float64], ...] | None = field(default=None, repr=False)
    _known: dict[bytes, Values] = field(default_factory=dict, repr=False)

    @property
    def firmware(self) -> Simulation:
        """The compiled firmware."""
        assert self.simulation is not None
        return self.simulation

    @property
    def all_samples(self) -> NDArray[np.int64]:
        """Numbers of all samples that were not made."""
        return np.sort(np.concatenate([self.fitted, self.held_out]))

    def chunks(self, samples: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Split samples, so that the outputs of all layers for a part fit into memory."""
        sizes = [node.get_output_variable().size() for node in self.model.get_layers()]
        windows = [node_positions(self.model, kernel) * kernel.n_in for kernel in self.kernels.values()]
        each = max(1, _CHUNK // int(sum(sizes) + max(windows, default=0)))
        yield from (samples[first : first + each] for first in range(0, len(samples), each))

    def traced(self, parameters: Affines, samples: NDArray[np.int64]) -> Values:
        """Run the firmware with other weights and biases, and return the outputs of all nodes that hls4ml can trace."""
        own = not parameters or parameters is self.start
        if own and samples.tobytes() in self._known:
            return self._known[samples.tobytes()]
        values = self.firmware.trace([array[samples] for array in self.x], *self._written({} if own else parameters))
        if own and len(self._known) < _MOST_KNOWN:
            self._known[samples.tobytes()] = values
        return values

    def emulated(self, parameters: Affines, samples: NDArray[np.int64], known: Values | None = None) -> Values:
        """Return the outputs of all nodes in floating point, some of them `known`; the network must be `complete`."""
        x = [array[samples].astype(np.float32) for array in self.x]
        values = self.emulation.run(x, parameters, known)
        assert values is not None
        return values

    def has_free_bias(self, key: KernelKey) -> bool:
        """Whether the biases of a kernel can be others."""
        return value_range(self.model.graph[key.layer], bias_role(key.role)) is not None

    def firmware_loss(self, parameters: Affines, samples: NDArray[np.int64]) -> float:
        """Divergence of the firmware's answers from those before pruning."""
        parts = [self.emulation.loss(self.traced(parameters, part), part) * len(part) for part in self.chunks(samples)]
        return sum(parts) / len(samples)

    def firmware_outputs(self, parameters: Affines) -> list[NDArray[np.float64]]:
        """Run the firmware on all samples that were not made; shape (n, n_outputs) for each output of the network."""
        if not parameters and self.outputs is not None:
            return list(self.outputs)
        x = [array[: len(self.all_samples)] for array in self.x]
        return self.firmware.predict(x, *self._written(parameters))

    def _written(self, parameters: Affines) -> tuple[Arrays, Arrays]:
        """Weights and biases by kernel; those of kernels without biases are left out."""
        weights = {name: affine.weights for name, affine in parameters.items()}
        return weights, {name: affine.bias for name, affine in parameters.items() if self.has_free_bias(name)}

    def emulated_loss(self, parameters: Affines, samples: NDArray[np.int64]) -> float:
        """Divergence of the answers in floating point from those of the firmware before pruning."""
        parts = [self.emulation.loss(self.emulated(parameters, part), part) * len(part) for part in self.chunks(samples)]
        return sum(parts) / len(samples)


def own_affine(model: 'ModelGraph', kernel: Kernel) -> Affine:
    """Weights, as the firmware holds them, and biases of a kernel of a model."""
    return Affine(kernel.codes * kernel.unit, bias_vector(model.graph[kernel.layer], kernel.role))


def node_positions(model: 'ModelGraph', kernel: Kernel) -> int:
    """Positions at which a kernel is applied."""
    return int(model.graph[kernel.layer].get_output_variable().size()) // kernel.n_out


def open_network(
    model: 'ModelGraph',
    kernels: Sequence[Kernel],
    simulation: Simulation,
    calibration: 'Calibration',
    n_samples: int,
    n_made: int,
    task: str = 'auto',
) -> Network:
    """Run the firmware of the unchanged model, whose answers are the reference.

    Parameters
    ----------
    model : ModelGraph
    kernels : sequence of Kernel
        Kernels that can be pruned.
    simulation : Simulation
        Simulation of the model, traced.
    calibration : Calibration
    n_samples : int
        Samples that are used at most.
    n_made : int
        Inputs to be made of samples besides.
    task : str
        Kind of the answers, see `find_answers`.
    """
    order = np.random.default_rng(_SEED).permutation(calibration.n_samples)[:n_samples]
    shapes = [tuple(variable.shape) for variable in model.get_input_variables()]
    x = tuple(array.reshape(-1, *shape)[order] for array, shape in zip(calibration.x, shapes, strict=True))
    start = {k.key: own_affine(model, k) for k in kernels}
    answers = find_answers(model, task)
    fitted, held_out = _split(len(order))
    if n_made:
        x = tuple(np.concatenate(pair) for pair in zip(x, make_inputs(x, fitted, n_made), strict=True))
    network = Network(
        model=model,
        kernels={k.key: k for k in kernels},
        start=start,
        simulation=simulation,
        emulation=Emulation(model, tuple(start), tuple(answers), (), ()),
        complete=False,
        x=x,
        y=None if calibration.y is None else calibration.y[order],
        fitted=fitted,
        held_out=held_out,
        made=np.arange(len(order), len(x[0])),
    )
    parts = [network.traced({}, part) for part in network.chunks(np.arange(len(x[0])))]
    references = [np.concatenate([part[answer.node] for part in parts]) for answer in answers]
    emulation = Emulation.of(model, tuple(start), answers, references)
    network = replace(network, emulation=emulation, outputs=_outputs(model, parts, len(order)))
    return replace(network, complete=_is_faithful(network))


def _outputs(model: 'ModelGraph', parts: Sequence[Values], count: int) -> tuple[NDArray[np.float64], ...] | None:
    """Take the outputs of the network from the traced outputs of its nodes, for the first samples; None if one is absent."""
    names = [node.name for node in last_nodes(model)]
    if not all(name in part for name in names for part in parts):
        return None
    whole = (np.concatenate([part[name] for part in parts])[:count] for name in names)
    return tuple(values.reshape(count, -1) for values in whole)


def _split(n_samples: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split samples into fitted and held-out ones; a single one is both."""
    numbers = np.arange(n_samples)
    held_out = numbers[_HELD_OUT - 1 :: _HELD_OUT] if n_samples >= _HELD_OUT else numbers[-1:]
    return (np.setdiff1d(numbers, held_out) if n_samples > 1 else numbers), held_out


def _is_faithful(network: Network) -> bool:
    """Whether the answers of the network in floating point are close to those of the firmware."""
    if network.emulation.run([array[:1].astype(np.float32) for array in network.x]) is None:
        _LOG.info('not all layers can be emulated: weights are matched layer by layer')
        return False
    loss = network.emulated_loss(network.start, network.held_out)
    if loss > _MOST_UNFAITHFUL:
        _LOG.info(
            'in floating point the answers differ by %.3g nats from the firmware: weights are matched layer by layer', loss
        )
    return loss <= _MOST_UNFAITHFUL
