"""One adapter for each training framework; none is imported before a model of it is given."""

import sys
from typing import Any

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training.adapters.base import Adapter, Hold, Training


def open_adapter(model: Any) -> Adapter:
    """Return the adapter of the framework that a model belongs to.

    Raises
    ------
    ConfigError
        If it is of none that is known.
    """
    roots = {cls.__module__.partition('.')[0] for cls in type(model).__mro__ if cls.__name__ in ('Model', 'Module')}
    # Keras first: its models are modules of torch too, on that engine.
    for root in ('keras', 'tf_keras'):
        if root in roots:
            keras = sys.modules[root]
            if int(keras.__version__.partition('.')[0]) < 3:
                from hls4ml_hwprune.training.adapters.keras2 import Keras2Adapter

                return Keras2Adapter(model, keras)
            from hls4ml_hwprune.training.adapters.keras3 import Keras3Adapter

            return Keras3Adapter(model, keras)
    if 'torch' in roots:
        from hls4ml_hwprune.training.adapters.torch import TorchAdapter

        return TorchAdapter(model)
    raise ConfigError(f'model: expected a Keras model or a torch.nn.Module, got a {type(model).__name__}')


__all__ = ['Adapter', 'Hold', 'Training', 'open_adapter']
