"""All findings about a model."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.errors import DeviceError
from hls4ml_hwprune.explain.board import explain_board
from hls4ml_hwprune.explain.finding import Finding
from hls4ml_hwprune.explain.reuse import explain_reuse
from hls4ml_hwprune.explain.strategies import explain_strategies
from hls4ml_hwprune.explain.synthesis import explain_synthesis
from hls4ml_hwprune.explain.types import explain_types
from hls4ml_hwprune.explain.zeros import explain_zeros
from hls4ml_hwprune.host.backends.target import project_part
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.resources import estimate_layers, mark_multiplexers

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_STAGE = 'vsynth'


def explain(hls_model: 'ModelGraph') -> list[Finding]:
    """Explain the size, the speed and the types of a design.

    Parameters
    ----------
    hls_model : ModelGraph
        Any hls4ml model for Vivado, Vitis or VivadoAccelerator, pruned or not.

    Returns
    -------
    list of Finding
        In the order of `finding.TOPICS`.
    """
    layers = mark_multiplexers(read_layers(hls_model))
    config = hls_model.config.config['HLSConfig']
    found = [*explain_strategies(config), *explain_zeros(layers), *explain_reuse(layers, _STAGE), *explain_synthesis(layers)]
    try:
        found += explain_board(estimate_layers(layers, _STAGE), lookup(project_part(hls_model)))
    except DeviceError as error:
        found.append(Finding('board', '', str(error)))
    return [*found, *explain_types(hls_model)]
