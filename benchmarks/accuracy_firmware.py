"""Builds firmware of a case, dense and pruned, and runs its test set."""

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy_networks import Case, Samples
from benchmarks.accuracy_results import DENSE, Result, Setting
from benchmarks.bench_choice import outputs
from benchmarks.float_reference import float_outputs
from benchmarks.networks import Network
from hls4ml_hwprune.errors import HWPruneError

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_AT_A_TIME = 500
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Method:
    """Options of `hls4ml_hwprune.enable` besides the budget, and whether inputs are given to calibrate with."""

    options: Mapping[str, Any] = field(default_factory=dict)
    calibrated: bool = True


@dataclass(frozen=True)
class Bench:
    """A case with its data at hand, and a folder to build in."""

    case: Case
    network: Network
    samples: Samples
    folder: Path

    def accuracy(self, scores: NDArray[np.float32]) -> float:
        """Share of the test set that is put into its class."""
        return float((scores.argmax(axis=1) == self.samples.y).mean())

    def float_accuracy(self) -> float:
        """Accuracy in floating point."""
        x, layers = self.samples.x, self.network.layers
        parts = [float_outputs(layers, x[start : start + _AT_A_TIME]) for start in range(0, len(x), _AT_A_TIME)]
        return self.accuracy(np.concatenate(parts))

    def config(self, setting: Setting, method: Method | None) -> dict[str, Any]:
        """Return a configuration of hls4ml, with pruning turned on where a method is given."""
        import hls4ml_hwprune

        reuse_factor, share = setting
        config = self.case.hls_config(self.network, reuse_factor)
        if method is not None:
            options = dict(method.options)
            if method.calibrated:
                file = self.folder / 'calibration.npy'
                np.save(file, self.samples.calibration)
                options['calibration'] = str(file)
            hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': f'{share}x'}, stage='csynth', **options)
        return config

    def convert(self, setting: Setting, method: Method | None) -> tuple['ModelGraph', float]:
        """Return the design and the seconds of its conversion."""
        config = self.config(setting, method)
        folder = tempfile.mkdtemp(dir=self.folder)
        started = perf_counter()
        model = self.network.convert(config, Path(folder))
        return model, perf_counter() - started

    def run(self, result: Result, method: Method | None) -> Result:
        """Complete a result by the firmware that it is of."""
        import hls4ml_hwprune

        try:
            model, seconds = self.convert(result.setting, method)
        except HWPruneError as error:
            return replace(result, problem=str(error))
        total = hls4ml_hwprune.estimate(model, 'csynth').total
        accuracy = self.accuracy(outputs(model, self.samples.x))
        dsp, bram18, lut = (float(count) for count in (total.dsp, total.bram18, total.lut))
        return replace(result, accuracy=accuracy, dsp=dsp, bram18=bram18, lut=lut, seconds=seconds)

    def results(self, settings: Sequence[Setting], methods: Mapping[str, Method]) -> Iterator[Result]:
        """Build and run all firmwares, for each reuse factor the dense one first."""
        case, float_accuracy = self.case, self.float_accuracy()
        dense = None
        for setting in sorted(settings, key=lambda s: (s[0], -s[1])):
            base = Result(case.name, case.group, *setting, DENSE, np.nan, np.nan, float_accuracy, len(self.samples.y))
            if dense is None or dense.reuse_factor != base.reuse_factor:
                dense = replace(self.run(replace(base, share=1.0), None), loss=0.0)
                yield dense
            for name, method in methods.items():
                result = self.run(replace(base, method=name), method)
                yield replace(result, loss=100 * (dense.accuracy - result.accuracy))


def measure(
    case: Case, settings: Sequence[Setting], methods: Mapping[str, Method], data: Path, n_samples: int | None = None
) -> list[Result]:
    """Measure one case.

    Parameters
    ----------
    case : Case
    settings : sequence of (int, float)
        Reuse factors and shares of the DSPs.
    methods : mapping of str to Method
    data : Path
        Folder with the shared data.
    n_samples : int, optional
        Inputs to calibrate with; None for as many as usual.

    Returns
    -------
    list of Result
        For each reuse factor the dense firmware, then all methods at each share.
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(case, case.network(data), case.samples(data, n_samples), Path(folder))
        for result in bench.results(settings, methods):
            logger.info('%s: %s', result, result.problem or f'{result.accuracy:.4f}')
            found.append(result)
    return found
