"""Where on the way to the budget the next plan is made: 0 is the network as it is, 1 the budget."""

from dataclasses import dataclass, replace
from math import log

# Between plans that hold and plans that do not, a binary search ends here.
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


def next_position(schedule: str, steps: int, least: float, progress: Progress) -> float | None:
    """Position of the next plan; None when there is none.

    Parameters
    ----------
    schedule : str
        One of `options.SCHEDULES`.
    steps : int
    least : float
        Share of what kernels take as they are that the budget leaves them, of the resource that is the shortest.
    progress : Progress

    Returns
    -------
    float, optional
        From one position to another kernels lose the same share: `least ** position` is left of them.
    """
    if progress.holds >= 1 or progress.tried >= steps:
        return None
    if schedule == 'binary':
        return _bisected(steps, progress)
    if progress.fails <= 1:
        return None
    share = (progress.tried + 1) / steps
    if schedule == 'geometric':
        return share
    left = 1 - (1 - least) * share if schedule == 'constant' else least + (1 - least) * (1 - share) ** 3
    return 1.0 if share == 1 or least >= 1 else min(1.0, log(left) / log(least))


def _bisected(steps: int, progress: Progress) -> float | None:
    if progress.fails > 1:
        # The budget itself, once half way and three quarters hold, or with the last try.
        near = progress.tried + 1 == steps or progress.holds >= 0.75
        return 1.0 if near else (progress.holds + 1) / 2
    if progress.fails - progress.holds < _FINEST:
        return None
    return (progress.holds + progress.fails) / 2
