"""The kinds of cases by name, and the run of a single one."""

import contextlib
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.random import Generator

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

from tests.fuzz import bad_blocks, bad_plans, bad_samples, bad_weights, bits, planning
from tests.fuzz.networks import Unsupported

#: By name: makes a case and runs it in an empty folder; raises AssertionError, or whatever must not be raised, at a fault.
KINDS: dict[str, Callable[[Generator, Path], None]] = {
    'plans': planning.check,
    'bits': bits.check,
    'bad_blocks': bad_blocks.check,
    'bad_plans': bad_plans.check,
    'bad_samples': bad_samples.check,
    'bad_weights': bad_weights.check,
}
_ATTEMPTS = 20


def run_case(kind: str, seed: int) -> None:
    """Run the case of a seed: the first that hls4ml itself can do, without what it prints and logs."""
    for attempt in range(_ATTEMPTS):
        with contextlib.suppress(Unsupported), tempfile.TemporaryDirectory(prefix='fuzz_') as folder, _quiet():
            # Each kind has numbers of its own.
            KINDS[kind](np.random.default_rng([crc32(kind.encode()), seed, attempt]), Path(folder))
            return
    raise Unsupported(f'none of {_ATTEMPTS} attempts is anything that hls4ml itself can do')


def how_to_repeat(kind: str, seed: int) -> str:
    """Command that runs a single case."""
    return f'make fuzz KINDS={kind} SEED={seed} CASES=1'


@contextlib.contextmanager
def _quiet():  # type: ignore[no-untyped-def]
    package = logging.getLogger('hls4ml_hwprune')
    level = package.level
    package.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter('ignore')
            yield
    finally:
        package.setLevel(level)
