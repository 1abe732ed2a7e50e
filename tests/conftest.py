"""Shared by all tests: contracts of passes are checked, and a compiler is quick for projects that hls4ml compiles."""

import os
import shutil
from pathlib import Path

import pytest

from hls4ml_hwprune.passes.contracts import ContractPass
from tests.host.firmware.precompiled import FOLDER, write_quick_compiler

ContractPass.checked = True
#: Places of tests that take long. These run first, so that no worker is left with one when the others are done.
LONGEST = (
    'tests/test_examples.py',
    'tests/training/test_keras.py',
    'tests/test_docs.py',
    'tests/calibration/test_plans.py',
    'tests/host/',
    'tests/test_objectives.py',
    'tests/fuzz/',
)


def pytest_collection_modifyitems(items):
    """Put the longest tests first, in the order of `LONGEST`; the others stay in theirs."""
    items.sort(key=lambda item: next((n for n, place in enumerate(LONGEST) if item.nodeid.startswith(place)), len(LONGEST)))


def shared_folder(config: pytest.Config) -> Path:
    """Folder that the workers of a run share."""
    base = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    return (base.parent if hasattr(config, 'workerinput') else base) / 'compiler'


@pytest.fixture(scope='session', autouse=True)
def quick_compiler(pytestconfig):
    """Compile projects with little optimization and precompiled headers: the compiler takes most of the time."""
    compiler = shutil.which('g++')
    if compiler is None:
        yield
        return
    folder = shared_folder(pytestconfig)
    folder.mkdir(exist_ok=True)
    write_quick_compiler(folder, compiler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('PATH', f'{folder}{os.pathsep}{os.environ["PATH"]}')
        patch.setenv(FOLDER, str(folder))
        yield


def pytest_sessionfinish(session):
    """Remove the precompiled headers, which are large, once all workers are done."""
    if not hasattr(session.config, 'workerinput'):
        shutil.rmtree(shared_folder(session.config), ignore_errors=True)
