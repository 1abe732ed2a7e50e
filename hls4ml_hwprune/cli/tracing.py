"""Outputs of all layers, of compiled firmware and of its Keras network."""

from collections.abc import Collection, Mapping
from contextlib import redirect_stdout
from sys import stderr
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.cli.project import Project
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.session.samples import load_samples
from hls4ml_hwprune.host.simulation.project import trace_all
from hls4ml_hwprune.host.simulation.runs import trace_library

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Samples that are traced, at most.
_MOST = 1000


def traces(
    model: 'ModelGraph', project: Project, network: Any, samples: str
) -> tuple[Mapping[str, NDArray], Mapping[str, NDArray]]:
    """Compile the firmware of a model with traces, and run it and the network on samples.

    Raises
    ------
    ConfigError
        If the network is not one of Keras, or the samples cannot be used.
    """
    if project.frontend != 'keras':
        raise ConfigError(f'--samples: the layers of Keras networks alone can be compared, not those of {project.model}')
    x = [np.ascontiguousarray(array[:_MOST], np.float64) for array in load_samples(model, samples, '--samples', 'auto').x]
    with redirect_stdout(stderr):
        trace_all(model)
        model.compile()
    firmware = trace_library(model, [model._top_function_lib], x)
    return firmware, _outputs(network, x[0] if len(x) == 1 else x, firmware)


def _outputs(network: Any, inputs: Any, names: Collection[str]) -> dict[str, NDArray]:
    """Return the outputs of the layers of a Keras network; activations of other layers are nodes of their own in hls4ml."""
    import keras

    layers = [layer for layer in network.layers if layer.name in names or _activation_node(layer) in names]
    found = keras.Model(network.inputs, [layer.output for layer in layers]).predict(inputs, verbose=0)
    by_layer = zip(layers, found if len(layers) > 1 else [found], strict=True)
    return {_activation_node(layer) if _activation_node(layer) in names else layer.name: array for layer, array in by_layer}


def _activation_node(layer: Any) -> str:
    name = getattr(getattr(layer, 'activation', None), '__name__', 'linear')
    return layer.name if name == 'linear' else f'{layer.name}_{name}'
