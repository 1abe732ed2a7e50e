"""Cases of damaged calibration data: a ConfigError that names the key, or finite arrays of the network's shape."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from hls4ml_hwprune.config import parse_settings
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.session.samples import hold_samples, samples_of
from tests.fuzz import checks
from tests.fuzz.layer_lists import SIZES, convert
from tests.fuzz.memory import little_memory
from tests.fuzz.mutations import ODD, PLAIN, damaged_bytes
from tests.models import hls_config, mlp

_N = 20


class Trap:
    """Leaves a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


@cache
def _network() -> Any:
    return convert(hls_config({'Method': 'exact'}), Path('never_written'), mlp(SIZES), flow=False)


def check(rng: Generator, folder: Path) -> None:
    """Run one case."""
    trap = folder / 'sprung'
    value = _value(rng, folder, trap)
    key = str(rng.choice(['Calibration', 'Validation']))
    before = checks.snapshot(folder)
    try:
        with little_memory():
            config = {'Model': {'HWPrune': {key: value}}}
            hold_samples(_network(), parse_settings(config))
    except Exception as error:
        checks.check_error(error)
        assert isinstance(error, ConfigError), f'{type(error).__name__}: {error}'
        assert key in str(error), f'{key} is not named: {error}'
    else:
        held = samples_of(_network())
        for samples in (held.calibration, held.validation):
            if samples is not None:
                _check_samples(samples)
    assert not trap.exists(), 'a pickle was loaded'
    assert checks.snapshot(folder) == before


def _check_samples(samples: Any) -> None:
    (x,) = samples.x
    assert x.size == len(x) * SIZES[0] and np.isfinite(x).all() and x.dtype.kind == 'f', f'{x.shape} {x.dtype}'
    assert samples.y is None or (samples.y.shape == (len(x),) and (samples.y >= 0).all()), f'{samples.y}'


def _value(rng: Generator, folder: Path, trap: Path) -> Any:
    """Something in the place of samples: arrays, files, or what is neither."""
    form, arrays = rng.random(), _arrays(rng, trap)
    if form < 0.1:
        pool = PLAIN if rng.random() < 0.5 else ODD
        return pool[rng.integers(len(pool))]
    if form < 0.3:
        return arrays if rng.random() < 0.7 else next(iter(arrays.values()), None)
    path = folder / str(rng.choice(['x.npz', 'x.npz', 'x.npy', 'x.NPY', 'x.txt', 'x']))
    if form < 0.4:
        return str(_no_plain_file(rng, path))
    with path.open('wb') as file:
        if path.suffix == '.npz':
            (np.savez if rng.random() < 0.5 else np.savez_compressed)(file, **arrays)
        else:
            np.save(file, next(iter(arrays.values()), np.zeros(0)))
    if rng.random() < 0.4:
        path.write_bytes(damaged_bytes(rng, path.read_bytes()))
    return str(path) if rng.random() < 0.8 else path


def _arrays(rng: Generator, trap: Path) -> dict[str, Any]:
    x: Any = rng.normal(size=(_N, SIZES[0]))
    y: Any = rng.integers(0, SIZES[-1], _N)
    form = rng.choice(['good', 'pickle', 'nan', 'shape', 'length', 'dtype', 'empty', 'labels', 'names', 'large'])
    if form == 'pickle':
        x = np.array([Trap(trap)], dtype=object)
    elif form == 'nan':
        x[rng.integers(_N), 0] = rng.choice([np.nan, np.inf, 1e300])
    elif form == 'shape':
        shapes = [(_N, SIZES[0] + 1), (_N,), (), (0, SIZES[0]), (_N, 2, 3), (_N, 3, 2, 1), (SIZES[0], _N), (_N, 0)]
        x = np.zeros(shapes[rng.integers(len(shapes))])
    elif form == 'length':
        y = y[: int(rng.integers(_N))]
    elif form == 'dtype':
        x = x.astype(str(rng.choice(['f2', 'f4', '>f8', 'i1', 'c16', 'U9', 'S9', '?', 'M8[s]', 'V8', 'u8'])))
    elif form == 'empty':
        return {}
    elif form == 'labels':
        y = [y.astype(float) + 0.5, y - 1, y.astype(str), np.eye(3)[y], y[:, None], y * 10**15, y * np.nan][rng.integers(7)]
    elif form == 'names':
        return {str(rng.choice(['x1', 'a', 'X', 'x0', 'labels'])): x, str(rng.choice(['y', 'Y', 'b', 'x00'])): y}
    elif form == 'large':
        x = np.zeros((4, 2**23), np.float32)
    return {'x': x, 'y': y} if rng.random() < 0.6 else {'x': x}


def _no_plain_file(rng: Generator, path: Path) -> Path:
    kind = rng.choice(['folder', 'nothing', 'loop', 'empty', 'text', 'pipe', 'long'])
    if kind == 'folder':
        path.mkdir()
    elif kind == 'loop':
        path.symlink_to(path)
    elif kind in ('empty', 'text'):
        path.write_text('' if kind == 'empty' else 'x,y\n1,2\n')
    elif kind == 'pipe':
        os.mkfifo(path)
    elif kind == 'long':
        return path.with_name('x' * 300 + '.npy')
    return path
