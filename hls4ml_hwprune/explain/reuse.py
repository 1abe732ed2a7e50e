"""Legal reuse factors of each kernel, and their effect on DSPs and cycles."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hls4ml_hwprune.explain.finding import Finding
from hls4ml_hwprune.records import Kernel, Layer
from hls4ml_hwprune.resources import kernel_resources, kernel_reuse_factors, layer_cycles

# Factors beside the configured one.
_LISTED = 2


def explain_reuse(layers: Sequence[Layer], stage: str) -> Iterator[Finding]:
    """List the reuse factors next to the configured one, with the DSPs of the kernel and the interval of its layer.

    hls4ml's issues 163 and 446 ask for them: a factor that is not legal is replaced by another one.
    """
    for layer in layers:
        for kernel in layer.kernels:
            if kernel.strategy == 'resource' and kernel.kept is None and not layer.skipped:
                near = _near(kernel)
                rows = [_row(layer, kernel, factor, stage) for factor in near]
                others = f'; {len(kernel_reuse_factors(kernel)) - len(near)} others' if len(near) > 1 else ''
                yield Finding('reuse', str(kernel.key), f'ReuseFactor {kernel.reuse_factor}: {"; ".join(rows)}{others}')


def _near(kernel: Kernel) -> list[int]:
    legal = sorted({*kernel_reuse_factors(kernel), kernel.reuse_factor})
    place = legal.index(kernel.reuse_factor)
    return legal[max(0, place - _LISTED) : place + _LISTED + 1]


def _row(layer: Layer, kernel: Kernel, factor: int, stage: str) -> str:
    other = replace(kernel, reuse_factor=factor)
    kernels = tuple(other if one.key == kernel.key else one for one in layer.kernels)
    _, latency, interval = layer_cycles(replace(layer, kernels=kernels))
    return f'{factor} -> {kernel_resources(other, stage).dsp:.0f} DSP, latency {latency}, II {interval}'
