"""The errors that the package raises; all derive from `HWPruneError`."""


class HWPruneError(Exception):
    """Base of every error raised on purpose by hls4ml_hwprune."""


class ConfigError(HWPruneError, ValueError):
    """A `HWPrune` block, a flow or an argument is not allowed."""


class BackendError(ConfigError):
    """Pruning was asked for with a backend that has no sparse firmware."""


class DeviceError(ConfigError):
    """The FPGA part is not in the device table."""


class InfeasibleError(HWPruneError):
    """No selection of groups meets the budget, not even the empty one."""


class PlanError(HWPruneError, LookupError):
    """A model carries no plan, or was changed in a way that its plan forbids."""


class TrainingError(HWPruneError):
    """Pruning with training found no plan that is good enough, or cannot go on from its folder."""
