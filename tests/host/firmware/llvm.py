"""Count the multiplications that emitted C++ asks for in one cycle, in clang's LLVM IR.

The weights stay opaque, because C simulation reads them from text files. HLS unroll pragmas become clang's, pipelined
loops stay loops, so that what is left in a loop's body is what the tool is asked to do in one cycle.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from tests.host.firmware.precompiled import precompiled_header
from tests.host.firmware.unit import firmware_of, space_of, unit_of

CLANG = shutil.which('clang++')
_FLAGS = '-std=c++14 -O2 -w -fno-slp-vectorize -fno-vectorize'
#: Multiply instructions of one product of more than 32 bits: ap_types first widens both factors to the product's width, and
#: so multiplies numbers of two words, by four partial products in each of two places.
WIDE = 8
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


def llvm_ir(models: Sequence[Any]) -> list[str]:
    """LLVM IR of each of some written projects, compiled as one; only loops over the reuse factor are still loops."""
    for header in (path for model in models for path in (firmware_of(model) / 'nnet_utils').glob('*.h')):
        header.write_text(_clang_pragmas(header.read_text()))
    folder = firmware_of(models[0])
    unit, out = folder / 'unit.cpp', folder / 'out.ll'
    # Without the functions for Python, which set the folder, its name would be a constant.
    text = unit_of(models, with_bridge=False)
    unit.write_text(text.replace('static const char *weights_folder', 'extern const char *weights_folder'))
    command = [
        str(CLANG), *_FLAGS.split(), '-S', '-emit-llvm', '-include', str(precompiled_header(_FLAGS, str(CLANG))),
        # Functions are inlined whatever their size, as the INLINE pragmas ask.
        '-mllvm', '-pragma-unroll-threshold=10000000', '-mllvm', '-inline-threshold=20000',
        '-I', str(folder / 'ap_types'), '-o', str(out), str(unit),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=7200)
    functions = re.findall(r'^define [^\n]*@([\w.$]+)\([^\n]*\n(.*?)^}', out.read_text(), re.DOTALL | re.MULTILINE)
    spaces = [space_of(number) for number in range(len(models))]
    return [''.join(text for name, text in functions if f'{len(space)}{space}' in name) for space in spaces]


def multiplications(ir: str) -> int:
    """Multiply instructions: products of two variables; products with a constant are addresses."""
    return len(re.findall(r'= mul (?:nuw |nsw )*i\d+ %\S+, %', ir))


def choice_sizes(ir: str) -> set[int]:
    """Sizes of the arrays of numbers that live beside a loop: wires that the cycle chooses from among them."""
    return {int(size) for size in re.findall(r'alloca \[(\d+) x %\S*ap_fixed', ir)}
