"""Loss of accuracy over the share of DSPs or the reuse factor, as a figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy_results import DENSE, Result

# Okabe and Ito: told apart by all eyes.
_COLOURS = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9')
_MARKERS = 'osD^vP'
_PANEL = (4.2, 3.6)


@dataclass(frozen=True)
class _Panel:
    """Results of a group over the share of DSPs at one reuse factor, or over the reuse factor at one share."""

    title: str
    over_shares: bool
    results: tuple[Result, ...]

    def x(self, result: Result) -> float:
        return result.share if self.over_shares else result.reuse_factor


def save_figure(results: Sequence[Result], path: Path) -> None:
    """Draw a panel for each group: a thin line for each network, a thick one for their mean.

    Losses are drawn over the share of DSPs, a panel for each reuse factor that has several; over the reuse factor where
    there is but one share.
    """
    from matplotlib.figure import Figure

    measured = [r for r in results if r.method != DENSE and not r.problem]
    panels = [panel for group in dict.fromkeys(r.group for r in measured) for panel in _panels(group, measured)]
    if not panels:
        raise ValueError('nothing was measured but dense firmware')
    methods = list(dict.fromkeys(r.method for r in measured))
    figure = Figure(figsize=(_PANEL[0] * len(panels), _PANEL[1] + 0.4), layout='constrained')
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, panel in zip(axes, panels, strict=True):
        for number, method in enumerate(methods):
            _draw(axis, panel, method, number)
        _finish(axis, panel)
    axes[0].set_ylabel('accuracy lost, points')
    lines, labels = axes[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc='outside lower center', ncols=len(methods), frameon=False)
    figure.savefig(path, dpi=150)


def _panels(group: str, measured: Sequence[Result]) -> Iterator[_Panel]:
    found = [r for r in measured if r.group == group]
    curves = {r.reuse_factor for r in found if any(o.reuse_factor == r.reuse_factor and o.share != r.share for o in found)}
    for reuse_factor in sorted(curves):
        title = f'{group}, reuse factor {reuse_factor}'
        yield _Panel(title, True, tuple(r for r in found if r.reuse_factor == reuse_factor))
    for share in [] if curves else sorted({r.share for r in found}):
        yield _Panel(f'{group}, {share:g}x DSP', False, tuple(r for r in found if r.share == share))


def _draw(axis: Any, panel: _Panel, method: str, number: int) -> None:
    colour, marker = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
    found = [r for r in panel.results if r.method == method]
    for case in dict.fromkeys(r.case for r in found):
        axis.plot(*_curve(panel, [r for r in found if r.case == case]), color=colour, alpha=0.25, linewidth=0.8)
    axis.plot(*_curve(panel, found), color=colour, marker=marker, markersize=4.5, linewidth=1.8, label=method)


def _curve(panel: _Panel, results: Sequence[Result]) -> tuple[list[float], list[float]]:
    ticks = sorted({panel.x(r) for r in results})
    return ticks, [float(np.mean([r.loss for r in results if panel.x(r) == tick])) for tick in ticks]


def _finish(axis: Any, panel: _Panel) -> None:
    n_networks = len({r.case for r in panel.results})
    axis.set_title(f'{panel.title}\nmean of {n_networks}' if n_networks > 1 else panel.title, fontsize=10)
    # Losses of a tenth of a point and of half of all samples are to be seen in one panel.
    axis.set_yscale('symlog', linthresh=1, linscale=0.7)
    axis.set_yticks([-1, 0, 1, 2, 5, 10, 20, 50], labels=['-1', '0', '1', '2', '5', '10', '20', '50'])
    axis.set_ylim(-1.5, 90)
    if not panel.over_shares:
        axis.set_xscale('log', base=2)
    axis.minorticks_off()
    ticks = sorted({panel.x(r) for r in panel.results})
    axis.set_xticks(ticks, labels=[f'{tick:g}' for tick in ticks])
    axis.set_xlabel('share of the DSPs' if panel.over_shares else 'reuse factor')
    axis.axhline(0, color='0.4', linewidth=0.8)
    axis.grid(color='0.9', linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[['top', 'right']].set_visible(False)
