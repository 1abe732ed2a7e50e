"""Search along the savings of finished designs: plans beyond the prices of the knapsack, and time limits."""

import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.selection import planner, rounds
from tests import models

FLOWS = ['vivado:hwprune']
# Registers of channels are most of what there is: a plan is much better that counts on fewer of them.
SHORT = {'Budget': {'FF': '0.6x'}}


@pytest.fixture
def plan_of(tmp_path):
    def plan(block):
        config = models.hls_config(block, FLOWS)
        return hls4ml_hwprune.get_plan(models.convert(models.mlp(), config, tmp_path / 'project', 'Vivado'))

    return plan


def test_savings_are_spent_on_other_weights(plan_of, monkeypatch):
    plan = plan_of(SHORT)
    monkeypatch.setattr(planner, 'spend_savings', lambda rounds: None)
    without = plan_of(SHORT)
    assert plan.importance > 1.05 * without.importance
    assert plan.after.ff <= plan.budget['ff']
    assert plan.bound >= plan.importance


def test_a_search_that_ends_by_the_time_limit_leaves_the_plan_that_was_known(plan_of, monkeypatch):
    def ended(*arguments):
        raise HWPruneError('no selection was found in time')

    # The first selection of a plan is not made there.
    monkeypatch.setattr(rounds, 'choose_tightly', ended)
    plan = plan_of({**SHORT, 'TimeLimit': 600})
    assert plan.pruned and plan.after.ff <= plan.budget['ff']
    with pytest.raises(HWPruneError, match='in time'):
        plan_of(SHORT)
