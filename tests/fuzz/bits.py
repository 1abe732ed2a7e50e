"""Cases of firmware: random networks side by side, pruned and compiled, against plain hls4ml with weights set to zero."""

import copy
from pathlib import Path
from typing import Any

from numpy.random import Generator

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.host.graph import read_layers
from tests.fuzz import checks
from tests.fuzz.blocks import random_block
from tests.fuzz.firmware import FirmwareFails, compiled_together, is_defined, outputs
from tests.fuzz.networks import Network, Unsupported, random_network
from tests.fuzz.planning import convert_by_block, with_block
from tests.host.firmware.projects import zero_like

_PARTS = 4


def check(rng: Generator, folder: Path) -> None:
    """Run one case."""
    network = random_network(rng, _PARTS)
    unpruned = network.convert_plainly(folder / 'unpruned')
    layers = [layer.name for layer in read_layers(unpruned) if layer.kernels and not layer.skipped]
    block = random_block(rng, hls4ml_hwprune.estimate(unpruned), layers)
    try:
        model, block = convert_by_block(network, block, folder / 'pruned')
    except InfeasibleError:
        # As it is, with reuse factors of the plan's choice: dead structure and other reuse factors are enough to compare.
        block = {'ReuseFactor': 'auto', 'Device': {'DSP': 10**6, 'BRAM18': 10**6, 'LUT': 10**9, 'FF': 10**9}}
        model = network.convert(folder / 'pruned', with_block(network, block))
    plan = hls4ml_hwprune.get_plan(model)
    checks.check_plan(plan, model)
    plain = network.convert(folder / 'plain', plain_configuration(network, unpruned, plan))
    zero_like(plain, plan)
    x = network.samples(rng)
    compiled = compiled_together([model, plain])
    try:
        expected = outputs(plain, x, compiled=compiled)
    except FirmwareFails as error:
        raise Unsupported(str(error)) from None
    found = outputs(model, x, compiled=compiled)
    for name, ours, theirs in zip(network.model.output_names, found, expected, strict=True):
        differing = int((ours != theirs).sum())
        if differing and not is_defined(plain, x, expected):
            raise Unsupported('outputs of the plain firmware depend on memory that is not set')
        assert not differing, f'{name}: {differing} of {theirs.size} values differ; {block}, {network.options}'


def plain_configuration(network: Network, unpruned: Any, plan: Plan) -> dict[str, Any]:
    """Configuration of the plain project, at the reuse factors of the plan: where sums saturate, their order follows them.

    hls4ml's io_parallel convolutions are wrong for a reuse factor above window x channels; sums and their order are the same
    at window x channels.
    """
    config = copy.deepcopy(network.config)
    chosen = {kernel.layer: kernel.reuse_factor for kernel in plan.kernels}
    for layer in read_layers(unpruned):
        for kernel in layer.kernels if 'Conv' in layer.kind or layer.name in chosen else ():
            factor = chosen.get(layer.name, kernel.reuse_factor)
            wrong = 'Conv' in layer.kind and kernel.strategy == 'resource' and factor > kernel.n_in
            if wrong and network.options['io_type'] == 'io_parallel':
                factor = kernel.n_in
            config['LayerName'].setdefault(layer.name, {})['ReuseFactor'] = factor
    return config
