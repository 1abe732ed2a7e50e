"""The least use that keeps a loss on calibration data within bounds, by search."""

import logging
from collections.abc import Callable
from dataclasses import replace

from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.progress import progress

_LOG = logging.getLogger(__name__)
# Halvings of the position: to a thousandth.
_STEPS = 10
_MAGNITUDES = 6


def in_proportion(position: float) -> float:
    """Share of the importance at a position between none, 0, and all of it, 1."""
    return position


def in_magnitudes(position: float) -> float:
    """Share where importance is a loss, of which what little is missing counts: at 0.5 a thousandth, at 1 a millionth."""
    return 1 - 10.0 ** (-_MAGNITUDES * position)


def least_within_loss(
    most: Plan,
    plan_of: Callable[[float], Plan],
    loss_of: Callable[[Plan], float],
    max_loss: float,
    share_at: Callable[[float], float] = in_proportion,
) -> tuple[Plan, float]:
    """Search for the share of the importance that has to be kept.

    Parameters
    ----------
    most : Plan
        That of the most importance within the budget.
    plan_of : callable
        Share of the importance to the plan that uses the least and keeps it.
    loss_of : callable
        Plan to its loss on the calibration data.
    max_loss : float
    share_at : callable
        `in_proportion` or `in_magnitudes`: of what `most` keeps.

    Returns
    -------
    Plan
        The one of the least share whose loss is within `max_loss`, among those tried.
    float
        Its position, of which `share_at` made the share.

    Raises
    ------
    InfeasibleError
        If the plan of the most importance already loses more.
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
    """Search on, below the position that a search in less effort ended at.

    Parameters
    ----------
    best : Plan
        That of the search so far, with its loss.
    position : float
        Where it is.
    plan_of : callable
        Position to a plan in more effort; None where there is none.
    loss_of : callable
        Plan to its loss.
    max_loss : float
    tries : int
        Plans that are tried at lower positions.

    Returns
    -------
    Plan
        One at a lower position, or at the same one if it loses less there than `best`, else `best`.
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
