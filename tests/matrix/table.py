"""Table of the coverage in `docs/coverage.md`: written from outcomes, and read back."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.matrix.cells import BACKENDS, BOUND, COSTED, IO_TYPES, PRUNED, REFUSED, STRATEGIES, Cell, Outcome
from tests.matrix.layers import LAYERS

PATH = Path(__file__).parents[2] / 'docs' / 'coverage.md'
_HEAD = """# What is pruned, costed and refused

Made by `make coverage` from networks with one layer of each kind, which `make test-matrix` converts, compiles and compares
bit for bit with plain hls4ml 1.3.0 whose weights are zero where the plan has none; do not edit.

- **pruned**: the layer's slots are in the knapsack, and its sparse firmware is that of the plain project, bit for bit.
- **bound**: the layer has no slots to prune; where DSP blocks are short, its products are built from LUTs, bit for bit.
- **costed**: the layer counts in estimates and budgets, and passes through as hls4ml has it; the number tells why.
- **refused**: an error before anything is written; the number tells which.
- **-**: plain hls4ml does not convert, compile or run it.

VivadoAccelerator has the firmware of Vivado, within an AXI interface. Quartus has the Resource strategy alone, whatever is
configured.
"""
_COLUMNS = [(backend, io_type) for backend in BACKENDS for io_type in IO_TYPES]


def written(outcomes: Mapping[Cell, Outcome]) -> str:
    """Text of the page."""
    reasons: dict[str, int] = {}
    parts = [_HEAD]
    for strategy, factor in STRATEGIES.items():
        parts.append(f'## Strategy {strategy}, reuse factor {factor}\n')
        titles = [f'{backend} {io_type.removeprefix("io_")}' for backend, io_type in _COLUMNS]
        rows = [['layer', *titles], ['---'] * (len(titles) + 1)]
        for layer in LAYERS:
            found = [outcomes[Cell(layer, backend, io_type, strategy)] for backend, io_type in _COLUMNS]
            rows.append([layer, *(_shown(one, reasons) for one in found)])
        parts.append('\n'.join(f'| {" | ".join(row)} |' for row in rows) + '\n')
    parts.append('## Reasons\n')
    parts.append('\n'.join(f'{number}. {reason}' for reason, number in reasons.items()) + '\n')
    return '\n'.join(parts)


def _shown(found: Outcome, reasons: dict[str, int]) -> str:
    if found.word not in (PRUNED, BOUND, COSTED, REFUSED):
        return '-'
    number = f' ({reasons.setdefault(found.reason, len(reasons) + 1)})' if found.reason else ''
    return f'{found.word}{number}'


def read() -> dict[Cell, str]:
    """Words of the page that is there, by cell; '-' where hls4ml has no such layer."""
    found, strategy = {}, ''
    for line in PATH.read_text().splitlines():
        if title := re.match(r'## Strategy (\w+)', line):
            strategy = title[1]
        fields = [field.strip() for field in line.split('|')[1:-1]]
        if fields and fields[0] in LAYERS:
            words = (re.sub(r' \(\d+\)', '', field) for field in fields[1:])
            found |= {Cell(fields[0], *place, strategy): word for place, word in zip(_COLUMNS, words, strict=True)}
    return found
