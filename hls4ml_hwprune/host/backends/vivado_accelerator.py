"""The back end VivadoAccelerator: Vivado HLS, with the part of a board and an AXI interface around the network."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from hls4ml_hwprune.host.backends.base import Backend
from hls4ml_hwprune.tools import VIVADO_HLS

# hls4ml's default.
_BOARD = 'pynq-z2'


def _board_part(config: Mapping[str, Any]) -> str:
    """Part of the board, which hls4ml's writer will use in place of the key `Part`."""
    board = (config.get('AcceleratorConfig') or {}).get('Board', _BOARD)
    return str(_boards().get(board, {}).get('part', board))


@cache
def _boards() -> dict[str, Any]:
    table = files('hls4ml.backends.vivado_accelerator') / 'supported_boards.json'
    boards: dict[str, Any] = json.loads(table.read_text('utf-8'))
    return boards


BACKEND = Backend('VivadoAccelerator', VIVADO_HLS, _board_part, 'AcceleratorConfig.Board', wraps_axi=True, turns_merged=True)
