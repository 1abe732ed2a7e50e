"""Loss of accuracy over the share of DSPs, as a figure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy_results import DENSE, Result

# Okabe and Ito: told apart by all eyes.
_COLOURS = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9')
_MARKERS = 'osD^vP'
_PANEL = (4.2, 3.6)


def save_figure(results: Sequence[Result], path: Path) -> None:
    """Draw a panel for each group and reuse factor: a thin line for each network, a thick one for the mean.

    Reuse factors with one share alone are left out where the group has others.
    """
    from matplotlib.figure import Figure

    measured = [r for r in results if r.method != DENSE and not r.problem]
    panels = _panels(measured)
    if not panels:
        raise ValueError('nothing was measured but dense firmware')
    methods = list(dict.fromkeys(r.method for r in measured))
    figure = Figure(figsize=(_PANEL[0] * len(panels), _PANEL[1] + 0.4), layout='constrained')
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, ((group, reuse_factor), found) in zip(axes, panels.items(), strict=True):
        for number, method in enumerate(methods):
            _draw(axis, [r for r in found if r.method == method], method, number)
        n_networks = len({r.case for r in found})
        axis.set_title(f'{group}, reuse factor {reuse_factor}\n{n_networks} network{"s" * (n_networks > 1)}', fontsize=10)
        _finish(axis, sorted({r.share for r in found}))
    axes[0].set_ylabel('accuracy lost, points')
    lines, labels = axes[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc='outside lower center', ncols=len(methods), frameon=False)
    figure.savefig(path, dpi=150)


def _panels(results: Sequence[Result]) -> dict[tuple[str, int], list[Result]]:
    panels: dict[tuple[str, int], list[Result]] = {}
    for result in results:
        panels.setdefault((result.group, result.reuse_factor), []).append(result)
    curves = {key: found for key, found in panels.items() if len({r.share for r in found}) > 1}
    with_curves = {group for group, _ in curves}
    return {key: found for key, found in panels.items() if key in curves or key[0] not in with_curves}


def _draw(axis: Any, results: Sequence[Result], method: str, number: int) -> None:
    colour, marker = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
    for case in dict.fromkeys(r.case for r in results):
        axis.plot(*_curve([r for r in results if r.case == case]), color=colour, alpha=0.25, linewidth=0.8)
    axis.plot(*_curve(results), color=colour, marker=marker, markersize=4.5, linewidth=1.8, label=method)


def _curve(results: Sequence[Result]) -> tuple[list[float], list[float]]:
    shares = sorted({r.share for r in results})
    return shares, [float(np.mean([r.loss for r in results if r.share == share])) for share in shares]


def _finish(axis: Any, shares: Sequence[float]) -> None:
    # Losses of a tenth of a point and of half of all samples are to be seen in one panel.
    axis.set_yscale('symlog', linthresh=1, linscale=0.7)
    axis.set_yticks([-1, 0, 1, 2, 5, 10, 20, 50], labels=['-1', '0', '1', '2', '5', '10', '20', '50'])
    axis.set_ylim(-1.5, 80)
    axis.minorticks_off()
    axis.set_xticks(shares, labels=[f'{share:g}' for share in shares])
    axis.set_xlabel('share of the DSPs')
    axis.axhline(0, color='0.4', linewidth=0.8)
    axis.grid(color='0.9', linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[['top', 'right']].set_visible(False)
