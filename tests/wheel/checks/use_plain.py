"""The package without extras: pruned projects from layer lists, and a command that says how to install it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import hls4ml_hwprune
from hls4ml_hwprune.qualification.folder import write_qualification

assert 'site-packages' in hls4ml_hwprune.__file__
assert len(write_qualification(Path('designs'), 'Vivado', 'xcvu13p-flga2577-2-e', 5)) == 13
assert (Path('designs/dense_resource_rf4_balanced/firmware/nnet_utils/nnet_dense_sparse.h')).is_file()
if find_spec('click') is None:
    shown = subprocess.run([sys.executable, '-m', 'hls4ml_hwprune'], capture_output=True, text=True, check=False)
    assert shown.returncode == 1 and 'pip install "hls4ml_hwprune[cli]"' in shown.stderr, shown
