"""Schedule of the budget path: position of the next plan, from 0, the network as it is, to 1, the budget."""

from dataclasses import dataclass, replace
from math import log

#: Position of plans for the whole budget before the last.
SETTLING = 1 - 1 / 1024
# Distance between a plan that holds and one that does not at which a binary search ends.
_FINEST = 1 / 16


@dataclass(frozen=True)
class Progress:
    """Plans that were tried so far.

    Attributes
    ----------
    tried : int
    holds, fails : float
        The furthest position at which the metric held, and the nearest at which it did not; the latter is above 1 as long as
        there is none.
    """

    tried: int = 0
    holds: float = 0.0
    fails: float = 2.0

    def after(self, position: float, held: bool) -> 'Progress':
        """Return the progress after a plan at a position."""
        if held:
            return replace(self, tried=self.tried + 1, holds=position)
        return replace(self, tried=self.tried + 1, fails=position)


def next_position(schedule: str, steps: int, settling: int, least: float, progress: Progress) -> float | None:
    """Position of the next plan; None when there is none.

    Parameters
    ----------
    schedule : str
        One of `options.SCHEDULES`.
    steps : int
    settling : int
        Steps at `SETTLING` before the last; a binary search has none.
    least : float
        Share of the unpruned kernels' use that the budget leaves, of the resource that is the shortest.
    progress : Progress

    Returns
    -------
    float, optional
        Equal steps in position lose equal shares: `least ** position` is left of the kernels.
    """
    if progress.holds >= 1:
        return None
    if schedule == 'binary':
        return _bisected(steps, progress)
    # After one that held, a step of settling may fail.
    if progress.fails <= 1 and not progress.holds == progress.fails == SETTLING:
        return None
    if progress.tried + 1 >= steps:
        return 1.0 if progress.tried + 1 >= steps + settling else SETTLING
    share = (progress.tried + 1) / steps
    if schedule == 'geometric':
        return share
    left = 1 - (1 - least) * share if schedule == 'constant' else least + (1 - least) * (1 - share) ** 3
    return share if least >= 1 else min(SETTLING, log(left) / log(least))


def _bisected(steps: int, progress: Progress) -> float | None:
    if progress.tried >= steps:
        return None
    if progress.fails > 1:
        # The budget itself, once half way and three quarters hold, or with the last try.
        near = progress.tried + 1 == steps or progress.holds >= 0.75
        return 1.0 if near else (progress.holds + 1) / 2
    if progress.fails - progress.holds < _FINEST:
        return None
    return (progress.holds + progress.fails) / 2
