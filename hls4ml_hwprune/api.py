"""Functions for users: enable, estimate, evaluate."""

import logging
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401
import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import (
    BLOCK,
    OPTIONS,
    TASKS,
    Options,
    check_backend,
    check_placement,
    check_project,
    entries_of,
    key_of,
    parse_settings,
    respelled_block,
    with_keywords,
)
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.evaluation import Evaluation, compare_answers
from hls4ml_hwprune.host.backends.figures import check_figures, default_budget
from hls4ml_hwprune.host.backends.registry import REGISTERED
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.graph.answers import find_measures
from hls4ml_hwprune.host.session.model import check_model
from hls4ml_hwprune.host.session.plan_store import get_plan, has_plan
from hls4ml_hwprune.host.session.reference import reference_of
from hls4ml_hwprune.host.session.samples import load_samples
from hls4ml_hwprune.host.simulation.compiled import Simulation
from hls4ml_hwprune.host.simulation.spread import firmware_of, run_spread
from hls4ml_hwprune.jobs import check_jobs, is_spread
from hls4ml_hwprune.passes.names import PRUNE_FLOW, flow_of
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.resources import Estimate, check_stage, estimate_listed
from hls4ml_hwprune.samples import Calibration

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


_LOG = logging.getLogger(__name__)


@with_keywords(OPTIONS)
def enable(config: MutableMapping[str, Any], *, backend: str, **options: Unpack[Options]) -> None:
    """Turn pruning on in an hls4ml configuration, in place.

    Parameters
    ----------
    config : dict
        Argument `hls_config` of hls4ml's converters, or entry `HLSConfig` of a YAML file; stays plain data.
    backend : str
        'Vivado', 'Vitis', 'VivadoAccelerator' or 'Quartus'; 'VitisUnified' and 'VitisUnifiedPartial' where hls4ml has them.
    **options
        The keys of the `HWPrune` block in snake_case, as `config.Options` declares them; without any the budget is the
        whole part.

    Raises
    ------
    ConfigError
        If any key or value is not allowed; `config` is unchanged then.
    """
    name = check_backend(backend)
    if not isinstance(config, MutableMapping):
        raise ConfigError(f'config: expected a dict, got {shown(config)}')
    check_placement(config)
    block, notes = respelled_block(hwprune_block(options))
    if not block:
        block['Budget'] = default_budget(REGISTERED[name])
    check_project({'HLSConfig': config})
    settings = parse_settings({**config, 'Model': {**(config.get('Model') or {}), BLOCK: block}})
    check_figures(REGISTERED[name], settings)
    for note in notes:
        _LOG.warning('%s', note)
    config['Flows'] = [flow_of(name), *_other_flows(config)]
    if not isinstance(config.get('Model'), Mapping):
        config['Model'] = {}
    config['Model'][BLOCK] = block


