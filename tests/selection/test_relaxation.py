"""The linear relaxation is solved, whatever rounding leaves in the costs."""

import numpy as np
import pytest

from hls4ml_hwprune.selection import Curve, Problem, solve
from hls4ml_hwprune.selection.knapsack import relaxation
from hls4ml_hwprune.selection.knapsack.options import Options


@pytest.fixture
def solved(monkeypatch, capfd):
    """Values of all linear programs; at the end nothing may stand on the standard error, where OR-tools writes."""
    values, original = [], relaxation._Program.solve

    def recorded(self):
        found = original(self)
        values.append(found[0])
        return found

    monkeypatch.setattr(relaxation._Program, 'solve', recorded)
    yield values
    assert values
    assert np.isfinite(values).all()
    assert capfd.readouterr().err == ''


def noisy_options(rng: np.random.Generator) -> Options:
    """Options whose costs are differences of large numbers: where nothing should be left, rounding leaves something."""
    n_kernels, n_resources = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    counts = rng.integers(2, 12, n_kernels)
    cost = np.concatenate([np.sort(rng.uniform(0, 1, (count, n_resources)), axis=0) for count in counts])
    starts = np.concatenate([[0], np.cumsum(counts)])
    cost[starts[:-1]] = 0
    noise = rng.uniform(size=cost.shape) < 0.3
    cost[noise] = rng.choice([-1, 1, 1], noise.sum()) * 10.0 ** rng.uniform(-18, -9.5, noise.sum())
    value = np.concatenate([np.cumsum(rng.uniform(0, 1, count)) / counts.sum() for count in counts])
    return Options(value, cost, np.zeros(len(value), np.int64), np.arange(len(value)), starts)


def test_costs_of_rounding_alone(solved):
    rng = np.random.default_rng(0)
    for _ in range(400):
        options = noisy_options(rng)
        budget = np.ones(options.cost.shape[1])
        found = relaxation.relax(options, budget)
        assert found.bound >= options.value[found.rounded].sum() or not options.fits(budget, found.rounded)


def test_a_share_of_the_importance_that_is_nearly_all(solved):
    """Least use for an importance that must be kept: what is left over is a small difference."""
    values = np.array([0.0, 0.1, 0.7, 0.9 + 3e-16, 1.0])
    curves = [Curve(-np.arange(5.0), -values[:, None] * scale) for scale in (1.0, 3.7)]
    for missing in 10.0 ** -np.arange(1, 9.0):
        problem = Problem([[curves[0]], [curves[1]]], [-4.7 * (1 - missing)])
        assert solve(problem).status == 'optimal'


def test_the_programs_that_ended_in_abnormal(solved):
    value = np.concatenate([np.arange(9, -1, -1), np.arange(6, -1, -1)]) / 36
    first = [0.9594849759114539, 0.7047474777954053, 0.4616998823386562, 0.27692417476709663, 0.18241302118376665]
    first += [0.12884467683254605, 0.07686965896079045, 0.03494349186438617, 0.010542186221659682, 3.4576315959271406e-15]
    second = [0.9205985209822698, 0.6157612154136767, 0.317446528610373, 0.20666630038655787, 0.09995868709560085]
    cost = np.array([*first, *second, 0.02461337761049765, 0])[:, None]
    options = Options(value, cost, np.zeros(17, np.int64), np.arange(17), np.array([0, 10, 17]))
    for price in np.linspace(0, 2, 41):
        relaxation.relax(options, np.ones(1), [np.array([price])])
