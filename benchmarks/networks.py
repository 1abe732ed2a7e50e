"""Trained networks of other people as hls4ml layer lists: every model file of the shared data, without TensorFlow.

Where the data are not at hand there are no networks.
"""

import copy
import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import DATA, Weights, hls_config
from benchmarks.bench_compile import PART, PRECISION, PROJECT, layer_list
from benchmarks.bench_snapping import read_weights
from benchmarks.layers import POOL, Arrays, Layers, conv2d, dense, flatten, image, max_pool2d, normalised, softmax

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

MODELS = DATA / 'models'
MNIST, SVHN = 'qkeras_mnist_dense_weights', 'svhn_cnn_pruned_minh'
# Of QKeras' `quantized_bits(6, 0)`, which all jet taggers with its layers have.
_QKERAS_BITS = 6
# Batch normalisation is fused only into layers whose result type hls4ml may infer; no wider than all others.
_FUSED = {'default': PRECISION, 'result': 'auto', 'maximum': PRECISION}
_IMAGE = 32


@dataclass(frozen=True)
class Network:
    """A trained network.

    Attributes
    ----------
    name : str
        That of its file.
    layers : list of dict
        As hls4ml's converters make them.
    precision : str or dict of str to str
        What stands under `Model.Precision`.
    io_type : str
    """

    name: str
    layers: Layers = field(repr=False)
    precision: str | dict[str, str] = PRECISION
    io_type: str = 'io_parallel'

    def hls_config(self, reuse_factor: int, strategy: str = 'Resource') -> dict[str, Any]:
        """Return what stands under `HLSConfig` of a project."""
        config = hls_config(PRECISION, reuse_factor, strategy)
        config['Model']['Precision'] = copy.copy(self.precision)
        return config

    def convert(self, config: dict[str, Any], folder: Path) -> 'ModelGraph':
        """Convert for Vitis, without hls4ml's prints."""
        from hls4ml.model.graph import ModelGraph
        from hls4ml.utils.config import create_config

        project = create_config(
            output_dir=str(folder), project_name=PROJECT, backend='Vitis', part=PART, io_type=self.io_type
        )
        with redirect_stdout(io.StringIO()):
            # hls4ml changes what it is given.
            return ModelGraph.from_layer_list(project | {'HLSConfig': config}, copy.deepcopy(self.layers))


def networks(folder: Path = MODELS) -> dict[str, Network]:
    """Read all networks of a folder, by name.

    Jet taggers 16-64-32-32-5 of four kinds: float, pruned, QKeras (weights rounded to 6 bits, as its layers do) and HGQ
    (kernels as stored). The MNIST network has its kernels as stored too. Other layers than these have no rounding of their
    own, and no type but the default.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob('*.h5'))}


def _read(path: Path) -> Network:
    name = path.stem
    if name == SVHN:
        return Network(name, list(_svhn_layers(read_arrays(path))), _FUSED, 'io_stream')
    if name == MNIST:
        arrays = read_arrays(path)
        return Network(name, layer_list([(arrays[f'{n}/kernel'], arrays[f'{n}/bias']) for n in ('q_dense_2', 'q_dense_3')]))
    weights = read_weights(path)
    if 'qkeras' in name:
        types = {'default': PRECISION, 'weight': f'ap_fixed<{_QKERAS_BITS},1>'}
        return Network(name, layer_list(_rounded(weights)), types)
    return Network(name, layer_list(weights))


def _rounded(weights: Weights) -> Weights:
    """Weights that QKeras' layers compute with: what is stored is not rounded, and reaches one, which is out of range."""
    steps = 2.0 ** (_QKERAS_BITS - 1)

    def rounded(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return (np.clip(np.round(values * steps), -steps, steps - 1) / steps).astype(np.float32)

    return [(rounded(kernel), rounded(bias)) for kernel, bias in weights]


def read_arrays(path: Path) -> Arrays:
    """Arrays of a Keras file by the names of their layer and their own: `conv_0/kernel`."""
    import h5py  # type: ignore[import-untyped]

    found: Arrays = {}

    def visit(name: str, item: object) -> None:
        # Optimisers save moments under the same names.
        if isinstance(item, h5py.Dataset) and not name.startswith('optimizer'):
            found['/'.join(name.split('/')[-2:]).removesuffix(':0')] = np.asarray(item, np.float32)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def _svhn_layers(arrays: Arrays) -> Iterator[dict[str, Any]]:
    """Three blocks of convolution and pooling, two dense layers, each with batch normalisation, and the output."""
    size = _IMAGE
    yield image((size, size, arrays['conv_0/kernel'].shape[2]))
    for number in range(3):
        kernel = arrays[f'conv_{number}/kernel']
        yield conv2d(f'conv_{number}', kernel, size)
        size -= kernel.shape[0] - 1
        yield from normalised(f'conv_{number}', arrays, size * size * kernel.shape[3], kernel.shape[3])
        yield max_pool2d(f'pool_{number}', size, kernel.shape[3])
        size //= POOL
    flat = arrays['dense_0/kernel'].shape[0]
    yield flatten(flat)
    for number in range(2):
        kernel = arrays[f'dense_{number}/kernel']
        yield dense(f'dense_{number}', kernel)
        yield from normalised(f'dense_{number}', arrays, kernel.shape[1])
    yield dense('output_dense', arrays['output_dense/kernel'], arrays['output_dense/bias'])
    yield softmax()
