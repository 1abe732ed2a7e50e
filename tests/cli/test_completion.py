"""Completion of words by shells: names of subcommands, options and files, without loading anything heavy."""

import os
import subprocess
import sys

import pytest

pytest.importorskip('click')
from click.shell_completion import ShellComplete

from hls4ml_hwprune.cli.app import COMMANDS, hwprune


def completed(words, incomplete):
    complete = ShellComplete(hwprune, {}, 'hwprune', '_HWPRUNE_COMPLETE')
    return [item.value for item in complete.get_completions(words, incomplete)]


def test_names_of_subcommands():
    assert completed([], '') == list(COMMANDS)
    assert completed([], 'es') == ['estimate']
    assert completed([], 'ex') == ['explain']
    assert completed(['-q'], 'swe') == ['sweep']


@pytest.mark.parametrize(
    ('command', 'incomplete', 'found'),
    [
        ('sweep', '--sch', ['--scheduler']),
        ('plan', '--bud', ['--budget']),
        ('convert', '--reuse', ['--reuse-factor']),
        ('qualify', '--b', ['--backend']),
        ('report', '--r', ['--rows']),
    ],
)
def test_options(command, incomplete, found):
    assert completed([command], incomplete) == found


def test_words_of_options():
    assert completed(['plan', 'model.h5', '--packing'], 'al') == ['aligned']
    assert completed(['plan', 'model.h5', '--backend'], 'Vitis') == ['Vitis']
    assert completed(['plan', 'model.h5', '--io'], 'io_s') == ['io_stream']
    assert completed(['plan', 'model.h5', '--budget'], 'D') == ['DSP=']


@pytest.mark.parametrize('name', ['model', 'weights', 'output', 'calibration', 'plan'])
def test_files_are_left_to_the_shell(name):
    complete = ShellComplete(hwprune, {}, 'hwprune', '_HWPRUNE_COMPLETE')
    words = ['plan'] if name == 'model' else ['plan', f'--{name}']
    assert [item.type for item in complete.get_completions(words, 'mod')] == ['file']


@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_the_shell_asks_and_is_answered(shell):
    """As the script of each shell does it; no deep-learning framework, nor hls4ml, is loaded meanwhile."""
    asked = {'bash': 'hwprune par', 'zsh': 'hwprune par', 'fish': 'par'}[shell]
    code = (
        'import sys, atexit; from hls4ml_hwprune.cli.app import hwprune\n'
        'atexit.register(lambda: print(sorted({"hls4ml", "tensorflow", "ortools"} & set(sys.modules)), file=sys.stderr))\n'
        'hwprune(prog_name="hwprune")'
    )
    environment = {
        'COMP_WORDS': asked if shell != 'fish' else 'hwprune par',
        'COMP_CWORD': 'par' if shell == 'fish' else '1',
    }
    environment |= {'_HWPRUNE_COMPLETE': f'{shell}_complete'}
    result = subprocess.run(
        [sys.executable, '-c', code], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    assert 'parts' in result.stdout and 'plan' not in result.stdout
    assert result.stderr.strip() == '[]'


@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_the_script_of_a_shell(shell):
    environment = {**os.environ, '_HWPRUNE_COMPLETE': f'{shell}_source'}
    command = [sys.executable, '-m', 'hls4ml_hwprune']
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert f'_HWPRUNE_COMPLETE={shell}_complete' in text
