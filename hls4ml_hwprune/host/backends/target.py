"""Part, clock and tool of a model's project."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.records import Target
from hls4ml_hwprune.tools import tool_named

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_DEFAULT_CLOCK_NS = 5.0


def read_target(model: 'ModelGraph') -> Target:
    """Part, clock and tool of a model's project."""
    clock_ns = float(model.config.get_config_value('ClockPeriod') or _DEFAULT_CLOCK_NS)
    tool = tool_named(backend_of(model).tool)
    uncertainty = model.config.get_config_value('ClockUncertainty')
    share = tool.uncertainty if not uncertainty else _share(str(uncertainty), clock_ns)
    return Target(project_part(model), clock_ns, tool.name, share)


def _share(uncertainty: str, clock_ns: float) -> float:
    """Share of the clock period: hls4ml takes percentages and nanoseconds."""
    number = float(uncertainty.rstrip('%ns '))
    return number / 100 if uncertainty.endswith('%') else number / clock_ns


def project_part(model: 'ModelGraph') -> str:
    """Return the part of a project; of a board where the back end has boards."""
    return backend_of(model).part(model.config.config)


def part_key(model: 'ModelGraph') -> str:
    """Return the key of the configuration that names the part."""
    return backend_of(model).part_key
