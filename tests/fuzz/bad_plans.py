"""Cases of damaged plan files: a PlanError, or a plan that is true of the design it is applied to."""

import base64
import json
import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from tests.fuzz import checks
from tests.fuzz.layer_lists import SIZES, convert
from tests.fuzz.memory import little_memory
from tests.fuzz.mutations import PLAIN, damaged, damaged_bytes, damaged_text
from tests.models import hls_config, mlp

# Blocks and hls4ml's options of plans of all kinds: slots of other layouts, moved weights, hls4ml's own layout.
_MADE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({'Budget': {'DSP': '0.4x'}, 'Packing': 'balanced'}, {}),
    ({'Budget': {'DSP': '0.4x'}, 'Packing': 'permuted', 'ReuseFactor': 'auto'}, {}),
    ({'Budget': {'DSP': '0.3x'}, 'Packing': 'snapped'}, {'Strategy': 'Latency', 'ReuseFactor': 1}),
    ({'Budget': {'DSP': '0.5x'}, 'Packing': 'aligned'}, {}),
]


@cache
def _plan(number: int) -> Plan:
    block, model = _MADE[number]
    return hls4ml_hwprune.get_plan(convert(hls_config(block, **model), Path('never_written'), mlp(SIZES)))


def check(rng: Generator, folder: Path) -> None:
    """Run one case."""
    number = int(rng.integers(len(_MADE)))
    plan, path = _plan(number), folder / 'plan.json'
    form = rng.random()
    if form < 0.15:
        _check_saving(rng, plan, folder)
        return
    plan.save(path)
    if form < 0.25:
        _no_plain_file(rng, path)
    elif form < 0.45:
        path.write_bytes(damaged_bytes(rng, path.read_bytes()))
    elif form < 0.55:
        path.write_text(damaged_text(rng, path.read_text()))
    else:
        path.write_text(json.dumps(_damaged_plan(rng, json.loads(path.read_text()))))
    before = checks.snapshot(folder)
    config = hls_config({'Plan': str(path)}, **_MADE[number][1])
    with _untouched_pipe(path), little_memory():
        try:
            Plan.load(path)
            model = convert(config, folder / 'project', mlp(SIZES))
        except Exception as error:
            checks.check_error(error)
            assert isinstance(error, hls4ml_hwprune.errors.PlanError), f'{type(error).__name__}: {error}'
            assert checks.snapshot(folder) == before, f'files were written before the error: {error}'
            return
    applied = hls4ml_hwprune.get_plan(model)
    checks.check_plan(applied, model)
    for kernel in applied.kernels:
        assert kernel.mask.any() == (kernel.n_kept > 0), f'{kernel.layer}: {kernel.n_kept} slots'


def _damaged_plan(rng: Generator, content: dict[str, Any]) -> Any:
    form = rng.random()
    if form < 0.1:
        content['kernels'].append(content['kernels'][int(rng.integers(len(content['kernels'])))])
        return content
    if form < 0.6:
        return damaged(rng, content, PLAIN)[0]
    kernel = content['kernels'][int(rng.integers(len(content['kernels'])))]
    arrays = {name: kernel for name in ('mask', 'values', 'bias') if name in kernel}
    arrays |= dict.fromkeys(kernel.get('slots', ()), kernel.get('slots'))
    name = list(arrays)[int(rng.integers(len(arrays)))]
    arrays[name][name] = _encoded(_damaged_array(rng, _decoded(arrays[name][name])))
    return content


def _decoded(data: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(data['zlib'])), data['dtype']).reshape(data['shape'])


def _encoded(array: np.ndarray) -> dict[str, Any]:
    data = base64.b64encode(zlib.compress(array.tobytes())).decode()
    return {'dtype': array.dtype.str, 'shape': list(array.shape), 'zlib': data}


def _damaged_array(rng: Generator, array: np.ndarray) -> np.ndarray:
    """An array with an element or its shape changed; masks are packed bits."""
    form, flat = rng.random(), array.ravel().copy()
    if form < 0.6 and flat.size:
        place, low = int(rng.integers(flat.size)), 0 if array.dtype.kind == 'u' else -2
        flat[place] = rng.choice([low, 1, flat[place] + 1, flat[int(rng.integers(flat.size))], 127])
        return flat.reshape(array.shape)
    if form < 0.7:
        return flat[:-1]
    if form < 0.8:
        return np.append(flat, flat[:1])
    return array.astype(np.float64) if form < 0.9 else array.reshape(*array.shape, 1)


def _no_plain_file(rng: Generator, path: Path) -> None:
    """Put something else in the place of a plan file."""
    kind, text = rng.choice(['folder', 'nothing', 'pipe', 'loop', 'brackets', 'empty', 'large']), path.read_text()
    path.unlink()
    if kind == 'folder':
        path.mkdir()
    elif kind == 'pipe':
        os.mkfifo(path)
    elif kind == 'loop':
        path.symlink_to(path)
    elif kind == 'brackets':
        path.write_text('[' * 100_000)
    elif kind == 'empty':
        path.write_text('')
    elif kind == 'large':
        # The sizes of a design of 10^12 weights, in a file of some hundred bytes.
        content = json.loads(text)
        for kernel in content['kernels']:
            kernel.update(n_in=10**6, n_out=10**6)
        path.write_text(json.dumps(content))


@contextmanager
def _untouched_pipe(path: Path) -> Iterator[None]:
    """Fail if `path` is a pipe and is read, which may never end; here a writer lets the reader go on."""
    if not path.is_fifo():
        yield
        return
    read: list[bool] = []
    opened = threading.Event()

    def write() -> None:
        # More than a pipe holds: done only if all is read.
        with suppress(BrokenPipeError), path.open('wb') as pipe:
            opened.set()
            pipe.write(b'no plan' * 100_000)
            read.append(True)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield
    finally:
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        opened.wait()
        os.close(reader)
        writer.join()
    assert not read, 'a pipe was read'


def _check_saving(rng: Generator, plan: Plan, folder: Path) -> None:
    """`save` writes a plan that loads, or raises a PlanError and leaves everything as it was."""
    (folder / 'file').write_text('mine')
    (folder / 'folder').mkdir()
    os.mkfifo(folder / 'pipe')
    (folder / 'link').symlink_to(folder / 'file')
    (folder / 'nowhere').symlink_to(folder / 'missing' / 'plan.json')
    names = [
        'folder',
        'file/plan.json',
        'missing/plan.json',
        'pipe',
        'x' * 255,
        'x' * 300,
        'a\0b',
        'link',
        'nowhere',
        '../' * 50,
    ]
    name = str(rng.choice([*names, '']))
    target = Path(name) if not name else folder / name
    was_link = os.path.islink(target)
    before = sorted(entry.name for entry in folder.iterdir())
    try:
        plan.save(target if rng.random() < 0.5 or not name else str(target))
    except Exception as error:
        checks.check_error(error)
        assert isinstance(error, hls4ml_hwprune.errors.PlanError), f'{name[:20]!r}: {type(error).__name__}: {error}'
        assert sorted(entry.name for entry in folder.iterdir()) == before, f'{name[:20]!r}: {error}'
        assert (folder / 'file').read_text() == 'mine'
        return
    assert Plan.load(target) == plan
    assert os.path.islink(target) == was_link, 'a link was replaced by a file'
    assert (folder / 'pipe').is_fifo(), 'a pipe was replaced by a file'
