"""The kinds of cases by name, and the run of a single one."""

import contextlib
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

from tests.fuzz import bad_blocks, bad_plans, bad_samples, bad_weights, bits, planning

#: By name: runs the case of a seed in an empty folder; raises AssertionError, or whatever must not be raised, at a fault.
KINDS: dict[str, Callable[[int, Path], None]] = {
    'plans': planning.check,
    'bits': bits.check,
    'bad_blocks': bad_blocks.check,
    'bad_plans': bad_plans.check,
    'bad_samples': bad_samples.check,
    'bad_weights': bad_weights.check,
}


def run_case(kind: str, seed: int) -> None:
    """Run one case in a folder of its own, without what it prints and logs."""
    package = logging.getLogger('hls4ml_hwprune')
    level = package.level
    with tempfile.TemporaryDirectory(prefix='fuzz_') as name, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        package.setLevel(logging.CRITICAL)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                KINDS[kind](seed, Path(name))
        finally:
            package.setLevel(level)
