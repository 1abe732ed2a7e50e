"""Function and result of pruning with training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.passes.names import PRUNE_FLOW
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.report.console import shown_messages
from hls4ml_hwprune.training.adapters import Training, open_adapter
from hls4ml_hwprune.training.adapters.base import Metric
from hls4ml_hwprune.training.conversion import Conversion
from hls4ml_hwprune.training.holds import framework_masks
from hls4ml_hwprune.training.loop import Loop
from hls4ml_hwprune.training.metrics import default_metric
from hls4ml_hwprune.training.options import TrainingOptions
from hls4ml_hwprune.training.samples import Arrays, Inputs, as_arrays, collect, split
from hls4ml_hwprune.training.state import Checkpoint, Step


@dataclass(frozen=True)
class TrainingResult:
    """A network that was pruned and trained.

    Attributes
    ----------
    model : keras.Model or torch.nn.Module
        The one that was given, with the weights of the furthest plan at which the metric held. Its masks stay in force if it
        is trained on.
    plan : Plan
    config : dict
        For hls4ml's converter: with it the model becomes firmware of this plan.
    masks : dict of str to ndarray of bool
        Weights that may be other than zero, by layer, in the framework's layout.
    baseline, metric : float
        Validation metric before and after.
    steps : tuple of Step
        Plans on the way.
    """

    model: Any = field(repr=False)
    plan: Plan
    config: dict[str, Any] = field(repr=False)
    masks: dict[str, NDArray[np.bool_]] = field(repr=False)
    baseline: float
    metric: float
    steps: tuple[Step, ...]


@shown_messages()
def prune(
    model: Any,
    data: Any,
    *,
    config: Mapping[str, Any],
    backend: str,
    validation: Any = None,
    loss: Any = None,
    optimizer: Any = None,
    metric: Metric | None = None,
    callbacks: Sequence[Any] = (),
    options: TrainingOptions | None = None,
    folder: str | Path = 'hwprune_training',
    **conversion: Any,
) -> TrainingResult:
    """Prune a network step by step to a budget, and train the kept weights after each step.

    Parameters
    ----------
    model : keras.Model or torch.nn.Module
        Trained, of one output. Keras 2, QKeras, Keras 3 or PyTorch; it is changed in place, and a Keras model is left
        compiled as it was, with this loss and a new optimizer of the same settings.
    data : tuple, tf.data.Dataset, torch DataLoader or iterable
        Training data: arrays (x, y), or batches of them; x is a list where the network has several inputs.
    config : mapping
        As hls4ml's converters take it, with a budget that `hls4ml_hwprune.enable` put there. Importance is measured on the
        training data.
    backend : str
    validation : as `data`, optional
        Default: a tenth of the training data, where these are arrays.
    loss, optimizer : optional
        As Keras takes them; default: those of the compiled model. PyTorch: a function of prediction and target, which is
        needed, and one that makes an optimizer of the parameters; default: Adam.
    metric : callable, optional
        Targets and predictions (arrays) to a number that is the higher, the better. Default: the accuracy, or for
        values the share of their variance that is explained; `Task` of the `HWPrune` block decides between them, else the
        targets do.
    callbacks : sequence, optional
        Callbacks of Keras, which see the validation data too; for PyTorch functions of the epoch and a dict with the loss.
        Rounds of training with callbacks are resumed from their start.
    options : TrainingOptions, optional
    folder : str or Path
        Folder of plans and checkpoints. A run that was interrupted goes on from there if it is called again.
    **conversion
        Further arguments of hls4ml's converter: io_type, part, clock_period, ...

    Returns
    -------
    TrainingResult

    Raises
    ------
    ConfigError
        If the configuration, the data or an option is not allowed.
    InfeasibleError
        If nothing is within the budget.
    TrainingError
        If the metric fell too low with every plan, or the folder is that of another run, or of other arrays.
    """
    options = TrainingOptions() if options is None else options
    if not isinstance(options, TrainingOptions):
        meant = '; did you mean TrainingOptions(**options)?' if isinstance(options, Mapping) else ''
        raise ConfigError(f'options: expected a TrainingOptions, got a {type(options).__name__}{meant}')
    if not isinstance(callbacks, list | tuple):
        raise ConfigError(f'callbacks: expected a list of callbacks, got a {type(callbacks).__name__}')
    if metric is not None and not callable(metric):
        raise ConfigError(f'metric: expected a function of targets and predictions, got {shown(metric)}')
    if not isinstance(folder, str | Path) or not str(folder):
        raise ConfigError(f'folder: expected the name of a folder, got {shown(folder)}')
    prepared = Conversion.of(config, backend, conversion)
    adapter = open_adapter(model)
    adapter.check(loss)
    fitted, held_out, samples = _prepared(data, validation, options)
    training = Training(fitted, loss, optimizer, tuple(callbacks), options.batch_size, options.decay, held_out)
    digests = {'data': _digest(data, fitted), 'validation': _digest(data if validation is None else validation, held_out)}
    checkpoint = Checkpoint(folder, {**options.as_dict(), **prepared.as_dict(), **digests})
    loop = Loop(
        adapter=adapter,
        conversion=prepared,
        training=training,
        options=options,
        checkpoint=checkpoint,
        samples=samples,
        validation=held_out,
        metric=metric or partial(default_metric, task=prepared.settings.task),
    )
    plan, state = loop.run()
    masks = {n: mask & ~loop.zeros[n] for n, mask in framework_masks(adapter, plan, loop.channels).items()}
    adapter.keep_masks(masks)
    block = prepared.plan_block(checkpoint.final_plan)
    return TrainingResult(
        model, plan, prepared.hls_config(PRUNE_FLOW, block), masks, state.baseline, state.metric, state.steps
    )


def _digest(given: Any, arrays: Any) -> str | None:
    """Digest of data given as arrays; None for data sets, which may come in another order each time."""
    return arrays.digest() if isinstance(given, tuple) else None


def _prepared(data: Any, validation: Any, options: TrainingOptions) -> tuple[Any, Arrays, Inputs]:
    """Return training data, validation data, and inputs to measure importance on."""
    arrays = as_arrays(data, 'data')
    held_out = None if validation is None else as_arrays(validation, 'validation') or collect(validation, 'validation')
    if arrays is None:
        if held_out is None:
            raise ConfigError('validation: needed where the training data are not arrays')
        return data, held_out, collect(data, 'data', options.samples).x
    if held_out is None:
        arrays, held_out = split(arrays, options.seed)
    order = np.random.default_rng(options.seed).permutation(len(arrays))[: options.samples]
    return arrays, held_out, arrays.take(order).x
