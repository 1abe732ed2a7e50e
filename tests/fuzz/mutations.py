"""Random damage to plain data and to text."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

#: Values that YAML and JSON files can hold where something else is meant.
PLAIN: list[Any] = [
    *(None, True, False, -1, 0, 1, 3, 0.5, 0.6, 1.5, -0.0, 1e-300, 1e308, 2**63, 10**30, 10**400),
    *(float('nan'), float('inf'), float('-inf')),
    *(
        '',
        ' ',
        'abc',
        '0.5x',
        '50%',
        '-5%',
        '0x10',
        '1e3',
        '5 ns',
        '-5 ns',
        'nan',
        'inf',
        'auto',
        'AUTO',
        'none',
        'l1',
        'Dense',
    ),
    *('\N{ARABIC-INDIC DIGIT THREE}', 'a\nb', '\x00', 'x' * 5000, '/', '..'),
    *([], [[]], [None], [1, 'a'], ['fc1'], ['fc9'], [0] * 1000),
    *({}, {'DSP': 1}, {'DSP': '0.5x'}, {'dsp': 1}, {1: 2}, {None: None}, {'a': {'b': {'c': 1}}}),
]
#: Other values that Python can give.
ODD: list[Any] = [
    *(10**5000, b'abc', 1j, np.float32(0.5), np.int64(7), np.array(0.5), np.zeros((3, 3))),
    *((), (1, 2), {1, 2}, range(3), Path('a'), object(), len, float, Exception('a\nb')),
]


def paths(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Ways to everything in nested dicts and lists."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from paths(value, (*path, key))


def damaged(rng: Generator, data: Any, values: list[Any]) -> tuple[Any, tuple[Any, ...]]:
    """Copy of nested dicts and lists with one thing put out of order, and the way to it."""
    data = copy.deepcopy(data)
    ways = list(paths(data))
    path = ways[rng.integers(len(ways))]
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    key, form = path[-1], rng.random()
    if form < 0.6:
        parent[key] = values[rng.integers(len(values))]
    elif form < 0.7:
        del parent[key]
    elif form < 0.85 and isinstance(parent, dict) and isinstance(key, str):
        parent[misspelt(rng, key)] = parent.pop(key)
    elif form < 0.93:
        parent[key] = [parent[key]]
    else:
        parent[key] = {str(key): parent[key]}
    return data, path


def misspelt(rng: Generator, word: str) -> str:
    """`word` in another case, or with a letter more, less or elsewhere."""
    place = int(rng.integers(len(word)))
    before, behind = word[:place], word[place:]
    made = [word.lower(), word.upper(), word.swapcase(), before + behind[1:], f'{before}q{behind}', f'{word}s']
    made.append(before + behind[:2][::-1] + behind[2:])
    others = [one for one in made if one != word]
    return others[rng.integers(len(others))]


def damaged_text(rng: Generator, text: str) -> str:
    """`text` with a line or some characters lost, repeated, changed or moved."""
    form, place = rng.random(), int(rng.integers(max(1, len(text))))
    lines = text.splitlines()
    line = int(rng.integers(max(1, len(lines))))
    if form < 0.2:
        return text[:place]
    if form < 0.4:
        return text[:place] + str(rng.choice(list('\'"{}[]:,-#&*!|>%@\t\n\x01éx0'))) + text[place + int(rng.integers(2)) :]
    if form < 0.55:
        return '\n'.join(lines[:line] + lines[line + 1 :])
    if form < 0.7:
        return '\n'.join(lines[: line + 1] + lines[line:])
    if form < 0.85:
        return '\n'.join(lines[:line] + ['  ' + one for one in lines[line : line + 1]] + lines[line + 1 :])
    return '\n'.join(lines[:line] + [one.lstrip() for one in lines[line : line + 1]] + lines[line + 1 :])


def damaged_bytes(rng: Generator, data: bytes) -> bytes:
    """`data` cut off, with some bytes changed, or with something before or behind it."""
    form, place = rng.random(), int(rng.integers(max(1, len(data))))
    if form < 0.3:
        return data[:place]
    if form < 0.8:
        changed = bytearray(data)
        for _ in range(int(rng.integers(1, 5))):
            changed[int(rng.integers(len(changed)))] = int(rng.integers(256))
        return bytes(changed)
    other = rng.bytes(int(rng.integers(1, 50)))
    return other + data if form < 0.9 else data + other
