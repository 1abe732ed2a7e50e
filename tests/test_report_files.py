"""Rows of csynth reports: the XML of Vivado HLS and of Vitis HLS up to 2025.2."""

import csv
import sys

import pytest

from benchmarks import report_files
from hls4ml_hwprune.report.tool_rows import TOOL_COLUMNS, read_csynth_row

REPORT = """<profile>
<ReportVersion><Version>{version}</Version></ReportVersion>
<UserAssignments>
<unit>ns</unit><ProductFamily>zynquplus</ProductFamily><Part>{part}</Part><TopModelName>dense_latency_s</TopModelName>
<TargetClockPeriod>5.00</TargetClockPeriod><ClockUncertainty>{uncertainty}</ClockUncertainty>
</UserAssignments>
<PerformanceEstimates>
<SummaryOfOverallLatency>
<unit>clock cycles</unit><Best-caseLatency>{latency}</Best-caseLatency><Worst-caseLatency>{latency}</Worst-caseLatency>
<Interval-min>2</Interval-min><Interval-max>2</Interval-max>
</SummaryOfOverallLatency>
</PerformanceEstimates>
<AreaEstimates>
<Resources><BRAM_18K>3</BRAM_18K><{dsp}>7</{dsp}><FF>25</FF><LUT>2684</LUT><URAM>0</URAM></Resources>
<AvailableResources><BRAM_18K>288</BRAM_18K><{dsp}>1248</{dsp}><FF>234240</FF><LUT>117120</LUT></AvailableResources>
</AreaEstimates>
</profile>
"""
OLD = {'version': '2019.2', 'part': 'xcku115-flvb2104-2-i', 'uncertainty': '0.62', 'latency': '1', 'dsp': 'DSP48E'}
NEW = {'version': '2025.2', 'part': 'xck26-sfvc784-2LV-c', 'uncertainty': '1.35', 'latency': '1', 'dsp': 'DSP'}


@pytest.mark.parametrize(('report', 'tool'), [(OLD, 'Vivado HLS'), (NEW, 'Vitis HLS')])
def test_a_report_of_any_version_is_a_row(report, tool, tmp_path):
    (tmp_path / 'a_csynth.xml').write_text(REPORT.format(**report))
    row = read_csynth_row(tmp_path / 'a_csynth.xml')
    assert set(row) == set(TOOL_COLUMNS)
    assert (row['tool'], row['tool_version'], row['part']) == (tool, report['version'], report['part'])
    assert [row[name] for name in ('dsp', 'bram', 'lut', 'ff', 'uram')] == ['7', '3', '2684', '25', '0']
    assert [row[name] for name in ('latency_min', 'latency_max', 'ii_min', 'ii_max')] == ['1', '1', '2', '2']


def test_latencies_that_the_tool_does_not_know_are_empty(tmp_path):
    (tmp_path / 'a_csynth.xml').write_text(REPORT.format(**{**NEW, 'latency': 'undef'}))
    assert read_csynth_row(tmp_path / 'a_csynth.xml')['latency_max'] == ''


def test_a_folder_becomes_a_table(tmp_path, monkeypatch, caplog):
    folder = tmp_path / 'solution1' / 'syn' / 'report'
    folder.mkdir(parents=True)
    (folder / 'a_csynth.xml').write_text(REPORT.format(**NEW))
    (folder / 'b_csynth.xml').write_text(REPORT.format(**OLD))
    (folder / 'c_csynth.xml').write_text('<profile></profile>')
    (folder / 'd_csynth.xml').write_text('no report')
    monkeypatch.setattr(sys, 'argv', ['report_files', str(tmp_path), '--output', str(tmp_path / 'rows.csv')])
    assert report_files.main() == 0
    with (tmp_path / 'rows.csv').open(newline='') as stream:
        rows = list(csv.DictReader(stream))
    assert [row['file'] for row in rows] == ['a_csynth.xml', 'b_csynth.xml']
    assert 'c_csynth.xml: no csynth report' in caplog.text and 'd_csynth.xml: not XML' in caplog.text
    monkeypatch.setattr(sys, 'argv', ['report_files', str(tmp_path / 'nothing')])
    assert report_files.main() == 1
