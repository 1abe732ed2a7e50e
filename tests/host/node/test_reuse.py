"""Reuse factors of nodes, and the work to check one."""

import pytest

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.host.node.reuse import set_reuse_factor
from tests import models
from tests.host.graph import graphs


def test_a_legal_factor_is_not_looked_for_among_all_numbers(tmp_path, monkeypatch):
    model = graphs.from_layers(models.mlp((16, 32, 5)), tmp_path / 'project')
    node = model.graph['fc1']
    with monkeypatch.context() as patched:
        # hls4ml tries as many numbers as there are weights: seconds for a million of them, for each plan that is tried.
        patched.setattr(model.config.backend, 'get_valid_reuse_factors', lambda *sizes: pytest.fail('all numbers tried'))
        set_reuse_factor(model, node, 8)
    assert node.get_attr('reuse_factor') == 8
    with pytest.raises(PlanError, match='does not allow the reuse factor 5'):
        set_reuse_factor(model, node, 5)