def hwprune_block(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `HWPrune` block that options in snake_case stand for, as plain data, the budget behind the others."""
    block = {key_of(name): _plain(value) for name, value in options.items() if name != 'budget'}
    return block if options.get('budget') is None else {**block, 'Budget': _plain(options['budget'])}


def estimate(hls_model: 'ModelGraph', stage: str | None = None) -> Estimate:
    """Estimate resources and cycles of a design, pruned or not, without synthesis.

    Parameters
    ----------
    hls_model : ModelGraph
        Any hls4ml model for one of the back ends of `enable`.
    stage : {'csynth', 'vsynth'}, optional
        Source of the figures: the report of the HLS compiler, or the structure that logic synthesis builds, with the total
        of that report beside it (`listed`). Default: the stage of the plan of a pruned model, whose figures these then are;
        else 'csynth', which is held against a report before anything is synthesised.

    Returns
    -------
    Estimate

    Raises
    ------
    ConfigError
        If the model is none of hls4ml, or there is no such stage.
    """
    check_model(hls_model, 'estimate')
    if stage is None:
        stage = get_plan(hls_model).stage if has_plan(hls_model) else 'csynth'
    check_stage(stage)
    return estimate_listed(read_layers(hls_model), stage)


def evaluate(
    hls_model: 'ModelGraph',
    x: Any,
    y: Any = None,
    *,
    reference: 'ModelGraph | None' = None,
    task: str | None = None,
    jobs: int = 1,
) -> Evaluation:
    """Run the compiled firmware of a model, and compare its answers with those before pruning.

    Parameters
    ----------
    hls_model : ModelGraph
        Pruned or not. It is compiled if it was not yet, which writes its project.
    x : ndarray, sequence of ndarray, or str
        Samples, one array for each input of the network, or a .npy or .npz file of them; the latter may hold 'y' too.
    y : ndarray, optional
        Class of each sample, shape (n,), or a score for each class, shape (n, n_classes). Where the task is a regression the
        targets, shape (n, n_outputs).
    reference : ModelGraph, optional
        Converted, but not pruned. Default: the model as it was before pruning; a model that was loaded from a file has
        forgotten that.
    task : {'auto', 'classification', 'regression'}, optional
        Kind of the outputs. Default: as the model's configuration says; 'auto' goes by the labels and the last layer.
    jobs : int
        Parts of the samples that run at the same time, through joblib: within `joblib.parallel_config(...)` on the back end
        that it names, a cluster of Dask for example. -1 for all cores. The answers are those of one run.

    Returns
    -------
    Evaluation
        Agreement and loss are None for a model that was not pruned and has no reference.

    Raises
    ------
    ConfigError
        If the samples cannot be used.
    HWPruneError
        If the firmware cannot be compiled.
    """
    check_model(hls_model, 'evaluate')
    if reference is not None:
        check_model(reference, 'evaluate: reference')
    check_jobs(jobs)
    task = _task(hls_model) if task is None else task
    if not isinstance(task, str) or task not in TASKS:
        raise ConfigError(f'task: {shown(task)} is not one of {", ".join(TASKS)}')
    samples = load_samples(hls_model, x if y is None else {'x': x, 'y': y}, 'evaluate', task)
    measures = find_measures(hls_model, samples.task(task))
    before = reference_of(hls_model)
    if reference is not None:
        known = _answers(reference, samples, jobs)
    elif before is None:
        return compare_answers(_answers(hls_model, samples, jobs), None, samples.y, measures)
    else:
        with Simulation(before) as simulation:
            known = run_spread(simulation.firmware(), samples.x, jobs) if is_spread(jobs) else simulation.predict(samples.x)
    return compare_answers(_answers(hls_model, samples, jobs), known, samples.y, measures)


def _task(model: 'ModelGraph') -> Any:
    """Return the task that a model's configuration names, which may be none."""
    block = entries_of(model.config.config.get('HLSConfig', {}), 'Model').get(BLOCK)
    return respelled_block(block)[0].get('Task', 'auto') if isinstance(block, Mapping) else 'auto'


def _answers(model: 'ModelGraph', samples: Calibration, jobs: int) -> list[NDArray[np.float64]]:
    if model._top_function_lib is None:
        model.compile()
    if is_spread(jobs):
        return run_spread(firmware_of(model, Path(model._top_function_lib._name)), samples.x, jobs)
    x = [np.ascontiguousarray(array.reshape(len(array), -1)) for array in samples.x]
    found = model.predict(x[0] if len(x) == 1 else x)
    # hls4ml drops the list around a single output and the axis of a single sample.
    outputs = [found] if len(model.get_output_variables()) == 1 else found
    return [np.asarray(output).reshape(samples.n_samples, -1) for output in outputs]


def _other_flows(config: Mapping[str, Any]) -> list[str]:
    """Flows of the user besides `hwprune` and `ip`, which the hwprune flow replaces."""
    flows = config.get('Flows')
    flows = [] if flows is None else [flows] if isinstance(flows, str) else flows
    if not isinstance(flows, list | tuple) or not all(isinstance(flow, str) for flow in flows):
        raise ConfigError(f'Flows: expected a list of flow names, got {shown(flows)}')
    return [flow for flow in flows if not flow.endswith((f':{PRUNE_FLOW}', ':ip'))]


def _plain(value: Any) -> Any:
    """Plain YAML-able data: tuples and mappings of any kind become lists and dicts."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=shown)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value.item() if isinstance(value, np.generic) else value
