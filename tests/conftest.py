"""Shared by all tests: contracts of passes are checked, and a compiler is quick for projects that hls4ml compiles."""

import os
import shutil

import pytest

from hls4ml_hwprune.passes.contracts import ContractPass
from tests.host.firmware.precompiled import write_quick_compiler

ContractPass.checked = True


@pytest.fixture(scope='session', autouse=True)
def quick_compiler(tmp_path_factory):
    """Compile projects with little optimization and precompiled headers: the compiler takes most of the time."""
    compiler = shutil.which('g++')
    if compiler is None:
        yield
        return
    folder = tmp_path_factory.mktemp('compiler')
    write_quick_compiler(folder, compiler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('PATH', f'{folder}{os.pathsep}{os.environ["PATH"]}')
        yield
