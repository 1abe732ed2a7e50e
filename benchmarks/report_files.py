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
from hls4ml_hwprune.report.tool_rows import TOOL_COLUMNS, read_csynth_row

logger = logging.getLogger(__name__)


def read_folder(folder: Path) -> Iterator[dict[str, str]]:
    """Read all reports below a folder, in the order of their paths; files that are none are named in the log."""
    for path in sorted(folder.rglob('*_csynth.xml')):
        try:
            yield read_csynth_row(path)
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
        writer = csv.DictWriter(stream, TOOL_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return 0


if __name__ == '__main__':
    sys.exit(main())
