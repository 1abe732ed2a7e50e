"""Figures; matplotlib is imported when the first is drawn."""

from collections.abc import Sequence
from pathlib import Path

from hls4ml_hwprune.errors import HWPruneError

_TITLES = {'dsp': 'DSP', 'bram18': 'BRAM18', 'uram': 'URAM', 'lut': 'LUT', 'ff': 'FF', 'latency': 'latency', 'ii': 'II'}
_CYCLES = ('latency', 'ii')


def draw_front(
    path: str | Path, points: Sequence[tuple[float, float]], front: Sequence[tuple[float, float]], measure: str, stage: str
) -> None:
    """Draw kept importance over the use of a resource.

    Parameters
    ----------
    path : str or Path
        Its suffix names the format.
    points, front : sequence of (float, float)
        Use, and importance in percent, of all plans and of those that no other beats.
    measure : str
        What is used.
    stage : str
        Whose figures are estimated.

    Raises
    ------
    HWPruneError
        If matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise HWPruneError('figures need matplotlib: pip install "hls4ml_hwprune[plots]"') from None
    figure = Figure(figsize=(6, 4), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.step([use for use, _ in front], [kept for _, kept in front], where='post', color='tab:blue')
    axes.scatter([use for use, _ in points], [kept for _, kept in points], s=18, color='tab:blue', zorder=2)
    unit = 'cycles, ' if measure in _CYCLES else ''
    axes.set_xlabel(f'{_TITLES[measure]} ({unit}estimated, {stage})')
    axes.set_ylabel('importance kept (%)')
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    # No dates and no random names: the same plans give the same file.
    dated = {'.svg': 'Date', '.pdf': 'CreationDate'}.get(Path(path).suffix.lower())
    with rc_context({'svg.hashsalt': _TITLES[measure]}):
        try:
            figure.savefig(path, dpi=150, metadata={dated: None} if dated else None)
        except (OSError, ValueError) as error:
            raise HWPruneError(f'the figure cannot be written to {str(path)!r}: {error}') from None
