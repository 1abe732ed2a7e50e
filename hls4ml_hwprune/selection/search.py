"""Binary search for the cheapest plan whose loss on calibration data is within MaxLoss."""

import logging
from collections.abc import Callable
from dataclasses import replace

from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.progress import progress

_LOG = logging.getLogger(__name__)
# Bisection steps of the position: to a thousandth.
_STEPS = 10
_MAGNITUDES = 6


def in_proportion(position: float) -> float:
    """Share of the importance at a position: 0 is none, 1 is all."""
    return position


def in_magnitudes(position: float) -> float:
    """Share where importance is a loss, so that the small missing part counts: a thousandth at 0.5, a millionth at 1."""
    return 1 - 10.0 ** (-_MAGNITUDES * position)


def least_within_loss(
    most: Plan,
    plan_of: Callable[[float], Plan],
    loss_of: Callable[[Plan], float],
    max_loss: float,
    share_at: Callable[[float], float] = in_proportion,
) -> tuple[Plan, float]:
    """Bisect the share of the importance to keep.

    Parameters
    ----------
    most : Plan
        Plan of the most importance within the budget.
    plan_of : callable
        Maps a share of the importance to the cheapest plan that keeps it.
    loss_of : callable
        Maps a plan to its loss on the calibration data.
    max_loss : float
    share_at : callable
        Maps a position to a share of the importance of `most`: `in_proportion` or `in_magnitudes`.

    Returns
    -------
    Plan
        Plan of the least share whose loss is within `max_loss`, among those tried.
    float
        Position of its share.

    Raises
    ------
    InfeasibleError
        If the loss of `most` is already above `max_loss`.
    """
    loss = loss_of(most)
    if loss > max_loss:
        raise InfeasibleError(
            f'the budget leaves a loss of {loss:.3g} on the calibration data, over the {max_loss:g} that MaxLoss allows: '
            'give it more room'
        )
    best = replace(most, loss=loss)
    low, high = 0.0, 1.0
    for _ in progress(range(_STEPS), 'loss on calibration data'):
        position = (low + high) / 2
        share = share_at(position) * most.percent_kept / 100
        plan = plan_of(share)
        loss = loss_of(plan)
        _LOG.debug('%.1f %% of the importance: loss %.4g', 100 * share, loss)
        if loss <= max_loss:
            best, high = replace(plan, loss=loss), position
        else:
            low = position
    return best, high


def deeper_within_loss(
    best: Plan,
    position: float,
    plan_of: Callable[[float], Plan | None],
    loss_of: Callable[[Plan], float],
    max_loss: float,
    tries: int,
) -> Plan:
    """Continue the bisection with more effort, below the final position of a search in less effort.

    Parameters
    ----------
    best : Plan
        Plan of the search so far, with its loss.
    position : float
        Position of `best`.
    plan_of : callable
        Maps a position to a plan made in more effort; None where there is none.
    loss_of : callable
        Maps a plan to its loss.
    max_loss : float
    tries : int
        Number of plans to try at lower positions.

    Returns
    -------
    Plan
        A plan at a lower position, or at the same one if its loss is below that of `best`, else `best`.
    """
    low, high, found = 0.0, position, best
    for _ in progress(range(tries), 'loss on calibration data, in full effort'):
        middle = (low + high) / 2
        plan = plan_of(middle)
        loss = float('inf') if plan is None else loss_of(plan)
        _LOG.debug('position %.3f in full effort: loss %.4g', middle, loss)
        if plan is not None and loss <= max_loss:
            found, high = replace(plan, loss=loss), middle
        else:
            low = middle
    if found is not best or (last := plan_of(position)) is None:
        return found
    loss = loss_of(last)
    assert best.loss is not None
    return replace(last, loss=loss) if loss <= best.loss else best
