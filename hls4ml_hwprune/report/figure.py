"""Figure of kept importance over resource use; matplotlib is imported on the first call."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.files import shown_path, whole_file

_TITLES = {'dsp': 'DSP', 'bram18': 'BRAM18', 'uram': 'URAM', 'lut': 'LUT', 'ff': 'FF', 'latency': 'latency', 'ii': 'II'}
_CYCLES = ('latency', 'ii')


def draw_front(
    path: str | Path, points: Sequence[tuple[float, float]], front: Sequence[tuple[float, float]], measure: str, stage: str
) -> None:
    """Draw kept importance over the use of a resource.

    Parameters
    ----------
    path : str or Path
        Its suffix names the format; PNG without one.
    points, front : sequence of (float, float)
        Use, and importance in percent, of all plans and of the Pareto-optimal ones.
    measure : str
        Name of the resource, 'latency' or 'ii'.
    stage : str
        Stage of the estimates.

    Raises
    ------
    HWPruneError
        If matplotlib is not installed or does not know the format, or the file cannot be written.
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
    if Path(path).name and not Path(path).suffix:
        path = f'{path}.png'
    kind = Path(path).suffix.lower().removeprefix('.') or 'png'
    known = sorted(figure.canvas.get_supported_filetypes())
    if kind not in known:
        raise HWPruneError(f'the figure {shown_path(path)} is of no known format: {", ".join(known)}')
    dated = {'svg': 'Date', 'pdf': 'CreationDate'}.get(kind)
    drawn = BytesIO()
    with rc_context({'svg.hashsalt': _TITLES[measure]}):
        figure.savefig(drawn, format=kind, dpi=150, metadata={dated: None} if dated else None)
    with whole_file(path, 'the figure') as file:
        file.write(drawn.getvalue())
