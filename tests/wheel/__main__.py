"""Installs the wheel in clean environments, with each of its extras, and uses it there.

    python -m tests.wheel dist/*.whl [--python python3.12] [--extras '' cli plots cluster cli,onnx]

With `cli,onnx` the three commands of docs/guide/first.md run as they stand there. Times are printed.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

ROOT = Path(__file__).resolve().parents[2]
CHECKS = Path(__file__).with_name('checks')
PAGE = ROOT / 'docs' / 'guide' / 'first.md'
EXTRAS = ('', 'cli', 'plots', 'cluster', 'cli,onnx')
#: Extra with which the commands of the page run.
WALK = 'cli,onnx'
#: Program in place of a browser, where there is none: it fails for pages that are not there.
_OPENER = """#!/bin/sh
file="${1#file://}"
if command -v chromium > /dev/null; then
    chromium --headless --no-sandbox --disable-gpu --dump-dom "file://$(realpath "$file")" > opened.html 2> /dev/null
else
    cp "$file" opened.html
fi
grep -q '<h1' opened.html
"""


def main() -> int:
    """Check all extras with one interpreter; 1 if one fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('wheel', type=Path)
    parser.add_argument('--python', default=sys.executable)
    parser.add_argument('--extras', nargs='*', default=EXTRAS)
    arguments = parser.parse_args()
    wheel = arguments.wheel.resolve()
    failed = [extra for extra in arguments.extras if not _passes(wheel, arguments.python, extra)]
    return 1 if failed else 0


def _passes(wheel: Path, python: str, extra: str) -> bool:
    with TemporaryDirectory() as made:
        place = Path(made)
        run(f'{python} -m venv env', place, {})
        environment = {'PATH': f'{place / "env" / "bin"}:{os.environ["PATH"]}', 'PIP_DISABLE_PIP_VERSION_CHECK': '1'}
        (place / 'empty').mkdir()
        try:
            _walk(wheel, place / 'empty', environment) if extra == WALK else _use(wheel, extra, place / 'empty', environment)
        except subprocess.CalledProcessError as error:
            print(f'[{extra}] FAILED: {error.cmd}\n{error.output}')
            return False
    return True


def _walk(wheel: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Run the commands of the page in a folder with the wheel and a model file."""
    shutil.copy(wheel, folder)
    commands = commands_of_page()
    opener = folder.parent / 'open.sh'
    opener.write_text(_OPENER)
    opener.chmod(0o755)
    environment = {**environment, 'BROWSER': f'{opener} %s'}
    for number, command in enumerate(commands):
        print(f'[{WALK}] {run(command, folder, environment):6.1f} s  {command}')
        if not number:
            run(f'python {CHECKS / "make_onnx.py"}', folder, environment)
    if not (folder / 'opened.html').stat().st_size:
        raise subprocess.CalledProcessError(1, commands[-1], 'the report was not opened')


def _use(wheel: Path, extra: str, folder: Path, environment: Mapping[str, str]) -> None:
    named = f'{wheel}[{extra}]' if extra else str(wheel)
    print(f'[{extra}] {run(f"pip install --quiet {named}", folder, environment):6.1f} s  pip install')
    run('pip check', folder, environment)
    for name in ('plain', *extra.split(',')):
        if name:
            print(f'[{extra}] {run(f"python {CHECKS}/use_{name}.py", folder, environment):6.1f} s  {name}')


def commands_of_page() -> list[str]:
    """Return the commands of the page."""
    return re.findall(r'^    (.+)$', PAGE.read_text('utf-8'), re.MULTILINE)


def run(command: str, folder: Path, environment: Mapping[str, str]) -> float:
    """Run a command, and return its seconds."""
    start = monotonic()
    # The package of this folder must not be found in place of the wheel's.
    known = {name: value for name, value in os.environ.items() if name not in ('PYTHONPATH', 'VIRTUAL_ENV')}
    subprocess.run(
        shlex.split(command),
        cwd=folder,
        env={**known, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return monotonic() - start


if __name__ == '__main__':
    sys.exit(main())
