"""Scripts run as users run them, each in a process of its own: a fork of one that has imported the large packages.

These imports take longer than most scripts.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_SERVER = """
import json, os, runpy, sys
import hls4ml, sklearn.datasets, tensorflow

for line in sys.stdin:
    (script, *arguments), folder, printed = json.loads(line)
    child = os.fork()
    if not child:
        sys.argv, sys.path[0] = [script, *arguments], os.path.dirname(script)
        os.chdir(folder)
        with open(printed, 'wb') as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        runpy.run_path(script, run_name='__main__')
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def run_script(command: Sequence[str | Path], folder: Path, printed: Path) -> int:
    """Run a Python script with its arguments in `folder`; its output goes to a file. Return the exit status."""
    server = _server()
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write(json.dumps([[str(word) for word in command], str(folder), str(printed)]) + '\n')
    server.stdin.flush()
    for line in server.stdout:
        # Packages may print while they are imported.
        if line.strip().lstrip('-').isdigit():
            return int(line)
    raise RuntimeError(f'the process that runs scripts ended with status {server.wait()}')


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, '-c', _SERVER],
        env=os.environ | {'TF_CPP_MIN_LOG_LEVEL': '3'},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    # The input ends, and so does the process.
    atexit.register(server.communicate)
    return server
