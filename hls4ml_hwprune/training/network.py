"""Network in hls4ml's IR: converted anew before each plan, and measured in floating point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401
import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.effort import Effort, multiplications
from hls4ml_hwprune.calibration.emulated import open_emulated
from hls4ml_hwprune.calibration.network import Network, node_positions
from hls4ml_hwprune.calibration.recovery import planned
from hls4ml_hwprune.calibration.statistics import kernel_statistics
from hls4ml_hwprune.config import BLOCK, Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.evaluation import are_classes
from hls4ml_hwprune.host.dead_structure.dataflow import read_wiring
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.session.device import target_device
from hls4ml_hwprune.kernel_map import kernels_by_key, replace_kernels
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.reconstruction import Affine
from hls4ml_hwprune.records import KernelKey, KernelStatistics, Layer
from hls4ml_hwprune.samples import load_calibration
from hls4ml_hwprune.selection.design import Design, prunable_kernels, read_design
from hls4ml_hwprune.training.adapters import Adapter
from hls4ml_hwprune.training.conversion import Conversion
from hls4ml_hwprune.training.correspondence import Match, match_kernels
from hls4ml_hwprune.training.samples import Inputs
from hls4ml_hwprune.wiring import Wiring


@dataclass(frozen=True)
class Reading:
    """A network at one moment of its training.

    Attributes
    ----------
    layers : tuple of Layer
        The whole design, unpruned, with statistics of its kernels where the network can be emulated.
    device : Device
    matches : dict of KernelKey to Match
        Matches of the kernels that can be pruned.
    wiring : Wiring, optional
    network : Network, optional
        Network in floating point; None where it cannot be emulated.
    dead : dict of KernelKey to ndarray of bool, shape (n_out,)
        Outputs of kernels that are taken for removed.
    """

    layers: tuple[Layer, ...] = field(repr=False)
    device: Device
    matches: dict[KernelKey, Match] = field(repr=False)
    wiring: Wiring | None = field(default=None, repr=False)
    network: Network | None = field(default=None, repr=False)
    dead: dict[KernelKey, NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    def without_dead(self, plan: Plan) -> 'Reading | None':
        """Return the network without the outputs that nothing uses once a plan is carried out; None if there are no more.

        Weights that lead to them are worth nothing then, nor weights that read them.
        """
        if self.network is None:
            return None
        network = self.network
        pruned, _ = planned(plan, network.start)
        used = kernel_statistics(network, pruned, network.emulated, network.fitted)
        dead = {name: self.dead.get(name, False) | (used[name].sensitivity == 0) for name in network.kernels}
        if all(np.array_equal(dead[name], self.dead.get(name, np.zeros_like(dead[name]))) for name in dead):
            return None
        left = {name: _without(affine, dead[name]) for name, affine in network.start.items()}
        found = kernel_statistics(network, left, network.emulated, network.fitted)
        alive = {
            name: replace(statistics, sensitivity=np.where(dead[name], 0.0, statistics.sensitivity))
            for name, statistics in found.items()
        }
        return replace(self, layers=_with_statistics(self.layers, alive), dead=dead)

    def design(self, settings: Settings) -> Design:
        """Return the design with all choices of a plan."""
        return read_design(self.layers, settings, self.wiring)


def read_network(adapter: Adapter, conversion: Conversion, x: Inputs) -> Reading:
    """Convert a model and measure the statistics of its kernels.

    Parameters
    ----------
    adapter : Adapter
    conversion : Conversion
    x : tuple of ndarray
        Samples, which the calibration data of the configuration take the place of.

    Raises
    ------
    ConfigError
        If weights of the converted network are not found in the model.
    """
    model = conversion.read(adapter)
    settings = conversion.settings
    layers = read_layers(model)
    kernels = [kernel for _, kernel in prunable_kernels(layers, settings)]
    matches = match_kernels(adapter, kernels)
    if settings.calibration is not None:
        x = load_calibration(settings.calibration, f'Model.{BLOCK}.Calibration', has_labels=are_classes).x
    shapes = [tuple(variable.shape) for variable in model.get_input_variables()]
    reading = Reading(layers, target_device(model, settings), matches, read_wiring(model, list(matches)))
    sizes = [(node_positions(model, kernel), kernel.n_in, kernel.n_out) for kernel in kernels]
    count = Effort.of(multiplications(sizes), len(x[0])).n_samples
    network = open_emulated(model, kernels, [array[:count] for array in adapter.to_network(x, shapes)], settings.task)
    if network is None:
        return reading
    found = kernel_statistics(network, network.start, network.emulated, network.fitted)
    return replace(reading, layers=_with_statistics(layers, found), network=network)


def _with_statistics(layers: Sequence[Layer], found: Mapping[KernelKey, KernelStatistics]) -> tuple[Layer, ...]:
    kernels = kernels_by_key(layers)
    return replace_kernels(layers, {key: replace(kernels[key], statistics=own) for key, own in found.items()})


def _without(affine: Affine, outputs: NDArray[np.bool_]) -> Affine:
    return Affine(np.where(outputs[:, None], 0.0, affine.weights), np.where(outputs, 0.0, affine.bias))
