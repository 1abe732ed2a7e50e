"""Effort: samples and gradient steps by multiplications and not by seconds, so that all machines do the same work."""

from collections.abc import Iterable
from dataclasses import dataclass

from hls4ml_hwprune.reconstruction import Schedule

# Multiplications of the firmware in C simulation, some tens of millions a second, for each of a few runs.
_SIMULATED = 1.2e9
_FEWEST, _MOST = 64, 16_384
# Input vectors that a layer of the firmware is matched on: so many for each of its inputs, and at least.
_OF_INPUT, _FEWEST_MATCHED = 32, 1_000
# Multiplications of a batch from which its halves are worth a thread each.
_THREADED = 2e7
# Number of samples below which inputs are made of them besides.
_ENOUGH = 2_000
# Multiplications in floating point, forwards and backwards together some billions a second, for all steps to a budget.
_EMULATED = 2.5e11
# Gradient steps of a small network: for the last plan, and for each plan on the way.
_LAST, _EACH = 2_000, 200
_BATCH = 128


@dataclass(frozen=True)
class Effort:
    """Limits of the work on a network.

    Attributes
    ----------
    multiplications : int
        Multiplications of the network for one sample.
    n_samples : int
        Calibration samples that are used.
    """

    multiplications: int
    n_samples: int

    @classmethod
    def of(cls, multiplications: int, n_samples: int) -> 'Effort':
        """Return the effort for a network of so many multiplications, and samples at hand."""
        affordable = int(_SIMULATED / max(multiplications, 1))
        return cls(multiplications, min(n_samples, max(_FEWEST, min(_MOST, affordable))))

    @property
    def n_made(self) -> int:
        """Inputs that are made of calibration samples besides."""
        affordable = int(_SIMULATED / max(self.multiplications, 1))
        return max(0, min(_ENOUGH, affordable) - self.n_samples)

    def simulated(self, runs: int) -> int:
        """Return the number of samples that the firmware can be run on so many times."""
        return max(_FEWEST // 2, min(self.n_samples, int(_SIMULATED / max(self.multiplications, 1) / max(runs, 1))))

    def matched(self, runs: int, n_in: int, positions: int) -> int:
        """Return the number of samples that a layer of `n_in` inputs at so many positions is matched on, one of `runs`."""
        vectors = max(_FEWEST_MATCHED, _OF_INPUT * n_in)
        return min(self.simulated(runs), max(_FEWEST, -(-vectors // positions)))

    @property
    def threaded(self) -> bool:
        """Whether halves of a batch are worth a thread each."""
        return self.multiplications * _BATCH >= _THREADED

    def schedule(self, steps: int, last: bool) -> Schedule:
        """Gradient steps for one of `steps` plans."""
        # Forwards, and backwards for the inputs and for the weights.
        affordable = _EMULATED / (3 * max(self.multiplications, 1))
        share = min(1.0, affordable / (_BATCH * (_LAST + _EACH * (steps - 1))))
        n_samples = self.n_samples + self.n_made
        batch = max(1, min(_BATCH, n_samples // 8))
        wanted = (_LAST if last else _EACH) * share * batch
        return Schedule(max(2, round(wanted / n_samples)), batch)


def multiplications(sizes: Iterable[tuple[int, int, int]]) -> int:
    """Multiplications of kernels of so many positions, inputs and outputs."""
    return sum(positions * n_in * n_out for positions, n_in, n_out in sizes)
