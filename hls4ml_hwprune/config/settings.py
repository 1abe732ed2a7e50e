"""Settings of a user, as frozen records."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from hls4ml_hwprune.config.budget import Bound
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.errors import BackendError
from hls4ml_hwprune.quoting import shown

#: Back ends that have sparse firmware, as hls4ml spells them.
BACKENDS = ('Vivado', 'Vitis', 'VivadoAccelerator', 'Quartus')
#: Back ends of later versions of hls4ml, which have it where hls4ml has them.
LATER_BACKENDS = ('VitisUnified', 'VitisUnifiedPartial')
#: Back ends of hls4ml that have none, and the reason.
_WITHOUT = {
    'Catapult': 'there are no sparse kernels for its channels and pragmas',
    'oneAPI': 'its firmware is of SYCL, which the compiler icpx of Intel alone takes',
    'Libero': 'its firmware is made by tools of Microchip, without which hls4ml does not compile it',
    'SymbolicExpression': 'its firmware is of expressions, without weights',
}
#: Reuse factors: as hls4ml has them, or chosen with the rest.
AS_CONFIGURED, AUTO = 'config', 'auto'
#: Methods of the knapsack.
METHODS = ('exact', 'fast')
Method = Literal['exact', 'fast']
#: Targets of new weights: 'layers' the outputs of each layer; 'auto' the network's answers too, where it can be emulated.
RECONSTRUCTIONS = ('auto', 'layers', 'none')
#: Meaning of a network's outputs: scores of classes, or values; 'auto' goes by labels and the last layer.
TASKS = ('auto', 'classification', 'regression')


@dataclass(frozen=True)
class Period:
    """A time: `amount` of `unit`, 'cycles' or 'ns'."""

    amount: float
    unit: str = 'cycles'

    def cycles(self, clock_ns: float) -> int:
        """Whole clock cycles of `clock_ns` nanoseconds that fit in."""
        # Slack of rounding, so that 15 ns are 3 cycles of 5 ns.
        return int(self.amount if self.unit == 'cycles' else self.amount / clock_ns + 1e-9)


@dataclass(frozen=True)
class Objective:
    """Objective of a plan.

    Attributes
    ----------
    weights : dict of str to float
        Minimised resources, with the weight of a whole part of each; empty to maximise the importance.
    min_importance : float
        Least share of the importance to keep, where resources are minimised.
    max_loss : float, optional
        Largest loss on the calibration data, in place of `min_importance`.
    """

    weights: dict[str, float] = field(default_factory=dict)
    min_importance: float = 0.0
    max_loss: float | None = None


@dataclass(frozen=True)
class LayerSettings:
    """Choices for one layer; None leaves the choice to the model's settings."""

    packing: str | None = None
    importance: str | None = None
    reuse_factor: str | int | None = None
    slot_width: str | int | None = None
    exclude: bool | None = None


@dataclass(frozen=True)
class LayerChoice:
    """Choices for one layer, all settled.

    Attributes
    ----------
    packing, importance : str
    reuse_factor : int or str
        A number, `AS_CONFIGURED` or `AUTO`.
    slot_width : int or str
        Bits of the weights of paired slots, `AS_CONFIGURED` or `AUTO`.
    exclude : bool
        Whether the layer is left unpruned.
    """

    packing: str
    importance: str
    reuse_factor: str | int
    slot_width: str | int
    exclude: bool


@dataclass(frozen=True)
class Settings:
    """The `HWPrune` block.

    Attributes
    ----------
    budget : dict of str to Bound
        By resource name; empty for the whole part.
    packing, importance : str
    reuse_factor : str
        `AS_CONFIGURED` or `AUTO`.
    slot_width : int or str
        As for layers.
    latency : Period, optional
        Upper bound on the latency of the whole design.
    ii : int, optional
        Upper bound on its initiation interval, in cycles.
    objective : Objective
    calibration, validation : Any, optional
        As `calibration.load_calibration` takes it.
    reconstruction : str
        One of `RECONSTRUCTIONS`, with calibration data.
    task : str
        One of `TASKS`; it defines the loss.
    exclude : tuple of str
        Layers that are not pruned.
    device : Device, optional
        Given by hand; None to look up the part of the project.
    stage : str
        Stage of the estimates behind plan and budget: 'vsynth' or 'csynth'.
    method : str
        'exact' or 'fast'.
    time_limit : float, optional
        Seconds for the knapsack.
    plan : str or Plan, optional
        A plan, or the file of one, applied in place of a new one.
    layers : dict of str to LayerSettings
        Overrides by layer name.
    layer_types : dict of str to LayerSettings
        Overrides by layer class.
    notes : tuple of str
        Remarks for the log: names read in another spelling, bounds without effect.
    """

    budget: dict[str, Bound] = field(default_factory=dict)
    packing: str = 'auto'
    importance: str = 'auto'
    reuse_factor: str = AS_CONFIGURED
    slot_width: str | int = AS_CONFIGURED
    latency: Period | None = None
    ii: int | None = None
    objective: Objective = field(default_factory=Objective)
    calibration: Any = field(default=None, repr=False)
    validation: Any = field(default=None, repr=False)
    reconstruction: str = AUTO
    task: str = AUTO
    exclude: tuple[str, ...] = ()
    device: Device | None = None
    stage: str = 'vsynth'
    method: Method = 'exact'
    time_limit: float | None = None
    plan: Any = None
    layers: dict[str, LayerSettings] = field(default_factory=dict)
    layer_types: dict[str, LayerSettings] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def for_layer(self, name: str, kind: str) -> LayerChoice:
        """Resolve the choices for a layer: each from its name, else its class, else the model.

        Parameters
        ----------
        name, kind : str
            Name of the layer, and its class in hls4ml.
        """
        found: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(LayerChoice)}
        for scope in (self.layer_types.get(kind), self.layers.get(name)):
            said = {} if scope is None else {one.name: getattr(scope, one.name) for one in fields(LayerChoice)}
            found |= {choice: value for choice, value in said.items() if value is not None}
        # The model names layers; a layer named there stays out whatever its own block says.
        return LayerChoice(**{**found, 'exclude': name in self.exclude or found['exclude'] is True})


def check_backend(backend: str) -> str:
    """Return hls4ml's spelling of a supported back end.

    Raises
    ------
    BackendError
        The message names the supported back ends.
    """
    for known in (*BACKENDS, *LATER_BACKENDS):
        if isinstance(backend, str) and backend.lower() == known.lower():
            return known
    reason = f', because {why}' if (why := why_without(backend)) else ''
    known = ', '.join(BACKENDS)
    raise BackendError(f'backend {shown(backend)} has no sparse firmware{reason}; the backends that work are {known}')


def why_without(backend: str) -> str:
    """Reason for which a back end of hls4ml has no sparse firmware; '' for names that are none of it."""
    return next((why for name, why in _WITHOUT.items() if isinstance(backend, str) and backend.lower() == name.lower()), '')
