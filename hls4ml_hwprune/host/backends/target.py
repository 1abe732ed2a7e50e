"""What a project is built for and with."""

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.records import Target

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_DEFAULT_CLOCK_NS = 5.0
# hls4ml's defaults.
_UNCERTAINTY = {'Vivado HLS': '12.5%', 'Vitis HLS': '27%'}
_DEFAULT_BOARD = 'pynq-z2'


def read_target(model: 'ModelGraph') -> Target:
    """Part, clock and tool of a model's project."""
    clock_ns = float(model.config.get_config_value('ClockPeriod') or _DEFAULT_CLOCK_NS)
    tool = 'Vitis HLS' if model.config.backend.name == 'Vitis' else 'Vivado HLS'
    uncertainty = str(model.config.get_config_value('ClockUncertainty') or _UNCERTAINTY[tool])
    return Target(project_part(model), clock_ns, tool, _share(uncertainty, clock_ns))


def _share(uncertainty: str, clock_ns: float) -> float:
    """Share of the clock period: hls4ml takes percentages and nanoseconds."""
    number = float(uncertainty.rstrip('%ns '))
    return number / 100 if uncertainty.endswith('%') else number / clock_ns


def project_part(model: 'ModelGraph') -> str:
    """Return the part; for VivadoAccelerator that of the board, which is what its writer will use."""
    if model.config.backend.name != 'VivadoAccelerator':
        return str(model.config.get_config_value('Part') or '')
    board = (model.config.get_config_value('AcceleratorConfig') or {}).get('Board', _DEFAULT_BOARD)
    return str(_accelerator_boards().get(board, {}).get('part', board))


def part_key(model: 'ModelGraph') -> str:
    """Return the key of the configuration that names the part."""
    return 'AcceleratorConfig.Board' if model.config.backend.name == 'VivadoAccelerator' else 'Part'


@cache
def _accelerator_boards() -> dict[str, Any]:
    table = files('hls4ml.backends.vivado_accelerator') / 'supported_boards.json'
    boards: dict[str, Any] = json.loads(table.read_text('utf-8'))
    return boards
