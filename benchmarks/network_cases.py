"""Trained networks of many kinds, at hand to be pruned: conversion, inputs, targets and answers in floating point."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

#: An array for each input or output of a network.
Several = tuple[NDArray[Any], ...]
Convert = Callable[[dict[str, Any], Path], 'ModelGraph']


@dataclass(frozen=True)
class Trained:
    """A trained network with its data.

    Attributes
    ----------
    convert : callable
        Converts with hls4ml, from an entry `HLSConfig` and an output folder.
    config : mapping
        That entry, without pruning.
    calibration, x : tuple of ndarray
        Inputs to calibrate with, and others to test on; an array for each input of the network.
    targets : tuple of ndarray or None
        For each output the class of each test input, shape (n,), or its values, shape (n, n_outputs); None without either.
    scores : tuple of ndarray
        Answers of the network in floating point on the test inputs.
    task : str
        Kind of the answers, as the option `Task` has it: a network whose softmax is left out is a classifier by name alone.
    """

    convert: Convert = field(repr=False)
    config: Mapping[str, Any]
    calibration: Several = field(repr=False)
    x: Several = field(repr=False)
    targets: tuple[NDArray[Any] | None, ...] = field(repr=False)
    scores: Several = field(repr=False)
    task: str = 'auto'


#: From the folder with the shared data, and one for a network's own files.
Build = Callable[[Path, Path], Trained]


@dataclass(frozen=True)
class NetworkCase:
    """A kind of network.

    Attributes
    ----------
    name : str
    needs : tuple of str
        Modules of its framework, which is not in every environment.
    build : callable
        Trains or reads the network.
    may_lose : float
        Points that the calibrated firmware may lose against the plain one.
    """

    name: str
    needs: tuple[str, ...]
    build: Build = field(repr=False)
    may_lose: float = 2.0

    @property
    def missing(self) -> tuple[str, ...]:
        """Modules that are not installed."""
        return tuple(name for name in self.needs if find_spec(name) is None)


def config_of(precision: str | dict[str, str], reuse_factor: int, strategy: str = 'Resource') -> dict[str, Any]:
    """Return an entry `HLSConfig` with one precision, reuse factor and strategy for all layers."""
    return {'Model': {'Precision': precision, 'ReuseFactor': reuse_factor, 'Strategy': strategy}}


def qualities(answers: Sequence[NDArray[Any]], trained: Trained) -> list[float]:
    """Quality of the answers of each output, 1 at best.

    Parameters
    ----------
    answers : sequence of ndarray
        An array for each output of the network.
    trained : Trained

    Returns
    -------
    list of float
        Accuracy for classes; explained share of the variance for values; agreement with the network in floating point
        without targets.
    """
    rows = [np.asarray(one, float).reshape(len(one), -1) for one in answers]
    known = [np.asarray(one, float).reshape(len(one), -1) for one in trained.scores]
    return [_quality(*three) for three in zip(rows, trained.targets, known, strict=True)]


def _quality(rows: NDArray[Any], target: NDArray[Any] | None, known: NDArray[Any]) -> float:
    if target is not None and target.ndim > 1:
        return float(1 - np.mean((rows - target) ** 2) / np.mean((target - target.mean(axis=0)) ** 2))
    return float(np.mean(rows.argmax(axis=1) == (known.argmax(axis=1) if target is None else target)))
