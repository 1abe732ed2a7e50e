"""Reports of tools as rows of a table, with the columns of the synthesis data that the benchmarks read."""

from pathlib import Path

from hls4ml_hwprune.report.tool_reports import AREA, CYCLES, csynth_tree, read_tool_report
from hls4ml_hwprune.tools import VITIS_HLS, VIVADO_HLS

_TEXTS = {
    'tool_version': 'ReportVersion/Version',
    'part': 'UserAssignments/Part',
    'clock_ns': 'UserAssignments/TargetClockPeriod',
    'clock_unc_ns': 'UserAssignments/ClockUncertainty',
    'module': 'UserAssignments/TopModelName',
    'latency_min': CYCLES['latency_min'],
    'latency_max': CYCLES['latency_max'],
    'ii_min': 'PerformanceEstimates/SummaryOfOverallLatency/Interval-min',
    'ii_max': CYCLES['ii'],
}
_RESOURCES = {name.removesuffix('18'): tags for name, tags in AREA.items()}
_UNIT = 'BRAM_18K'
#: Columns of a row.
TOOL_COLUMNS = ('file', 'tool', *_TEXTS, *_RESOURCES, 'bram_unit', 'stage')
# Version from which Vivado HLS is Vitis HLS.
_VITIS_SINCE = '2020.2'


def read_csynth_row(path: Path) -> dict[str, str]:
    """Read one report of HLS.

    Parameters
    ----------
    path : Path
        `*_csynth.xml` of a solution's `syn/report`.

    Returns
    -------
    dict of str to str
        By column; empty where the report says nothing, as of latencies that the tool does not know ('undef', '?').

    Raises
    ------
    ConfigError
        If the file is no such report.
    """
    _, root, area = csynth_tree(path)
    row = {name: (root.findtext(tag) or '').strip() for name, tag in _TEXTS.items()}
    row = {name: '' if text in ('undef', '?', '-') else text for name, text in row.items()}
    for name, tags in _RESOURCES.items():
        row[name] = next((text for tag in tags if (text := (area.findtext(tag) or '').strip())), '')
    tool = VITIS_HLS if row['tool_version'] >= _VITIS_SINCE else VIVADO_HLS
    return {'file': path.name, 'tool': tool, **row, 'bram_unit': _UNIT, 'stage': 'csynth'}


def read_vsynth_row(path: Path) -> dict[str, str]:
    """Read one report of logic synthesis, the text of `report_utilization`.

    Returns
    -------
    dict of str to str
        By column; block RAM in units of 18 Kb.

    Raises
    ------
    ConfigError
        If the file is no such report.
    """
    found = read_tool_report(path)
    figures = {name: f'{found.figures[key]:g}' for name, key in zip(_RESOURCES, AREA, strict=True) if key in found.figures}
    row = dict.fromkeys(TOOL_COLUMNS, '') | figures
    return row | {
        'file': path.name,
        'tool': 'Vivado',
        'tool_version': found.tool,
        'module': found.module,
        'bram_unit': _UNIT,
        'stage': found.stage,
    }
