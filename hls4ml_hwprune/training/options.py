"""What a user may choose of pruning with training."""

import sys
from dataclasses import dataclass, fields
from typing import Any, Literal

from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

#: How the budget is approached.
SCHEDULES = ('geometric', 'polynomial', 'constant', 'binary')
_POSITIVE = ('steps', 'epochs', 'last_epochs', 'batch_size', 'samples')
# Whole numbers up to it are exact in floating point.
_MOST = 2**53
_NOT_NEGATIVE = ('regrowth_epochs', 'settling_steps', 'seed')


@dataclass(frozen=True)
class TrainingOptions:
    """Options of `prune`, each with a default that serves most networks.

    Attributes
    ----------
    steps : int
        Plans on the way to the budget, the last of them included, `settling_steps` not; the most that `binary` tries.
    epochs, last_epochs : int
        Passes over the training data after each plan, and after the last.
    regrowth_epochs : int
        Passes without masks before the next plan, in which pruned groups may grow again.
    settling_steps : int
        Plans for the whole budget before the last one, each after pruned groups could grow again for `regrowth_epochs` or
        one pass; the last goes on from the best of them. A binary search has none.
    schedule : {'geometric', 'polynomial', 'constant', 'binary'}
        What kernels may take falls by the same share at each step, fast and then slowly (cubic; Zhu and Gupta, 2017), in
        equal amounts, or by a binary search for the smallest budget at which the metric holds.
    tolerance : float
        What the validation metric may lose.
    group_lasso : float or 'auto'
        Strength of the group lasso over the groups of weights that share a multiplier slot; 'auto' searches for one.
    batch_size : int
        Of data that are given as arrays.
    samples : int
        Training samples that importance is measured on.
    decay : bool
        Whether the learning rate falls to zero along half a cosine in each round of training. Not where callbacks are given,
        nor where the optimizer has a schedule of its own.
    seed : int
    """

    steps: int = 6
    epochs: int = 5
    last_epochs: int = 20
    regrowth_epochs: int = 0
    settling_steps: int = 3
    schedule: Literal['geometric', 'polynomial', 'constant', 'binary'] = 'geometric'
    tolerance: float = 0.02
    group_lasso: float | Literal['auto'] = 0.0
    batch_size: int = 64
    samples: int = 4_000
    decay: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        ConfigError
            Naming the option, its value and what is allowed.
        """
        for name in _POSITIVE:
            self._check(name, _is_whole(getattr(self, name), 1), 'a whole number from 1')
        for name in _NOT_NEGATIVE:
            self._check(name, _is_whole(getattr(self, name), 0), 'a whole number from 0')
        known = isinstance(self.schedule, str) and self.schedule in SCHEDULES
        self._check('schedule', known, f'one of {", ".join(SCHEDULES)}', hint(self.schedule, SCHEDULES))
        self._check('tolerance', _is_number(self.tolerance), 'a number from 0')
        searched = isinstance(self.group_lasso, str) and self.group_lasso == 'auto'
        self._check('group_lasso', searched or _is_number(self.group_lasso), "a number from 0, or 'auto'")
        self._check('decay', isinstance(self.decay, bool), 'True or False')

    def _check(self, name: str, holds: bool, allowed: str, near: str = '') -> None:
        if not holds:
            raise ConfigError(f'TrainingOptions.{name}: expected {allowed}, got {shown(getattr(self, name))}{near}')

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max
