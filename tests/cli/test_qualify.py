"""`hwprune qualify` with a program in place of the tool: one command, and rows of the reports that came out."""

import csv
import json
import os
import shutil
import subprocess
import sys
import tarfile

import pytest

pytest.importorskip('click')
from click.testing import CliRunner

from hls4ml_hwprune.cli.app import hwprune
from hls4ml_hwprune.qualification.cases import CASES
from hls4ml_hwprune.report.tool_rows import TOOL_COLUMNS
from tests.test_report_files import NEW, OLD, REPORT

UTILIZATION = """| Tool Version : Vivado v.2023.2 (lin64) Build 4029153
| Design       : myproject
| CLB LUTs*      | 1,020 |     0 |          0 |    274080 |  0.21 |
| CLB Registers  |  400 |     0 |          0 |    548160 |  0.07 |
| Block RAM Tile |  4.5 |     0 |          0 |       912 |  0.49 |
| URAM           |    0 |     0 |          0 |         0 |  0.00 |
| DSPs           |   17 |     0 |          0 |      2520 |  0.67 |
"""
# The tool: reports of the whole and of a part, and the words that it was called with.
PROGRAM = """#!/bin/sh
case $PWD in *{broken}) echo broken; exit 3;; esac
echo "$0 $*"
folder=myproject_prj/solution1/syn/report
mkdir -p $folder
cp {reports}/whole.xml $folder/myproject_csynth.xml
cp {reports}/whole.xml $folder/dense_config2_csynth.xml
cp {reports}/vivado_synth.rpt .
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `hwprune` in an empty folder; there are no model files, and so no framework that makes them."""
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(hwprune, ['-q', *words], prog_name='hwprune')


@pytest.fixture(scope='module')
def qualified(tmp_path_factory):
    """What the command says, and the folder in which it wrote `designs`, by back end: once for all tests."""
    made = {}

    def of(backend):
        if backend not in made:
            folder = tmp_path_factory.mktemp('qualified')
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(sys.modules, 'keras', None)
                patch.chdir(folder)
                words = ['-q', 'qualify', 'designs', '--backend', backend]
                made[backend] = done(CliRunner().invoke(hwprune, words, prog_name='hwprune')), folder
        return made[backend]

    return of


@pytest.fixture
def write_designs(qualified, tmp_path):
    """Have the designs of a back end in `designs`; what the command said."""

    def write(backend='Vitis'):
        said, folder = qualified(backend)
        shutil.copytree(folder / 'designs', tmp_path / 'designs')
        return said

    return write


@pytest.fixture
def tool(tmp_path_factory, monkeypatch):
    """Put a program of a name on the PATH; returns a function of its name, its report and the design that it fails for."""
    folder = tmp_path_factory.mktemp('tool')

    def make(name, report, broken='none'):
        (folder / 'whole.xml').write_text(REPORT.format(**report))
        (folder / 'vivado_synth.rpt').write_text(UTILIZATION)
        (folder / name).write_text(PROGRAM.format(reports=folder, broken=broken))
        (folder / name).chmod(0o755)
        monkeypatch.setenv('PATH', f'{folder}:{os.environ["PATH"]}')

    return make


def done(result):
    assert result.exit_code == 0, result.output
    return result.stdout


def synthesise(folder, *designs):
    return subprocess.run(['sh', str(folder / 'run.sh'), *designs], capture_output=True, text=True, check=False)


def rows_of(path):
    with path.open(newline='') as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    ('backend', 'program', 'report'),
    [('Vitis', 'vitis-run', NEW), ('Vitis', 'vitis_hls', NEW), ('Vivado', 'vivado_hls', OLD)],
)
def test_one_command_and_rows(backend, program, report, run, write_designs, tool, tmp_path):
    folder = tmp_path / 'designs'
    tool(program, report)
    assert f'{len(CASES)} designs written: designs' in write_designs(backend)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*(case.name for case in CASES), 'run.sh'])
    result = synthesise(folder)
    assert result.returncode == 0, result.stderr
    log = (folder / CASES[0].name / 'synthesis.log').read_text()
    assert program in log and 'build_prj.tcl' in log
    steps = (folder / CASES[0].name / 'build_opt.tcl').read_text() if backend == 'Vitis' else log
    assert 'vsynth' in steps and 'csim=1' not in steps

    # On another machine, from the archive alone.
    with tarfile.open(folder / 'reports.tar.gz') as archive:
        archive.extractall(tmp_path / 'received', filter='data')
    text = done(run('report', 'received', '--rows', 'rows.csv'))
    assert text == f'{3 * len(CASES)} rows of {len(CASES)} designs written: rows.csv\n'
    rows = rows_of(tmp_path / 'rows.csv')
    assert set(TOOL_COLUMNS) <= set(rows[0])
    assert {(row['stage'], row['level']) for row in rows} == {('csynth', 'model'), ('csynth', 'layer'), ('vsynth', 'model')}
    for case in CASES:
        csynth, vsynth, part = (row for row in rows if row['design'] == case.name)
        assert (csynth['dsp'], csynth['bram'], csynth['lut'], csynth['ff'], csynth['ii_max']) == (
            '7',
            '3',
            '2684',
            '25',
            '2',
        )
        assert (csynth['tool_version'], csynth['part']) == (report['version'], report['part'])
        assert (vsynth['dsp'], vsynth['bram'], vsynth['lut'], vsynth['tool']) == ('17', '9', '1020', 'Vivado')
        assert (csynth['strategy'], csynth['reuse_factor'], csynth['io_type']) == (
            case.strategy,
            str(case.reuse_factor),
            case.io_type,
        )
        assert not part['dsp_predicted'] and bool(csynth['packings']) == (case.packing is not None)
        for row, stage in ((csynth, 'csynth'), (vsynth, 'vsynth')):
            assert predicted(folder / case.name, stage) == [
                float(row[f'{name}_predicted']) for name in ('dsp', 'bram', 'lut')
            ]


