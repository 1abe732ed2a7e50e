"""Each example runs as a user would run it, and reaches the accuracy that it is there to show."""

import json
import re
import sys
import tempfile
from pathlib import Path

import pytest
import yaml

from tests.scripts import run_script

EXAMPLES = Path(__file__).resolve().parents[1] / 'examples'
HLS4ML = Path(sys.executable).with_name('hls4ml')
SPARSE_HEADERS = Path('firmware') / 'nnet_utils'
PARAMETERS = Path('firmware') / 'parameters.h'

pytest.importorskip('tensorflow', reason='the examples train with TensorFlow')
pytest.importorskip('sklearn', reason="the examples' data come with scikit-learn")


def run(command, folder, status=0):
    """Run in `folder` and return all that was printed."""
    with tempfile.NamedTemporaryFile('r') as printed:
        found = run_script(command, folder, Path(printed.name))
        text = printed.read()
    assert found == status, text[-4000:]
    return text


def accuracies(printed, name=''):
    """Accuracies by what was measured, of the line that begins with `name`."""
    (line,) = re.findall(rf'^{name}accuracy on the test split: (.*)$', printed, re.MULTILINE)
    return {key.strip(): float(value) for key, value in re.findall(r'([A-Za-z ]+) (\d\.\d+)', line)}


def check_project(folder):
    """A sparse project with its report, within its budget; return the report."""
    report = json.loads((folder / 'hwprune_report.json').read_text())
    assert report['budget']
    for name, limit in report['budget'].items():
        assert report['after'][name] <= limit < report['before'][name]
    included = set(re.findall(r'#include "nnet_utils/(\w*sparse\w*\.h)"', (folder / PARAMETERS).read_text()))
    assert included
    assert included <= {path.name for path in (folder / SPARSE_HEADERS).glob('*.h')}
    return report


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Folder in which `train_digits.py` ran, and what it printed."""
    folder = tmp_path_factory.mktemp('trained')
    return folder, run([EXAMPLES / 'train_digits.py'], folder)


def test_training(trained):
    folder, printed = trained
    for name, least in (('mlp', 0.95), ('cnn', 0.96)):
        assert accuracies(printed, f'{name}: ')['Keras'] >= least
        assert (folder / 'demo_output' / f'{name}.h5').exists()


@pytest.mark.parametrize('name', ['mlp', 'cnn'])
def test_command_line(trained, name):
    folder, _ = trained
    printed = run([HLS4ML, 'convert', '-c', EXAMPLES / f'{name}.yml'], folder)
    assert 'whole design, after' in printed
    report = check_project(folder / 'demo_output' / name)
    # Dead structure may give back more than a proof counts on.
    assert report['objective'] >= 0.98 * report['bound']
    assert any(kernel['n_kept'] < kernel['n_slots'] for kernel in report['kernels'])
    if name == 'cnn':
        assert 'conv1' in report['not_pruned']


def test_command_line_refuses_a_wrong_budget(trained, tmp_path):
    folder, _ = trained
    config = yaml.safe_load((EXAMPLES / 'mlp.yml').read_text())
    config['OutputDir'] = str(tmp_path / 'project')
    config['HLSConfig']['Model']['HWPrune']['Budget'] = {'DPS': '0.6x'}
    (tmp_path / 'wrong.yml').write_text(yaml.safe_dump(config))
    printed = run([HLS4ML, 'convert', '-c', tmp_path / 'wrong.yml'], folder, status=1)
    assert "unknown resource 'DPS'" in printed
    assert not (tmp_path / 'project').exists()


def test_demo(tmp_path):
    printed = run([EXAMPLES / 'demo.py', '--output', tmp_path / 'out'], tmp_path)
    assert 'whole design, after' in printed
    assert 'bit-exact: all 4500 outputs' in printed
    measured = accuracies(printed)
    assert measured['Keras'] >= 0.95
    assert measured['dense firmware'] >= 0.95
    assert measured['pruned firmware'] >= 0.93
    check_project(tmp_path / 'out' / 'mlp')
    page = tmp_path / 'out' / 'mlp' / 'hwprune_report.html'
    assert page.is_file() and printed.splitlines()[-1] == f'report to look at: {page}'


def test_pruning_with_training(tmp_path):
    printed = run([EXAMPLES / 'digits_training.py', '--output', 'out', '--epochs', '15'], tmp_path)
    measured = accuracies(printed)
    assert measured['Keras'] >= 0.93
    assert measured['pruned firmware'] >= 0.9
    report = check_project(tmp_path / 'out' / 'mlp_trained')
    assert report['after']['dsp'] <= 0.12 * sum(kernel['n_slots'] for kernel in report['kernels'])


def check_comparisons(printed, folder, least):
    for name, dense, pruned in least:
        measured = accuracies(printed, f'{name}: ')
        assert measured['Keras'] >= dense
        assert measured['dense firmware'] >= dense
        assert measured['pruned firmware'] >= pruned
        check_project(folder / 'out' / f'{name}_pruned')


@pytest.mark.slow
def test_keras(tmp_path):
    printed = run([EXAMPLES / 'digits_keras.py', '--output', 'out'], tmp_path)
    check_comparisons(printed, tmp_path, (('mlp', 0.95, 0.93), ('cnn', 0.96, 0.94)))


@pytest.mark.slow
def test_qkeras(tmp_path):
    pytest.importorskip('qkeras', reason='this example trains with QKeras')
    printed = run([EXAMPLES / 'digits_qkeras.py', '--output', 'out'], tmp_path)
    check_comparisons(printed, tmp_path, (('qmlp', 0.95, 0.93), ('qcnn', 0.96, 0.93)))
