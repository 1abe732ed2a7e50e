"""Reports of Vivado HLS, Vitis HLS and Vivado, 2019.1 to 2025.2: resources and cycles as the tool states them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from hls4ml_hwprune.errors import ConfigError

#: Tags of cycles in reports of HLS.
CYCLES = {
    'latency_min': 'PerformanceEstimates/SummaryOfOverallLatency/Best-caseLatency',
    'latency_max': 'PerformanceEstimates/SummaryOfOverallLatency/Worst-caseLatency',
    'ii': 'PerformanceEstimates/SummaryOfOverallLatency/Interval-max',
}
#: Tags of resources there, the newest first.
AREA = {'dsp': ('DSP', 'DSP48E'), 'bram18': ('BRAM_18K',), 'lut': ('LUT',), 'ff': ('FF',), 'uram': ('URAM',)}
# Rows of `report_utilization`: the whole, not the parts below it.
_UTILIZATION = {
    'lut': r'(?:CLB|Slice) LUTs\*?',
    'ff': r'(?:CLB|Slice) Registers|Register as Flip Flop',
    'bram18': r'Block RAM Tile',
    'uram': r'URAM',
    'dsp': r'DSPs|DSP Slices',
}
_MOST_BYTES = 2**26


@dataclass(frozen=True)
class ToolReport:
    """Figures of one report.

    Attributes
    ----------
    path : Path
    stage : str
        'csynth' or 'vsynth'.
    tool : str
        Version that the report names; empty where it names none.
    module : str
        Name of the design or function; empty where the report names none.
    figures : mapping of str to float
        'dsp', 'bram18', 'uram', 'lut', 'ff', 'latency_min', 'latency_max', 'ii', as far as the report has them.
    """

    path: Path
    stage: str
    tool: str
    module: str
    figures: Mapping[str, float]


def read_tool_report(path: Path) -> ToolReport:
    """Read a report of HLS (`*_csynth.xml`) or of logic synthesis (text of `report_utilization`).

    Raises
    ------
    ConfigError
        If the file is neither.
    """
    if not path.is_file():
        raise ConfigError(f'{path}: there is no such report')
    if path.stat().st_size > _MOST_BYTES:
        raise ConfigError(f'{path}: too large for a report')
    return _csynth(path) if path.suffix.lower() == '.xml' else _utilization(path)


def find_tool_reports(folder: Path, project: str) -> list[Path]:
    """Find the reports of a project below its folder: of HLS for the whole design, and of logic synthesis."""
    found = sorted(folder.rglob(f'{project}_csynth.xml')) or sorted(folder.rglob('csynth.xml'))
    return found[:1] + sorted(folder.rglob('vivado_synth.rpt'))[:1]


def csynth_tree(path: Path) -> tuple[str, ElementTree.Element, ElementTree.Element]:
    """Read a report of HLS: its version, the whole, and the resources in it.

    Raises
    ------
    ConfigError
        If the file is no such report.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise ConfigError(f'{path}: not XML: {error}') from error
    area, version = root.find('AreaEstimates/Resources'), (root.findtext('ReportVersion/Version') or '').strip()
    if area is None or not version:
        raise ConfigError(f'{path}: no csynth report: it has no version or no AreaEstimates')
    return version, root, area


def _csynth(path: Path) -> ToolReport:
    version, root, area = csynth_tree(path)
    texts = {name: root.findtext(tag) for name, tag in CYCLES.items()}
    texts |= {name: next((text for tag in tags if (text := area.findtext(tag))), None) for name, tags in AREA.items()}
    module = (root.findtext('UserAssignments/TopModelName') or '').strip()
    return ToolReport(path, 'csynth', version, module, _numbers(texts))


def _utilization(path: Path) -> ToolReport:
    text = path.read_text('utf-8', errors='replace')
    texts: dict[str, str | None] = {}
    for name, title in _UTILIZATION.items():
        row = re.search(rf'^\|\s*(?:{title})\s*\|\s*([\d.,]+)\s*\|', text, re.MULTILINE)
        texts[name] = row[1].replace(',', '') if row else None
    figures = _numbers(texts)
    if 'lut' not in figures:
        raise ConfigError(f'{path}: no utilization report of Vivado: it has no row of CLB LUTs or Slice LUTs')
    # Vivado counts tiles of 36 Kb.
    figures |= {'bram18': 2 * figures['bram18']} if 'bram18' in figures else {}
    version = re.search(r'Tool Version\s*:\s*Vivado v\.?(\S+)', text)
    design = re.search(r'^\| Design\s*:\s*(\S+)', text, re.MULTILINE)
    return ToolReport(path, 'vsynth', version[1] if version else '', design[1] if design else '', figures)


def _numbers(texts: Mapping[str, str | None]) -> dict[str, float]:
    """Keep the texts that are numbers: tools write 'undef' or '?' for cycles that they do not know."""
    found = {}
    for name, text in texts.items():
        try:
            found[name] = float(str(text).strip())
        except ValueError:
            continue
    return found
