"""Subcommands of `hwprune`: the same results as the functions of the package."""

import json
import subprocess
import sys

import pytest
import yaml

import hls4ml_hwprune

PART = ('--part', 'xcvu13p-flga2577-2-e')


def done(result):
    assert result.exit_code == 0, result.output
    return result.stdout


def test_estimate(run):
    text = done(run('estimate', '@model.h5', *PART))
    assert max(map(len, text.splitlines())) <= 80
    data = json.loads(done(run('estimate', '@model.h5', *PART, '--json')))
    assert data['design']['dsp'] == 24 + 9 + 3
    finer = json.loads(done(run('estimate', '@model.h5', *PART, '--rf', '1', '--strategy', 'Latency', '--json')))
    assert finer['design']['ii'] == 1


def test_a_plan_is_saved_and_applied(run, tmp_path):
    budget = ('--budget', 'DSP=0.5x,LUT=50%')
    shown = json.loads(done(run('plan', '@model.h5', *PART, *budget, '-o', 'plan.json', '--json')))
    plan = hls4ml_hwprune.Plan.load('plan.json')
    assert plan.after.dsp == shown['after']['dsp'] <= plan.before.dsp / 2
    text = done(run('convert', '@model.h5', *PART, '--plan', 'plan.json', '-o', 'project'))
    assert text.endswith('project written: project\n')
    assert max(map(len, text.splitlines())) <= 80
    report = json.loads((tmp_path / 'project' / 'hwprune_report.json').read_text())
    assert report['after'] == shown['after']
    assert [kernel['n_kept'] for kernel in report['kernels']] == [kernel.n_kept for kernel in plan.kernels]


def test_a_project_and_an_architecture_are_models_too(run):
    done(run('convert', '@arch.json', *PART, '--budget', 'DSP=0.6x', '-o', 'project'))
    pruned = json.loads(done(run('estimate', 'project', '--json')))
    assert pruned['design']['dsp'] <= 0.6 * 36
    whole = json.loads(done(run('explain', 'project', '--json')))
    assert any(one['topic'] == 'reuse' for one in whole)


def test_init_writes_what_convert_and_hls4ml_read(run, tmp_path):
    done(run('init', '@model.h5', *PART, '-o', 'config.yml'))
    assert (tmp_path / 'config.yml').read_text().count('#') > 5
    keys = yaml.safe_load((tmp_path / 'config.yml').read_text())
    assert keys['HLSConfig']['Model']['HWPrune'] == {'Budget': {'DSP': '0.5x'}}
    ours = json.loads(done(run('plan', 'config.yml', '--json')))
    import hls4ml

    theirs = hls4ml_hwprune.get_plan(hls4ml.converters.convert_from_config(keys))
    assert ours['after'] == theirs.after.as_dict()
    # Options go before the file.
    smaller = json.loads(done(run('plan', 'config.yml', '--budget', 'DSP=0.3x', '--json')))
    assert smaller['after']['dsp'] < ours['after']['dsp']


def test_sweep(run):
    data = json.loads(done(run('sweep', '@model.h5', *PART, '--at', '12,0.9x', '--json')))
    assert [point['budget'] for point in data] == [{'DSP': 12}, {'DSP': '0.9x'}]
    assert data[0]['plan']['after']['dsp'] <= 12
    assert 'DSP 12' in done(run('sweep', '@model.h5', *PART, '--at', '12'))


def test_evaluate(run):
    data = json.loads(
        done(run('evaluate', '@model.h5', *PART, '--budget', 'DSP=0.5x', '--samples', '@samples.npz', '--json'))
    )
    assert data['n_samples'] == 60
    assert 0 <= data['accuracy'] <= 1 and 0 < data['agreement'] <= 1


def test_explain_traces_the_firmware(run):
    found = json.loads(
        done(run('explain', '@model.h5', '--precision', 'ap_fixed<6,2>', '--samples', '@samples.npz', '--json'))
    )
    layers = {one['layer'] for one in found if one['topic'] == 'answers'}
    assert {'fc_relu', 'out', 'softmax'} <= layers
    assert any(one['cure'] for one in found if one['topic'] == 'answers')


def test_diff(run):
    for name, budget in (('a.json', '20'), ('b.json', '12')):
        done(run('plan', '@model.h5', *PART, '--budget', f'DSP={budget}', '-o', name))
    data = json.loads(done(run('diff', 'a.json', 'b.json', '--json')))
    assert data['design']['dsp'][1] < data['design']['dsp'][0]
    assert 'the kernels are the same' in done(run('diff', 'a.json', 'a.json'))


def test_parts(run):
    assert 'xc7z020' in done(run('parts', 'pynq-z2'))
    every = json.loads(done(run('parts', '--json')))
    assert len(every) > 100


@pytest.mark.parametrize('arguments', [['--help'], ['parts', 'xc7z020'], ['diff', '--help'], ['report', '--help']])
def test_nothing_heavy_is_loaded(arguments):
    code = (
        'import sys; from hls4ml_hwprune.cli.app import hwprune\n'
        f'hwprune({arguments!r}, standalone_mode=False)\n'
        'print(*sorted({"hls4ml", "tensorflow", "torch", "ortools", "keras"} & set(sys.modules)), file=sys.stderr)'
    )
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == ''


def test_the_module_is_the_command():
    result = subprocess.run(
        [sys.executable, '-m', 'hls4ml_hwprune', '--version'], capture_output=True, text=True, check=True
    )
    assert hls4ml_hwprune.__version__ in result.stdout
