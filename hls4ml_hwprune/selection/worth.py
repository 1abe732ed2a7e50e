"""Importance of kept weights: dead ones, on no way from the inputs of the network to an output, are worth nothing."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.curves import Source
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.wiring import liveness

Masks = Mapping[str, NDArray[np.bool_]]


def kept_importance(design: Design, masks: Masks) -> float:
    """Sum the importance of the weights that `masks` (by layer, shape (n_out, n_in)) keep."""
    sources = design.sources
    kept = {name: mask & (sources[name].kernel.codes != 0) for name, mask in masks.items()}
    if design.wiring is not None:
        kept = {name: kept[name] & alive for name, alive in liveness(design.wiring, kept).alive.items() if name in kept}
    return sum(float(sources[name].scale(sources[name].scores[mask].sum())) for name, mask in kept.items())


def point_importance(source: Source, value: float, mask: NDArray[np.bool_], alive: NDArray[np.bool_]) -> float:
    """Take the dead weights of a `mask` off the `value` of a point of a curve; all arrays have shape (n_out, n_in)."""
    whole = float(source.scale(source.scores[mask].sum()))
    left = float(source.scale(source.scores[mask & alive].sum()))
    return value * left / whole if whole else value
