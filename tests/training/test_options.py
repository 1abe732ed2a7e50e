"""Options and schedules of pruning with training."""

import pytest

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training.options import SCHEDULES, TrainingOptions
from hls4ml_hwprune.training.schedule import SETTLING, Progress, next_position


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('steps', 0),
        ('epochs', 1.5),
        ('last_epochs', True),
        ('regrowth_epochs', -1),
        ('settling_steps', 0.5),
        ('schedule', 'linear'),
        ('tolerance', -0.1),
        ('tolerance', float('nan')),
        ('group_lasso', 'yes'),
        ('batch_size', '64'),
        ('decay', 1),
        ('seed', -1),
    ],
)
def test_errors_name_the_option_and_what_is_allowed(name, value):
    with pytest.raises(ConfigError, match=rf'TrainingOptions\.{name}: expected .*, got {value!r}'):
        TrainingOptions(**{name: value})


def positions(schedule, steps, least, holds=lambda position: True, settling=0):
    """Positions that a run tries if the metric holds where `holds` says so."""
    progress, found = Progress(), []
    while (position := next_position(schedule, steps, settling, least, progress)) is not None:
        found.append(position)
        progress = progress.after(position, holds(position))
    return found


@pytest.mark.parametrize('schedule', SCHEDULES)
@pytest.mark.parametrize('steps', [1, 2, 6, 15])
@pytest.mark.parametrize('least', [0.02, 0.3, 1.0])
def test_every_schedule_reaches_the_budget_and_ends(schedule, steps, least):
    found = positions(schedule, steps, least)
    assert found == sorted(found)
    assert found[-1] == 1
    assert 1 <= len(found) <= steps


def test_amounts_between_the_steps():
    left = {schedule: [0.1**position for position in positions(schedule, 5, 0.1)] for schedule in SCHEDULES}
    assert left['constant'] == pytest.approx([0.82, 0.64, 0.46, 0.28, 0.1])
    assert left['geometric'] == pytest.approx([0.1 ** (i / 5) for i in range(1, 6)])
    falls = [before - after for before, after in zip([1.0, *left['polynomial']], left['polynomial'], strict=False)]
    assert falls == sorted(falls, reverse=True)


@pytest.mark.parametrize('schedule', ['geometric', 'polynomial', 'constant'])
def test_the_first_plan_that_fails_is_the_last(schedule):
    found = positions(schedule, 6, 0.1, lambda position: position < 0.5)
    assert [position < 0.5 for position in found].count(False) == 1


@pytest.mark.parametrize('schedule', ['geometric', 'polynomial', 'constant'])
@pytest.mark.parametrize('steps', [1, 5])
def test_which_groups_are_kept_settles_at_the_budget(schedule, steps):
    found = positions(schedule, steps, 0.1, settling=3)
    assert found == [*positions(schedule, steps, 0.1)[:-1], SETTLING, SETTLING, SETTLING, 1]


def test_settling_goes_on_from_a_plan_that_held():
    held = iter([True, True, False, True, False])
    assert positions('geometric', 2, 0.1, lambda position: next(held), settling=3) == [0.5, SETTLING, SETTLING, SETTLING, 1]
    assert positions('geometric', 2, 0.1, lambda position: position < SETTLING, settling=3) == [0.5, SETTLING]


@pytest.mark.parametrize('most', [0.0, 0.31, 0.77, 0.99])
def test_binary_search_closes_in(most):
    found = positions('binary', 20, 0.1, lambda position: position <= most)
    held = [position for position in found if position <= most]
    failed = [position for position in found if position > most]
    assert min(failed) - max(held, default=0.0) < 1 / 16
