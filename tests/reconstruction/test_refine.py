"""Moving weights down the gradient, with a linear network of one or two layers as the toy."""

import numpy as np
import pytest

from hls4ml_hwprune.reconstruction import Affine, Grid, Schedule, divergence, refine

GRID, BIAS_GRID = Grid(1 / 64, -255, 255), Grid(1 / 256, -1023, 1023)
SCHEDULE = Schedule(passes=12, batch=32, rate=0.05)


class Toy:
    """A softmax of two linear layers, of whose weights the smallest are gone."""

    def __init__(self, seed=0, n=512):
        rng = np.random.default_rng(seed)
        self.x = rng.normal(size=(n + 256, 3)) @ rng.normal(size=(3, 8)) + 0.3 * rng.normal(size=(n + 256, 8))
        whole = {
            'a': Affine(rng.normal(size=(6, 8)) / 2, rng.normal(size=6)),
            'b': Affine(rng.normal(size=(4, 6)), np.zeros(4)),
        }
        self.reference = self.answers(whole, self.x)[1]
        self.measure = divergence('classes', self.reference)
        self.kept = {name: np.abs(a.weights) > np.quantile(np.abs(a.weights), 0.5) for name, a in whole.items()}
        self.start = whole
        self.pruned = {name: Affine(np.where(self.kept[name], a.weights, 0), a.bias) for name, a in whole.items()}
        self.n, self.seen = n, []

    @staticmethod
    def answers(affines, x):
        hidden = x @ affines['a'].weights.T + affines['a'].bias
        return hidden, hidden @ affines['b'].weights.T + affines['b'].bias

    @staticmethod
    def project(name, affine):
        return Affine(GRID.project(affine.weights), BIAS_GRID.project(affine.bias))

    def gradient_of(self, affines, samples):
        self.seen.append(samples)
        x = self.x[samples]
        hidden, found = self.answers(affines, x)
        slope = self.measure.gradient(self.reference[samples], found) / len(x)
        before = slope @ affines['b'].weights
        return {'a': Affine(before.T @ x, before.sum(axis=0)), 'b': Affine(slope.T @ hidden, slope.sum(axis=0))}

    def loss_of(self, affines):
        """On samples that have no gradients."""
        return float(self.measure.loss(self.reference[self.n :], self.answers(affines, self.x[self.n :])[1]).mean())

    def run(self, schedule=SCHEDULE, **other):
        parts = {'start': self.start, 'kept': self.kept, 'gradient_of': self.gradient_of, 'loss_of': self.loss_of}
        return refine(**{**parts, 'project': self.project, 'n_samples': self.n, 'schedule': schedule} | other)


@pytest.mark.parametrize('seed', range(3))
def test_much_of_the_loss_is_recovered(seed):
    toy = Toy(seed)
    found = toy.run()
    assert toy.loss_of(found) < 0.3 * toy.loss_of(toy.pruned)


def test_weights_are_on_the_grid_and_the_others_stay_zero():
    toy = Toy()
    for name, affine in toy.run().items():
        assert (affine.weights[~toy.kept[name]] == 0).all()
        assert np.array_equal(affine.joined, toy.project(name, affine).joined)
        assert (affine.weights != toy.project(name, toy.pruned[name]).weights).any()
        assert (affine.bias != toy.project(name, toy.pruned[name]).bias).any()


def test_gradients_are_asked_for_at_what_the_firmware_can_hold():
    toy = Toy()

    def gradient_of(affines, samples):
        assert all(np.array_equal(a.joined, toy.project(name, a).joined) for name, a in affines.items())
        return toy.gradient_of(affines, samples)

    toy.run(Schedule(2, 32), gradient_of=gradient_of)
    # Each pass takes each sample once.
    assert [len(samples) for samples in toy.seen] == [32] * 32
    for one_pass in (toy.seen[:16], toy.seen[16:]):
        assert sorted(np.concatenate(one_pass)) == list(range(512))


def test_the_same_input_gives_the_same_bytes():
    first, second = Toy(1).run(), Toy(1).run()
    for name in ('a', 'b'):
        assert first[name].joined.tobytes() == second[name].joined.tobytes()


def test_what_it_is_given_stays_as_it_was():
    toy = Toy()
    before = {name: affine.joined.copy() for name, affine in toy.start.items()}
    toy.run(Schedule(2, 64))
    assert all(np.array_equal(before[name], affine.joined) for name, affine in toy.start.items())


@pytest.mark.parametrize('rate', [0.05, 50.0])
def test_it_never_becomes_worse(rate):
    toy = Toy(2)
    at_first = {name: toy.project(name, affine) for name, affine in toy.pruned.items()}
    losses = []

    def loss_of(affines):
        losses.append(toy.loss_of(affines))
        return losses[-1]

    found = toy.run(Schedule(3, 64, rate), loss_of=loss_of)
    # At the start, and after each pass.
    assert len(losses) == 4
    assert losses[0] == toy.loss_of(at_first)
    assert toy.loss_of(found) == min(losses)
    if rate > 1:
        assert losses[-1] > losses[0]


def test_layers_without_weights_or_gradients_and_few_samples():
    toy = Toy(n=5)
    # Nothing left of the first layer: its biases alone may move, and no more than those of nothing.
    kept = {**toy.kept, 'a': np.zeros_like(toy.kept['a'])}
    found = toy.run(Schedule(2, 128), kept=kept)
    assert not found['a'].weights.any()
    assert np.isfinite(found['a'].bias).all()
    assert [len(samples) for samples in toy.seen] == [5, 5]
    only = toy.run(Schedule(2, 128), gradient_of=lambda affines, samples: {'b': toy.gradient_of(affines, samples)['b']})
    assert np.array_equal(only['a'].joined, toy.project('a', toy.pruned['a']).joined)
