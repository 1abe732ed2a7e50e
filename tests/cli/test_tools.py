"""`hwprune build` and `hwprune report`: programs on the PATH, and reports of several versions."""

import json
import os
from pathlib import Path

import pytest

from hls4ml_hwprune.report.tool_reports import read_tool_report

CSYNTH = """<profile>
<ReportVersion><Version>{version}</Version></ReportVersion>
<UserAssignments><TopModelName>myproject</TopModelName></UserAssignments>
<PerformanceEstimates><SummaryOfOverallLatency>
<Best-caseLatency>20</Best-caseLatency><Worst-caseLatency>{latency}</Worst-caseLatency><Interval-max>4</Interval-max>
</SummaryOfOverallLatency></PerformanceEstimates>
<AreaEstimates><Resources>
<BRAM_18K>9</BRAM_18K><{dsp}>17</{dsp}><FF>500</FF><LUT>1200</LUT><URAM>0</URAM>
</Resources></AreaEstimates>
</profile>"""
UTILIZATION = """| Tool Version : Vivado v.2023.2 (lin64) Build 4029153
| Design       : myproject
|          Site Type         | Used | Fixed | Prohibited | Available | Util% |
| {lut}                   | 1,020 |     0 |          0 |    274080 |  0.21 |
|   LUT as Logic             |  700 |     0 |          0 |    274080 |  0.26 |
| {ff}              |  400 |     0 |          0 |    548160 |  0.07 |
| Block RAM Tile |  4.5 |     0 |          0 |       912 |  0.49 |
| URAM           |    0 |     0 |          0 |         0 |  0.00 |
| DSPs      |   17 |     0 |          0 |      2520 |  0.67 |
"""


@pytest.mark.parametrize(
    ('version', 'dsp'), [('2019.1', 'DSP48E'), ('2020.1', 'DSP48E'), ('2022.2', 'DSP'), ('2025.2', 'DSP')]
)
def test_csynth_of_all_versions(version, dsp, tmp_path):
    path = tmp_path / 'myproject_csynth.xml'
    path.write_text(CSYNTH.format(version=version, dsp=dsp, latency='undef'))
    found = read_tool_report(path)
    assert (found.stage, found.tool, found.module) == ('csynth', version, 'myproject')
    assert found.figures == {'latency_min': 20, 'ii': 4, 'dsp': 17, 'bram18': 9, 'lut': 1200, 'ff': 500, 'uram': 0}


@pytest.mark.parametrize(
    ('lut', 'ff'), [('CLB LUTs*', 'CLB Registers'), ('CLB LUTs', 'CLB Registers'), ('Slice LUTs*', 'Slice Registers')]
)
def test_logic_synthesis(lut, ff, tmp_path):
    path = tmp_path / 'vivado_synth.rpt'
    path.write_text(UTILIZATION.format(lut=lut, ff=ff))
    found = read_tool_report(path)
    assert (found.stage, found.tool, found.module) == ('vsynth', '2023.2', 'myproject')
    assert found.figures == {'lut': 1020, 'ff': 400, 'bram18': 9, 'uram': 0, 'dsp': 17}


@pytest.fixture
def project(run):
    assert (
        run('convert', '@model.h5', '--part', 'xczu9eg-ffvb1156-2-e', '--budget', 'DSP=0.5x', '-o', 'project').exit_code == 0
    )
    return Path('project')


def test_report(run, project):
    assert 'no report of a tool is below it' in run('report', 'project').stderr
    solution = project / 'myproject_prj' / 'solution1' / 'syn' / 'report'
    solution.mkdir(parents=True)
    (solution / 'myproject_csynth.xml').write_text(CSYNTH.format(version='2023.2', dsp='DSP', latency='30'))
    (project / 'vivado_synth.rpt').write_text(UTILIZATION.format(lut='CLB LUTs*', ff='CLB Registers'))
    result = run('report', 'project', '--json')
    assert result.exit_code == 0, result.output
    csynth, vsynth = json.loads(result.stdout).values()
    estimated = json.loads((project / 'hwprune_report.json').read_text())
    assert csynth['lut'] == {'estimated': estimated['listed_after']['lut'], 'reported': 1200}
    assert vsynth['dsp'] == {'estimated': estimated['after']['dsp'], 'reported': 17}
    text = run('report', 'project').stdout
    assert 'csynth, 2023.2' in text and 'vsynth, 2023.2' in text
    assert run('report', 'project', '@notes.txt').exit_code == 1


def test_build_says_that_no_tool_is_there(run, project, monkeypatch):
    monkeypatch.setenv('PATH', '/nowhere')
    result = run('build', 'project')
    assert result.exit_code == 1
    assert 'none of vitis-run, v++, vitis_hls is on the PATH' in result.stderr
    assert run('build', 'project', '--steps', 'snyth').exit_code == 1
    assert 'no such folder' in run('build', 'gone').stderr


@pytest.mark.parametrize('program', ['vitis-run', 'vitis_hls'])
def test_build_runs_the_tool(run, project, program, tmp_path, monkeypatch):
    programs = tmp_path / 'programs'
    programs.mkdir()
    (programs / program).write_text('#!/bin/sh\necho "$0 $*" > called; grep -c "vsynth *1" build_opt.tcl >> called\n')
    (programs / program).chmod(0o755)
    monkeypatch.setenv('PATH', f'{programs}:{os.environ["PATH"]}')
    result = run('build', 'project', '--steps', 'synth,vsynth')
    assert result.exit_code == 0, result.output
    called = (project / 'called').read_text()
    assert called.startswith(str(programs / program)) and 'build_prj.tcl' in called and called.endswith('1\n')
    (programs / program).write_text('#!/bin/sh\nexit 7\n')
    assert 'ended with code 7' in run('build', 'project').stderr
