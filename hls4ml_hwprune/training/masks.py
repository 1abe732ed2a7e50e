"""Masks of a converted model, in the layout of the framework that it came from."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.node.attributes import planned_weights
from hls4ml_hwprune.host.session.plan_store import get_plan
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.training.adapters import open_adapter
from hls4ml_hwprune.training.correspondence import find_channels, has_shape
from hls4ml_hwprune.training.holds import framework_masks

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_MODELS = ('KerasModel', 'PytorchModel')


def masks(hls_model: 'ModelGraph', model: Any = None) -> dict[str, NDArray[np.bool_]]:
    """Return the masks of the kept weights.

    Parameters
    ----------
    hls_model : ModelGraph
        Converted with an hwprune flow.
    model : keras.Model or torch.nn.Module, optional
        Model with the layers of the one that was converted, which is the default where hls4ml was given a model and not a
        file.

    Returns
    -------
    dict of str to ndarray of bool
        By hls4ml's name of the layer, in the shape of the framework's weights: True where the firmware has a multiplier.

    Raises
    ------
    ConfigError
        If there is no model, or it has not the layers of the plan.
    PlanError
        If the model was converted without an hwprune flow.
    """
    plan = get_plan(hls_model)
    adapter = open_adapter(_source(hls_model) if model is None else model)
    weights = adapter.weights()
    channels = {}
    for kernel in plan.kernels:
        own = weights.get(str(kernel.key))
        if own is None or not has_shape(adapter, own, kernel.mask.shape):
            found = 'no such layer' if own is None else f'weights of shape {own.shape}'
            raise ConfigError(
                f'model: the plan has the layer {str(kernel.key)!r} of {kernel.n_in} inputs and {kernel.n_out} outputs, '
                f'the model has {found}'
            )
        values = planned_weights(hls_model.graph[kernel.layer], kernel.n_in, kernel.n_out, kernel.role)
        channels[str(kernel.key)], *_ = find_channels(adapter, own, values)
    return framework_masks(adapter, plan, channels)


def apply_masks(model: Any, masks: Mapping[str, NDArray[np.bool_]]) -> None:
    """Set weights to zero and let them stay so in training: by constraints in Keras, by `torch.nn.utils.prune` in PyTorch.

    Parameters
    ----------
    model : keras.Model or torch.nn.Module
    masks : mapping of str to ndarray of bool
        As `masks` returns them.

    Raises
    ------
    ConfigError
        If a mask is not of the shape of the weights, or for a layer that the model does not have; nothing is changed then.
    """
    adapter = open_adapter(model)
    weights = adapter.weights()
    for name, mask in masks.items():
        shape = weights[name].shape if name in weights else None
        if shape != np.shape(mask):
            allowed = f'the shape {shape}' if shape else f'one of the layers {", ".join(weights)}'
            raise ConfigError(f'masks: expected {allowed}, got {shown(name)} of shape {np.shape(mask)}')
    adapter.keep_masks({name: np.asarray(mask, bool) for name, mask in masks.items()})


def _source(hls_model: 'ModelGraph') -> Any:
    found = [hls_model.config.config.get(key) for key in _MODELS]
    model = next((model for model in found if model is not None and not isinstance(model, str)), None)
    if model is None:
        raise ConfigError('model: needed, as hls4ml was given a file and not a model')
    return model
