"""Reports of Vivado HLS and Vitis HLS, 2019.1 to 2025.2, as rows with the columns of shared/data/synthesis.

    python -m benchmarks.report_files <folder with *_csynth.xml> [--output rows.csv]

One row a report: a layer, or a part of one. The XML beside each text report is read: but for the name of the DSPs its tags
are the same in all versions, and the tables of the text are not.
"""

import argparse
import csv
import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.report.tool_reports import AREA, CYCLES, csynth_tree

logger = logging.getLogger(__name__)
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
COLUMNS = ('file', 'tool', *_TEXTS, *_RESOURCES, 'bram_unit', 'stage')
# Version from which Vivado HLS is Vitis HLS.
_VITIS_SINCE = '2020.2'


def read_report(path: Path) -> dict[str, str]:
    """Read one report.

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
    tool = 'Vitis HLS' if row['tool_version'] >= _VITIS_SINCE else 'Vivado HLS'
    return {'file': path.name, 'tool': tool, **row, 'bram_unit': 'BRAM_18K', 'stage': 'csynth'}


def read_folder(folder: Path) -> Iterator[dict[str, str]]:
    """Read all reports below a folder, in the order of their paths; files that are none are named in the log."""
    for path in sorted(folder.rglob('*_csynth.xml')):
        try:
            yield read_report(path)
        except ConfigError as error:
            logger.warning('%s', error)


def main() -> int:
    """Write the rows; 1 if there is no report."""
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0] if __doc__ else None)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--output', type=Path, help='a CSV file; default: the standard output')
    arguments = parser.parse_args()
    rows: list[Mapping[str, str]] = list(read_folder(arguments.folder))
    if not rows:
        logger.error('there is no *_csynth.xml below %s', arguments.folder)
        return 1
    with arguments.output.open('w', newline='') if arguments.output else sys.stdout as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return 0


if __name__ == '__main__':
    sys.exit(main())
