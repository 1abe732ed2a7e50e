"""Cases of plans: a random network pruned by a random block, applied again, planned again, and written twice."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.errors import ConfigError, HWPruneError, InfeasibleError
from hls4ml_hwprune.host.graph import read_layers
from tests.fuzz import checks
from tests.fuzz.blocks import at_figures, random_block
from tests.fuzz.networks import Network, random_network

# How errors name the least that can be reached.
_LEAST = re.compile(r'(\w+) is bounded by .*?, but ([\d.,]+) is the least')
_KEYS = {'dsp': 'DSP', 'bram18': 'BRAM', 'uram': 'URAM', 'lut': 'LUT', 'ff': 'FF'}


def with_block(network: Network, block: dict[str, Any]) -> dict[str, Any]:
    """Return the network's configuration with the flow and a block."""
    model = {**network.config['Model'], 'HWPrune': block}
    return {**network.config, 'Model': model, 'Flows': [f'{network.backend.lower()}:hwprune']}


def convert_by_block(network: Network, block: dict[str, Any], output: Path) -> tuple[Any, dict[str, Any]]:
    """Convert a network, and return it with its block: without `Packing` where a layer cannot have it.

    Raises
    ------
    InfeasibleError
        If the block's bounds cannot be met.
    """
    try:
        return network.convert(output, with_block(network, block)), block
    except InfeasibleError as error:
        checks.check_error(error)
        assert not output.exists(), 'a project folder was left after an error'
        raise
    except ConfigError as error:
        # An accumulator that saturates has an order of sums, which some packings change.
        checks.check_error(error)
        assert 'HWPrune.Packing' in str(error) and 'Packing' in block, str(error)
        assert not output.exists(), 'a project folder was left after an error'
        return convert_by_block(network, {key: value for key, value in block.items() if key != 'Packing'}, output)


def check(rng: Generator, folder: Path) -> None:
    """Run one case."""
    network = random_network(rng)
    plain = network.convert_plainly(folder / 'plain')
    checks.check_estimate(plain)
    layers = [layer.name for layer in read_layers(plain) if layer.kernels and not layer.skipped]
    block = random_block(rng, hls4ml_hwprune.estimate(plain), layers)
    try:
        model, block = convert_by_block(network, block, folder / 'pruned')
    except InfeasibleError as error:
        _check_infeasible(network, plain, block, error, folder)
        return
    plan = hls4ml_hwprune.get_plan(model)
    checks.check_plan(plan, model)
    checks.check_dependence(network, plan, plain)
    files = checks.written(model, folder / 'pruned')
    shutil.rmtree(folder / 'pruned')
    again = checks.written(network.convert(folder / 'pruned', with_block(network, block)), folder / 'pruned')
    assert not (found := checks.differences(files, again)), f'not the same bytes twice: {found}'
    check_again(network, plan, files, folder)
    check_replanned(network, plan, block, folder)


def check_again(network: Network, plan: Plan, files: dict[str, bytes], folder: Path) -> None:
    """A plan that was saved and is applied gives the same firmware."""
    plan.save(folder / 'plan.json')
    output = folder / 'applied'
    model = network.convert(output, with_block(network, {'Plan': str(folder / 'plan.json'), 'Stage': plan.stage}))
    applied = hls4ml_hwprune.get_plan(model)
    checks.check_plan(applied, model)
    written = checks.written(model, output)
    found = [name for name in checks.differences(files, written) if name.startswith('firmware/')]
    assert not found, f'a plan that is applied again gives other firmware: {found}'


def check_replanned(network: Network, plan: Plan, block: dict[str, Any], folder: Path) -> None:
    """At its own figures a plan is feasible, the bound is above it, and what is found is no worse."""
    own = at_figures(block, checks.whole_figures(plan))
    try:
        model, _ = convert_by_block(network, own, folder / 'replanned')
    except HWPruneError as error:
        raise AssertionError(f'refused at its own figures {own}: {error}') from error
    again = hls4ml_hwprune.get_plan(model)
    checks.check_plan(again, model)
    least = plan.importance * (1 - 1e-6)
    assert again.bound >= least, f'bound {again.bound} at the figures of a plan of importance {plan.importance}; {own}'
    assert again.importance >= least, f'importance {again.importance} after {plan.importance} at its own figures {own}'


def _check_infeasible(network: Network, plain: Any, block: dict[str, Any], error: Exception, folder: Path) -> None:
    """The design as it is fits its own figures, and the least that an error names can be reached."""
    stage = block.get('Stage', 'vsynth')
    design = hls4ml_hwprune.estimate(plain, stage).design
    unpruned = {**design.resources.as_dict(), 'latency': design.latency_max, 'ii': design.ii}
    own = at_figures(block, {name: int(np.ceil(value - 1e-9)) for name, value in unpruned.items()})
    bounds = [own]
    for name, least in _LEAST.findall(str(error)):
        cycles = {'latency': 'Latency', 'II': 'II'}.get(name)
        alone = {key: value for key, value in block.items() if key in ('Packing', 'ReuseFactor', 'Exclude', 'Stage')}
        amount = int(float(least.replace(',', '')))
        bounds.append({**alone, **({cycles: amount} if cycles else {'Budget': {_KEYS[name.lower()]: amount}})})
    for number, possible in enumerate(bounds):
        try:
            convert_by_block(network, possible, folder / f'possible{number}')
        except HWPruneError as refusal:
            raise AssertionError(f'{possible} must be possible, but: {refusal}; first: {error}') from refusal
