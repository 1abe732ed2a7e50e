"""Check of an argument that has to be a model of hls4ml."""

from typing import Any

from hls4ml_hwprune.config import check_backend, check_project
from hls4ml_hwprune.errors import ConfigError


def check_model(value: Any, where: str, *, or_split: bool = False) -> None:
    """Refuse anything but a converted model of a back end that works, whose project has no malformed key.

    Parameters
    ----------
    value : Any
    where : str
        Function and argument, for messages.
    or_split : bool
        Whether a `MultiModelGraph`, which hls4ml splits a model into, will do too.

    Raises
    ------
    ConfigError
        If it is no `ModelGraph`, or a key of its project is not allowed.
    BackendError
        If its back end has no sparse firmware.
    """
    # Not before hls4ml is loaded whole: its graph imports the back ends, which load this package.
    from hls4ml.model.graph import ModelGraph, MultiModelGraph

    if not isinstance(value, (ModelGraph, MultiModelGraph) if or_split else ModelGraph):
        kind = f'{type(value).__module__.partition(".")[0]}.{type(value).__name__}'.removeprefix('builtins.')
        raise ConfigError(
            f'{where}: expected a model that hls4ml converted (a ModelGraph), got a {kind}; convert it first, '
            'for example by hls4ml.converters.convert_from_keras_model'
        )
    check_backend(value.config.backend.name)
    check_project(value.config.config)
