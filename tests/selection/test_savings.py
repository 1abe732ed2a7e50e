"""Search along the savings of finished designs: plans beyond the prices of the knapsack, and time limits."""

import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.selection import candidate, planner, rounds
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


@pytest.mark.parametrize('strategy', ['Resource', 'Latency'])
def test_what_may_be_removed_is_no_less_than_a_finished_design_saves(strategy, tmp_path, monkeypatch):
    """Registers of the ends of constants, and memories that hls4ml forces into blocks."""
    seen = []
    carried_out = rounds.Rounds._carried_out

    def watched(self, chosen, state):
        found = carried_out(self, chosen, state)
        # Weights that are dead in a selection are worth nothing: the same selection without them takes less.
        whole = found.live is None or all(
            not ((c.option.at(k).mask & (c.option.at(k).codes != 0)) & ~found.live.alive[c.kernel.key]).any()
            for c, k in chosen.points
        )
        seen.append((whole, found.saved - self.removable))
        return found

    monkeypatch.setattr(rounds.Rounds, '_carried_out', watched)
    layers = models.mlp((6, 8, 6, 3))
    config = models.hls_config({'Budget': {'FF': '0.5x', 'LUT': '0.8x'}}, ['vitis:hwprune'], Strategy=strategy)
    models.convert(layers, config, tmp_path / 'project', 'Vitis', io_type='io_parallel')
    saved = [more for whole, more in seen if whole]
    assert len(saved) > 3
    assert max(float(more.max()) for more in saved) <= 1e-6


def test_not_all_selections_are_finished(plan_of, monkeypatch):
    """A finished design takes a copy of the network: a selection of less worth, which only leads to others, needs none."""
    carried_out, finished = [], []
    before, after = rounds.Rounds._carried_out, candidate.Finishing.outcome
    monkeypatch.setattr(rounds.Rounds, '_carried_out', lambda *args: carried_out.append(args) or before(*args))
    monkeypatch.setattr(candidate.Finishing, 'outcome', lambda *args: finished.append(args) or after(*args))
    assert plan_of(SHORT).pruned
    assert 0 < len(finished) < len(carried_out)
