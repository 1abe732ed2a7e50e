"""The device of a project."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.devices import Device, lookup
from hls4ml_hwprune.errors import DeviceError
from hls4ml_hwprune.host.backends.target import part_key, project_part, read_target
from hls4ml_hwprune.quoting import shown

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Stands in for a part that is not in the table where no bound refers to the part.
_UNKNOWN = Device('unknown', 'unknown', 0, 0, 0, 0, 0, 'not needed: the budget is absolute')


def target_device(model: 'ModelGraph', settings: Settings) -> Device:
    """Device given by hand, else that of the project's part (or board).

    Raises
    ------
    DeviceError
        If the part is unknown and the budget refers to it.
    """
    if settings.device is not None:
        return settings.device
    try:
        return lookup(project_part(model))
    except DeviceError as error:
        relative = any(bound.unit == '%' for bound in settings.budget.values()) or len(settings.objective.weights) > 1
        if (settings.budget or settings.plan is not None) and not relative:
            return _UNKNOWN
        tool = read_target(model).facts
        if not tool.has_reports:
            raise DeviceError(
                f'{part_key(model)}: {shown(project_part(model))} is in no table, as no part of {tool.name} is; bound DSP '
                'by a count N or a multiple "Nx" of the unpruned design, or give Device'
            ) from None
        raise DeviceError(f'{part_key(model)}: {error}') from None
