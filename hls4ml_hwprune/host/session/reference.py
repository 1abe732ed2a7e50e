"""Reference of a model: the network before pruning, kept for comparison with the firmware."""

from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from hls4ml_hwprune.host.simulation.project import copy_model

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_HELD: 'WeakKeyDictionary[ModelGraph, ModelGraph]' = WeakKeyDictionary()


def hold_reference(model: 'ModelGraph') -> None:
    """Keep a copy of a model that is about to be pruned."""
    # Nothing is written there: a simulation takes a folder of its own.
    _HELD[model] = copy_model(model, Path('unused'))


def reference_of(model: 'ModelGraph') -> 'ModelGraph | None':
    """Return the model as it was before pruning; None if it was not pruned here, but loaded for example."""
    return _HELD.get(model)