def predicted(folder, stage):
    """DSP, BRAM18 and LUT that the reports of the package have."""
    if (folder / 'hwprune_estimate.json').is_file():
        estimates = json.loads((folder / 'hwprune_estimate.json').read_text())['estimates']
        figures = next(one['design'] for one in estimates if one['stage'] == stage)
    else:
        content = json.loads((folder / 'hwprune_report.json').read_text())
        figures = content['after' if stage == content['stage'] else 'listed_after']
    return [figures[name] for name in ('dsp', 'bram18', 'lut')]


def test_pruned_designs_are_smaller_than_their_twins(run, tmp_path):
    done(run('qualify', 'designs', '--part', 'xc7z020clg400-1', '--clock', '10'))
    plain = ''
    for case in CASES:
        plain = case.name if case.packing is None else plain
        pair = [predicted(tmp_path / 'designs' / name, 'vsynth')[0] for name in (case.name, plain)]
        assert pair[0] <= pair[1] / 2 if case.packing else pair[0] > 0, case.name
    for path in (tmp_path / 'designs').rglob('*'):
        assert not path.is_file() or str(tmp_path).encode() not in path.read_bytes(), path


def test_a_design_that_fails_is_named_and_the_others_are_kept(run, write_designs, tool, tmp_path):
    folder, broken = tmp_path / 'designs', CASES[1].name
    write_designs()
    tool('vitis_hls', NEW, broken)
    first, second = CASES[0].name, CASES[1].name
    result = synthesise(folder, first, second)
    assert result.returncode == 1 and result.stderr.strip().endswith(f'each: {broken}')
    # The tool is right again: designs that are done are left alone.
    tool('vitis_hls', NEW)
    assert synthesise(folder, first, second).stdout.splitlines() == [second, 'reports.tar.gz has the reports']
    (folder / second / 'myproject_prj/solution1/syn/report/myproject_csynth.xml').write_text('cut o')
    result = run('report', 'designs', '--rows', 'rows.csv')
    assert '5 rows of 2 designs' in done(result) and 'no reports of' in result.stdout
    assert 'not XML' in result.stderr


def test_without_the_tools_nothing_is_claimed(run, write_designs, tmp_path, monkeypatch):
    write_designs()
    monkeypatch.setenv('PATH', '/usr/bin:/bin')
    result = synthesise(tmp_path / 'designs')
    assert result.returncode == 1 and 'none of vitis-run, v++, vitis_hls is on the PATH' in result.stderr
    result = run('report', 'designs', '--rows', 'rows.csv')
    assert result.exit_code == 1 and 'no report of a tool is below it' in result.stderr
    assert not (tmp_path / 'rows.csv').exists()


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (('--backend', 'Vitsi'), 'Vitis'),
        (('--backend', 'Quartus'), 'Vivado or Vitis'),
        (('--part', 'xcvu14p'), 'xcvu14p'),
        (('--clock', '-1'), 'ClockPeriod'),
        (('--clock', 'nan'), 'ClockPeriod'),
    ],
)
def test_bad_arguments_write_nothing(arguments, words, run, tmp_path):
    result = run('qualify', 'designs', *arguments)
    assert result.exit_code == 1 and len(result.stderr.splitlines()) == 1 and words in result.stderr
    assert not list(tmp_path.iterdir())


def test_folders_that_cannot_be(run, tmp_path):
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full' / 'file').touch()
    (tmp_path / 'empty').mkdir()
    for folder, words in (('full', 'is there already'), ('full/file', 'is there already'), ('gone/designs', 'no folder')):
        result = run('qualify', folder)
        assert result.exit_code == 1 and words in result.stderr and len(result.stderr.splitlines()) == 1
    done(run('qualify', 'empty'))
    assert sorted(path.name for path in tmp_path.iterdir()) == ['empty', 'full']
    for arguments, words in (
        (('full', '--rows', 'rows.csv'), 'is there or below'),
        (('empty', 'some.xml', '--rows', 'rows.csv'), 'leave some.xml out'),
    ):
        assert words in run('report', *arguments).stderr


def test_nothing_is_half_written(run, tmp_path, monkeypatch):
    from hls4ml_hwprune.errors import HWPruneError
    from hls4ml_hwprune.qualification import folder

    def fail(*arguments):
        raise HWPruneError('no room')

    monkeypatch.setattr(folder, 'run_script', fail)
    assert 'no room' in run('qualify', 'designs').stderr
    assert not list(tmp_path.iterdir())


def test_no_framework_is_needed(tmp_path):
    """hls4ml's writer asks for Keras where it is installed; here nothing of it is."""
    code = (
        'import sys; sys.modules.update(dict.fromkeys(("tensorflow", "keras", "torch")))\n'
        'from hls4ml_hwprune.cli.app import hwprune\n'
        f'hwprune(["-q", "qualify", {str(tmp_path / "designs")!r}], standalone_mode=False)'
    )
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert 'designs written' in result.stdout
