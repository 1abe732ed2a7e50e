"""Outputs of all layers, of compiled firmware and of its Keras network."""

from collections.abc import Collection
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from sys import stderr
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.cli.conversion import convert
from hls4ml_hwprune.cli.project import Project
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.session.samples import load_samples

# Samples that are traced, at most.
_MOST = 1000


def traces(project: Project, network: Any, samples: str, folder: Path) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
    """Compile the firmware with traces, and run it and the network on samples.

    Raises
    ------
    ConfigError
        If the network is not one of Keras, or the samples cannot be used.
    """
    if project.frontend != 'keras':
        raise ConfigError(f'--samples: the layers of Keras networks alone can be compared, not those of {project.model}')
    keys = dict(project.keys)
    keys['HLSConfig'] = {**project.hls_config, 'Model': {**(project.hls_config.get('Model') or {}), 'TraceOutput': True}}
    model = convert(replace(project, keys=keys), network, folder)
    for node in model.get_layers():
        node.set_attr('trace', not family_of(node).is_input)
    x = [np.ascontiguousarray(array[:_MOST]) for array in load_samples(model, samples, '--samples', 'auto').x]
    inputs: Any = x[0] if len(x) == 1 else x
    with redirect_stdout(stderr):
        model.compile()
        _, firmware = model.trace(inputs)
    return firmware, _outputs(network, inputs, firmware)


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
