"""Options of pruning with training, declared like those of the `HWPrune` block."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

from hls4ml_hwprune.config.option import option, options_of
from hls4ml_hwprune.config.signature import parameters_text
from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

#: Approaches to the budget.
SCHEDULES = ('geometric', 'polynomial', 'constant', 'binary')
# Whole numbers up to it are exact in floating point.
_MOST = 2**53


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max


def _declared(default: Any, holds: Callable[[Any], bool], allowed: str, help: str, words: tuple[str, ...] = ()) -> Any:
    """Return the field of an option that has to satisfy `holds`."""

    def read(value: Any, where: str) -> Any:
        if holds(value):
            return value
        raise ConfigError(f'{where}: expected {allowed}, got {shown(value)}{hint(value, words) if words else ""}')

    return option(default, help, read=read, allowed=allowed, words=words)


def _whole(default: int, least: int, help: str) -> Any:
    return _declared(default, lambda value: _is_whole(value, least), f'a whole number from {least}', help)


@dataclass(frozen=True)
class TrainingOptions:
    """Options of `prune`, each with a default that serves most networks."""

    steps: int = _whole(
        6, 1, 'Plans on the way to the budget, the last included and `settling_steps` not; the most that `binary` tries.'
    )
    epochs: int = _whole(5, 1, 'Passes over the training data after each plan.')
    last_epochs: int = _whole(20, 1, 'Passes over the training data after the last plan.')
    regrowth_epochs: int = _whole(0, 0, 'Passes without masks before the next plan, in which pruned groups may grow again.')
    settling_steps: int = _whole(
        3,
        0,
        'Plans for the whole budget before the last one, each after pruned groups could grow again for `regrowth_epochs` or '
        'one pass; the last goes on from the best of them, and `binary` has none.',
    )
    schedule: Literal['geometric', 'polynomial', 'constant', 'binary'] = _declared(
        'geometric',
        lambda value: isinstance(value, str) and value in SCHEDULES,
        f'one of {", ".join(SCHEDULES)}',
        'Steps of the use of kernels down to the budget: equal shares (geometric), fast and then slow (polynomial, cubic; '
        'Zhu and Gupta, 2017), equal amounts (constant), or a search for the smallest budget at which the metric holds '
        '(binary).',
        SCHEDULES,
    )
    tolerance: float = _declared(
        0.02,
        _is_number,
        'a number from 0',
        'Loss of the validation metric that is allowed: of the accuracy, of the share of the variance that is explained '
        'where outputs are values, or of a `metric` that is given.',
    )
    group_lasso: float | Literal['auto'] = _declared(
        0.0,
        lambda value: _is_number(value) or (isinstance(value, str) and value == 'auto'),
        "a number from 0, or 'auto'",
        'Strength of the group lasso over the weights that share a multiplier slot; auto searches for one.',
    )
    batch_size: int = _whole(64, 1, 'Batch size of data that are given as arrays.')
    samples: int = _whole(4_000, 1, 'Training samples that importance is measured on.')
    decay: bool = _declared(
        True,
        lambda value: isinstance(value, bool),
        'True or False',
        'Whether the learning rate falls to zero along half a cosine in each round of training, unless there are callbacks '
        'or the optimizer has a schedule of its own.',
    )
    seed: int = _whole(0, 0, 'Seed of everything random.')

    def __post_init__(self) -> None:
        """Refuse values that an option does not take.

        Raises
        ------
        ConfigError
            Naming the option, its value and the allowed ones.
        """
        for one in OPTIONS:
            one.parse(getattr(self, one.keyword), f'TrainingOptions.{one.keyword}')

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


#: The options as records.
OPTIONS = options_of(TrainingOptions)
TrainingOptions.__doc__ = f'{TrainingOptions.__doc__}\n\n    Attributes\n    ----------\n{parameters_text(OPTIONS)}'
