"""Network in floating point alone: nothing is compiled, its own answers are the reference."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.emulation import Emulation
from hls4ml_hwprune.calibration.network import Network, own_affine
from hls4ml_hwprune.host.graph.answers import find_answers
from hls4ml_hwprune.records import Kernel

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def open_emulated(
    model: 'ModelGraph', kernels: Sequence[Kernel], x: Sequence[NDArray], task: str = 'auto'
) -> Network | None:
    """Return a network that can be run in floating point; None if it has layers that cannot be emulated.

    Parameters
    ----------
    model : ModelGraph
        After hls4ml's `optimize` flow.
    kernels : sequence of Kernel
    x : sequence of ndarray
        Samples, shape (n, *shape) for each input.
    task : str
        Kind of the answers, see `find_answers`.
    """
    shapes = [tuple(variable.shape) for variable in model.get_input_variables()]
    shaped = tuple(np.asarray(array, np.float64).reshape(-1, *shape) for array, shape in zip(x, shapes, strict=True))
    start = {k.key: own_affine(model, k) for k in kernels}
    answers = find_answers(model, task)
    numbers = np.arange(len(shaped[0]))
    network = Network(
        model=model,
        kernels={k.key: k for k in kernels},
        start=start,
        simulation=None,
        emulation=Emulation(model, tuple(start), tuple(answers), (), ()),
        complete=True,
        x=shaped,
        y=None,
        fitted=numbers,
        held_out=numbers[:0],
        made=numbers[:0],
    )
    if network.emulation.run([array[:1].astype(np.float32) for array in shaped]) is None:
        return None
    parts = [network.emulated(start, part) for part in network.chunks(numbers)]
    references = [np.concatenate([part[answer.node] for part in parts]) for answer in answers]
    return replace(network, emulation=Emulation.of(model, tuple(start), answers, references))
