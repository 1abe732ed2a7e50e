"""Fit of a design on its part."""

from collections.abc import Iterator

from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.explain.finding import Finding
from hls4ml_hwprune.resources import Estimate
from hls4ml_hwprune.resources.vector import TITLES

# Share of the LUTs beyond which place and route rarely ends well.
_CROWDED = 0.8


def explain_board(estimate: Estimate, device: Device) -> Iterator[Finding]:
    """Compare the estimate of a design with its part, resource by resource."""
    used = estimate.total
    shares = {name: getattr(used, name) / getattr(device, name) for name in TITLES if getattr(device, name, 0)}
    text = ', '.join(f'{TITLES[name]} {100 * share:.1f} %' for name, share in shares.items() if getattr(used, name))
    over = {name: share for name, share in shares.items() if share > 1}
    if not over:
        crowded = shares.get('lut', 0.0) > _CROWDED
        cure = 'HWPrune.Budget: {LUT: 70%} leaves room for place and route' if crowded else ''
        yield Finding('board', '', f'fits {device.name}: {text} (estimated, {estimate.stage})', cure)
        return
    for name, share in over.items():
        held = sorted(estimate.layers.items(), key=lambda item: -getattr(item[1].resources, name))[:3]
        by = ', '.join(f'{layer} {getattr(one.resources, name):.0f}' for layer, one in held)
        yield Finding(
            'board',
            '',
            f'{TITLES[name]}: {getattr(used, name):.0f} of the {getattr(device, name):,} of {device.name} '
            f'({100 * share:.0f} %), held by {by} (estimated, {estimate.stage})',
            'a higher ReuseFactor (HWPrune.ReuseFactor: auto finds it), or pruning: without a budget the part is the budget',
        )
