"""MLPNet 784-40-20-10 on MNIST: the checkpoint of the public table of post-training pruning, here as compiled firmware.

    python -m benchmarks.bench_public [--shares X ...] [--reuse-factor 4] [--samples N] [--json FILE]

The checkpoint is that which WoodFisher, CBS and CHITA prune. Here slots of several weights are pruned (Vitis, Resource),
with training images and no labels, and tested as firmware, against firmware that is not pruned, on the same test images.
"""

import argparse
import json
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks import DATA, format_table
from benchmarks.bench_choice import outputs
from benchmarks.layers import Layers, dense, image, relu
from benchmarks.networks import Network

_FILE, _SET = 'mlpnet_mnist_784_40_20_10.npz', 'mnist.npz'
# Mean and deviation of the pixels, as its authors scale them.
_MEAN, _DEVIATION = 0.1307, 0.3081
_SEED = 0
#: Accuracy of magnitude pruning in floating point by share of weights kept, on the 8,500 images of the shared data.
MAGNITUDE = {0.1: 89.8, 0.05: 82.8, 0.02: 32.2}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Digits:
    """Weights of the network, shape (n_in, n_out) each, images to calibrate with, test images and their classes."""

    kernels: tuple[NDArray[np.float32], ...]
    calibration: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.uint8]

    @classmethod
    def read(cls, data: Path, n_samples: int = 0, *, everything: bool = False) -> 'Digits':
        """Read the checkpoint, some of the training images, and the test images, or all images in their place."""
        with np.load(data / 'models' / _FILE) as arrays:
            kernels = tuple(arrays[name].T for name in ('fc1', 'fc2', 'fc3'))
        with np.load(data / 'sets' / _SET) as arrays:
            some = np.random.default_rng(_SEED).permutation(len(arrays['X_train']))[:n_samples]
            calibration, parts = _scaled(arrays['X_train'][some]), ('train', 'test') if everything else ('test',)
            x, y = (np.concatenate([arrays[f'{name}_{part}'] for part in parts]) for name in ('X', 'y'))
        return cls(kernels, calibration, _scaled(x), y)

    def layers(self) -> Layers:
        """Return the network as hls4ml's converters would."""
        found: Layers = [image((len(self.kernels[0]),))]
        for number, kernel in enumerate(self.kernels, 1):
            found += [dense(f'fc{number}', kernel), relu(f'relu{number}')]
        return found[:-1]

    def accuracy(self, scores: NDArray) -> float:
        """Per cent of the test images that are put into their class."""
        return 100 * float((scores.argmax(axis=1) == self.y).mean())

    def by_magnitude(self, share: float) -> float:
        """Accuracy in floating point with the largest weights of all layers together."""
        sizes = np.concatenate([np.abs(kernel).ravel() for kernel in self.kernels])
        least = np.sort(sizes)[::-1][max(0, round(share * sizes.size) - 1)]
        values = self.x
        for kernel in self.kernels[:-1]:
            values = np.maximum(values @ np.where(np.abs(kernel) >= least, kernel, 0), 0)
        return self.accuracy(values @ np.where(np.abs(self.kernels[-1]) >= least, self.kernels[-1], 0))


@dataclass(frozen=True)
class Row:
    """A firmware: the share that is kept, accuracies in per cent, multipliers, seconds of the conversion."""

    share: float
    dense: float
    pruned: float
    multipliers: float
    seconds: float


def _scaled(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    flat = pixels.reshape(len(pixels), prod(pixels.shape[1:])).astype(np.float32)
    return (flat / 255 - np.float32(_MEAN)) / np.float32(_DEVIATION)


def measure(digits: Digits, reuse_factor: int, shares: list[float]) -> Iterator[Row]:
    """Convert, compile and test the network as it is and pruned to each share of its multipliers."""
    import hls4ml_hwprune

    network = Network('mlpnet', digits.layers())
    with tempfile.TemporaryDirectory() as folder:
        whole = network.convert(network.hls_config(reuse_factor), Path(folder) / 'dense')
        accuracy = digits.accuracy(outputs(whole, digits.x))
        for share in shares:
            config = network.hls_config(reuse_factor)
            hls4ml_hwprune.enable(
                config,
                backend='Vitis',
                budget={'DSP': f'{share}x'},
                calibration=digits.calibration,
                task='classification',
                stage='csynth',
            )
            started = perf_counter()
            model = network.convert(config, Path(folder) / f'{share}')
            seconds = perf_counter() - started
            after = hls4ml_hwprune.get_plan(model).after.dsp
            yield Row(share, accuracy, digits.accuracy(outputs(model, digits.x)), float(after), seconds)


def _cells(row: Row, digits: Digits) -> dict[str, str]:
    return {
        'kept': f'{row.share:g}',
        'dense': f'{row.dense:.2f}',
        'by magnitude, float': f'{digits.by_magnitude(row.share):.2f}',
        'ours': f'{row.pruned:.2f}',
        'points lost': f'{row.dense - row.pruned:.2f}',
        'multipliers': f'{row.multipliers:,.0f}',
        's': f'{row.seconds:.0f}',
    }


def _reproduced(data: Path) -> str:
    """Compare magnitude pruning on all images at hand with the published accuracies."""
    digits = Digits.read(data, everything=True)
    found = ', '.join(f'{digits.by_magnitude(share):.1f} ({known} expected)' for share, known in MAGNITUDE.items())
    return f'by magnitude, in floating point, on all {len(digits.y):,} images: {found}'


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('--data', type=Path, default=DATA, help='folder with models/ and sets/')
    parser.add_argument('--shares', nargs='+', type=float, metavar='X', default=list(MAGNITUDE), help='of the multipliers')
    parser.add_argument('--reuse-factor', type=int, default=4, metavar='N', help='weights that share a multiplier')
    parser.add_argument('--samples', type=int, metavar='N', default=3000, help='training images to calibrate with')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the rows')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    logging.getLogger('hls4ml_hwprune').setLevel(logging.WARNING)
    digits = Digits.read(arguments.data, arguments.samples)
    found = []
    for row in measure(digits, arguments.reuse_factor, arguments.shares):
        logger.info('%s', row)
        found.append(row)
    print(_reproduced(arguments.data))
    print(format_table([_cells(row, digits) for row in found], n_left=1))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in found], indent=2) + '\n')


if __name__ == '__main__':
    main()
