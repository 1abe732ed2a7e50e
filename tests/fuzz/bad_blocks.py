"""Cases of malformed configurations: the error is the package's, names the key, and comes before anything is written."""

from pathlib import Path
from typing import Any

import yaml
from numpy.random import Generator

import hls4ml_hwprune
from hls4ml_hwprune.errors import InfeasibleError
from tests.fuzz import checks
from tests.fuzz.layer_lists import base_config, convert, without_blocks
from tests.fuzz.mutations import ODD, PLAIN, damaged, damaged_text, misspelt
from tests.fuzz.networks import Unsupported


def check(rng: Generator, folder: Path) -> None:
    """Run one case."""
    config, path = _damaged_config(rng)
    output = folder / 'project'
    if rng.random() < 0.3:
        output.mkdir()
        (output / 'mine.txt').write_text('not to be touched')
    before = checks.snapshot(folder)
    try:
        model = convert(config, output)
    except Exception as error:
        _check_plain(config, folder / 'plain')
        checks.check_error(error)
        assert checks.snapshot(folder) == before, f'files were written before the error: {error}'
        words = [str(key).lower() for key in path if isinstance(key, str)]
        # What is well-formed may still be more than can be had.
        named = isinstance(error, InfeasibleError) or any(word in str(error).lower() for word in words)
        assert named or not words, f'{path} is not named: {error}'
        return
    block = config['Model'].get('HWPrune') if isinstance(config.get('Model'), dict) else None
    assert block, f'converted without a block under Model: {config}'
    checks.check_plan(hls4ml_hwprune.get_plan(model), model)


def _damaged_config(rng: Generator) -> tuple[Any, tuple[Any, ...]]:
    """A configuration, and the keys on the way to the damage where it is known."""
    config, form = base_config(rng), rng.random()
    if form < 0.1:
        config['Model'][misspelt(rng, 'HWPrune')] = config['Model'].pop('HWPrune')
        return config, ('HWPrune',)
    if form < 0.15:
        config['HWPrune'] = config['Model'].pop('HWPrune')
        return config, ('HWPrune',)
    if form < 0.35:
        try:
            text = yaml.safe_load(damaged_text(rng, yaml.safe_dump(config, allow_unicode=True)))
        except (yaml.YAMLError, ValueError) as error:
            raise Unsupported(f'YAML says it: {type(error).__name__}') from None
        if not isinstance(text, dict):
            raise Unsupported('no mapping: hls4ml says it')
        return text, ()
    scope = [('Model', 'HWPrune'), ('LayerName', 'fc1', 'HWPrune'), ('LayerType', 'Dense', 'HWPrune'), ('Model',)]
    where = scope[rng.choice(4, p=[0.65, 0.15, 0.1, 0.1])]
    values = PLAIN if rng.random() < 0.7 else ODD
    parent = config
    for key in where[:-1]:
        parent = parent[key]
    # hls4ml infers types without end where the default type is to be inferred.
    precision = config['Model'].pop('Precision')
    parent[where[-1]], path = damaged(rng, parent[where[-1]], values)
    config['Model']['Precision'] = precision
    return config, (*where, *path)[1:]


def _check_plain(config: dict[str, Any], output: Path) -> None:
    """Leave out what hls4ml itself refuses."""
    try:
        convert(without_blocks(config), output, flow=False)
    except Exception as error:
        raise Unsupported(f'{type(error).__name__}: {error}') from None
