"""Firmware of a network, plain and pruned, and the plain project with the plan's weights, bit for bit."""

import contextlib
import copy
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.network_cases import NetworkCase, Several, Trained, qualities

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

    from hls4ml_hwprune.plan import Plan

#: Share of the resource that a design may take.
SHARE = 0.5
# Unrolled layers take long to compile, all others to simulate.
_OPTIMIZATION, _UNROLLED_OPTIMIZATION = '-O1', '-O0'
_DISTRIBUTED = 'distributed_arithmetic'


@dataclass(frozen=True)
class Row:
    """A network that was pruned.

    Attributes
    ----------
    name : str
    n_pruned, n_kernels : int
        Kernels that lost slots, and all that may.
    resource : str
        Name of the budget: 'DSP', or 'LUT' where the design has no DSPs.
    before, after : float
        Its estimated use.
    n_differing, n_samples : int
        Test inputs whose answers are not those of the plain project with the plan's weights, and all.
    in_floating_point, plain, pruned : list of float
        Quality of each output, of the network and of both firmwares.
    agreement : list of float
        Share of equal classes of the pruned and the plain firmware, for each output; None for values.
    not_pruned : tuple of str
        Layers with weights that no kernel of the plan is of.
    seconds : float
        Of everything but training.
    """

    name: str
    n_pruned: int
    n_kernels: int
    resource: str
    before: float
    after: float
    n_differing: int
    n_samples: int
    in_floating_point: list[float]
    plain: list[float]
    pruned: list[float]
    agreement: list[float | None]
    not_pruned: tuple[str, ...]
    seconds: float


def measure(case: NetworkCase, trained: Trained, folder: Path) -> Row:
    """Prune a network to half of its DSPs, or LUTs where it has none, and run the firmwares.

    Parameters
    ----------
    case : NetworkCase
    trained : Trained
    folder : Path
        Empty; for projects and samples.

    Returns
    -------
    Row

    Raises
    ------
    HWPruneError
        If there is no such plan.
    """
    import hls4ml_hwprune

    started = perf_counter()
    plain = converted(trained, dict(trained.config), folder / 'plain')
    resource = 'DSP' if hls4ml_hwprune.estimate(plain, 'vsynth').total.dsp else 'LUT'
    sparse = converted(trained, pruning_config(trained, resource), folder / 'pruned')
    plan = hls4ml_hwprune.get_plan(sparse)
    models = (plain, sparse, twin(trained, plan, folder / 'twin'))
    optimization = _OPTIMIZATION if trained.config['Model']['Strategy'] == 'Resource' else _UNROLLED_OPTIMIZATION
    before, ours, theirs = (outputs(model, trained.x, optimization) for model in models)
    attribute = resource.lower()
    return Row(
        case.name,
        sum(kernel.pruned for kernel in plan.kernels),
        len(plan.kernels),
        resource,
        getattr(plan.before, attribute),
        getattr(plan.after, attribute),
        count_differing(ours, theirs),
        len(trained.x[0]),
        qualities(trained.scores, trained),
        qualities(before, trained),
        qualities(ours, trained),
        [agreement(*three) for three in zip(ours, before, trained.targets, strict=True)],
        tuple(plan.not_pruned),
        perf_counter() - started,
    )


def converted(trained: Trained, config: dict[str, Any], folder: Path) -> 'ModelGraph':
    """Convert without hls4ml's prints."""
    with _silence():
        # hls4ml changes what it is given.
        return trained.convert(copy.deepcopy(config), folder)


def pruning_config(trained: Trained, resource: str) -> dict[str, Any]:
    """Return the configuration with a budget and calibration inputs."""
    import hls4ml_hwprune

    config = copy.deepcopy(dict(trained.config))
    budget, calibration = {resource: f'{SHARE}x'}, list(trained.calibration)
    hls4ml_hwprune.enable(config, backend='Vitis', budget=budget, calibration=calibration, task=trained.task)
    return config


def twin(trained: Trained, plan: 'Plan', folder: Path) -> 'ModelGraph':
    """Plain project with the weights and biases of a plan.

    hls4ml makes shifts and adders of the weights in the middle of a conversion: in their place the twin has products with
    constants, which have the same sums.
    """
    from hls4ml_hwprune.host.node.weights import set_bias, set_weights, weight_matrix

    config = copy.deepcopy(dict(trained.config))
    if config['Model']['Strategy'] == _DISTRIBUTED:
        config['Model']['Strategy'] = 'Latency'
    model = converted(trained, config, folder)
    for kernel in plan.kernels:
        node = model.graph[kernel.layer]
        values = weight_matrix(node, kernel.n_in, kernel.n_out, kernel.role) if kernel.values is None else kernel.values
        set_weights(node, np.where(kernel.mask, values, 0), kernel.role)
        if kernel.bias is not None:
            set_bias(node, kernel.bias, kernel.role)
    return model


def outputs(model: 'ModelGraph', x: Several, optimization: str = _OPTIMIZATION) -> Several:
    """Compile and run; an array of shape (n, n_outputs) for each output."""
    with _silence():
        model.write()
        script = Path(model.config.get_output_dir()) / 'build_lib.sh'
        script.write_text(script.read_text().replace('-O3', optimization))
        model._compile()
        rows = [np.ascontiguousarray(one.reshape(len(one), -1), np.float32) for one in x]
        found = model.predict(rows[0] if len(rows) == 1 else rows)
    each: Sequence[NDArray[Any]] = found if isinstance(found, list) else [found]
    return tuple(np.asarray(one).reshape(len(x[0]), -1) for one in each)


def agreement(ours: NDArray[Any], theirs: NDArray[Any], target: NDArray[Any] | None) -> float | None:
    """Share of samples that both put into one class; None where the targets are values."""
    if target is not None and target.ndim > 1:
        return None
    return float(np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1)))


def count_differing(ours: Several, theirs: Several) -> int:
    """Count inputs with any answer that differs."""
    return int(np.any([(a != b).any(axis=1) for a, b in zip(ours, theirs, strict=True)], axis=0).sum())


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()):
        yield
