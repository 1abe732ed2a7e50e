"""Count the multiplications that emitted C++ asks for in one cycle, in clang's LLVM IR.

The weights stay opaque, because C simulation reads them from text files. HLS unroll pragmas become clang's, pipelined
loops stay loops, so that what is left in a loop's body is what the tool is asked to do in one cycle.
"""

import re
import shutil
import subprocess
from pathlib import Path

from tests.host.firmware.precompiled import precompiled_header

CLANG = shutil.which('clang++')
_FLAGS = '-std=c++14 -O2 -w -fno-slp-vectorize -fno-vectorize'
_PRAGMAS = {'UNROLL': '#pragma clang loop unroll(full)', 'PIPELINE': '#pragma clang loop unroll(disable)'}


def _clang_pragmas(text: str) -> str:
    """Move each UNROLL or PIPELINE from inside its loop to in front of it, in clang's words."""
    lines: list[str] = []
    for line in text.splitlines():
        words = line.split()
        kind = words[2] if words[:2] == ['#pragma', 'HLS'] and len(words) > 2 else ''
        if kind in _PRAGMAS and lines and lines[-1].lstrip().startswith('for ('):
            lines.insert(len(lines) - 1, _PRAGMAS[kind])
        else:
            lines.append(line)
    return '\n'.join(lines) + '\n'


def llvm_ir(project: Path, name: str = 'myproject') -> str:
    """LLVM IR of a written project in which only the loops over the reuse factor are still loops."""
    work = project / 'llvm'
    shutil.copytree(project / 'firmware', work)
    for header in (work / 'nnet_utils').glob('*.h'):
        header.write_text(_clang_pragmas(header.read_text()))
    command = [
        str(CLANG), *_FLAGS.split(), '-S', '-emit-llvm', '-include', str(precompiled_header(_FLAGS, str(CLANG))),
        # Functions are inlined whatever their size, as the INLINE pragmas ask.
        '-mllvm', '-pragma-unroll-threshold=10000000', '-mllvm', '-inline-threshold=20000',
        '-I', str(work / 'ap_types'), '-o', str(work / 'out.ll'), str(work / f'{name}.cpp'),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=7200)
    return (work / 'out.ll').read_text()


def multiplications(ir: str) -> int:
    """Multiply instructions: products of two variables; products with a constant are addresses."""
    return len(re.findall(r'= mul (?:nuw |nsw )*i\d+ %\S+, %', ir))


def choice_sizes(ir: str) -> set[int]:
    """Sizes of the arrays of numbers that live beside a loop: wires that the cycle chooses from among them."""
    return {int(size) for size in re.findall(r'alloca \[(\d+) x %\S*ap_fixed', ir)}
