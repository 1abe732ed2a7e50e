"""`hwprune diff`: differences of two plans, kernel by kernel, and of their designs."""

from collections.abc import Mapping
from typing import Any

import click

from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.options import json_option
from hls4ml_hwprune.cli.output import show
from hls4ml_hwprune.tables import Row, layout

_FIGURES = ('dsp', 'bram18', 'uram', 'lut', 'ff')


@click.command()
@click.argument('first', shell_complete=file_names)
@click.argument('second', shell_complete=file_names)
@json_option
def diff(first: str, second: str, as_json: bool) -> None:
    """Show the differences of two plans.

    FIRST and SECOND are files of `Plan.save` or `hwprune plan -o`.
    """
    from hls4ml_hwprune import Plan

    one, other = Plan.load(first), Plan.load(second)
    designs = {name: (used, _uses(other)[name]) for name, used in _uses(one).items()}
    kernels = _kernels(one, other)
    rows = [Row(name, [f'{a:g}', f'{b:g}', f'{b - a:+g}']) for name, (a, b) in designs.items()]
    lines = layout(['first', 'second', 'change'], rows)
    changed = [
        Row(f'{name}, {key}', [_shown(a), _shown(b)]) for name, changes in kernels.items() for key, (a, b) in changes.items()
    ]
    lines += ['', *layout(['first', 'second'], changed)] if changed else ['', 'the kernels are the same']
    text = '\n'.join(lines)
    show(text, {'design': designs, 'kernels': kernels}, as_json=as_json)


def _uses(plan: Any) -> dict[str, float]:
    used = {name: getattr(plan.after, name) for name in _FIGURES}
    return used | {
        'latency': plan.timing_after.latency_max,
        'ii': plan.timing_after.ii,
        'kept %': round(plan.percent_kept, 2),
    }


def _kernels(one: Any, other: Any) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Differences by kernel, and by figure."""
    first, second = ({str(kernel.key): _facts(kernel) for kernel in plan.kernels} for plan in (one, other))
    found = {}
    for name in (*first, *(name for name in second if name not in first)):
        a: Mapping[str, Any] = first.get(name, {})
        b: Mapping[str, Any] = second.get(name, {})
        changes = {key: (a.get(key), b.get(key)) for key in {**a, **b} if a.get(key) != b.get(key)}
        if changes and name in first and name in second:
            same = [kernel.mask for plan in (one, other) for kernel in plan.kernels if str(kernel.key) == name]
            if same[0].shape == same[1].shape:
                changes['weights kept by one alone'] = (int((same[0] & ~same[1]).sum()), int((same[1] & ~same[0]).sum()))
        if changes:
            found[name] = changes
    return found


def _facts(kernel: Any) -> dict[str, Any]:
    return {
        'packing': kernel.packing,
        'RF': kernel.reuse_factor,
        'slots': kernel.n_kept,
        'weights': int(kernel.mask.sum()),
        'DSP': kernel.after.dsp,
        'moved': kernel.values is not None,
        'fingerprint': kernel.fingerprint,
    }


def _shown(value: Any) -> str:
    return '-' if value is None else str(value)[:20]
