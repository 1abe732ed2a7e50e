"""Plausible mistakes on the command line: one line that says what to do, and nothing is written."""

import pytest

PART = ('--part', 'xcvu13p-flga2577-2-e')
#: Arguments, and words of the message.
MISTAKES = [
    (('plan',), "Missing argument 'MODEL'"),
    (('paln', '@model.h5'), "no command 'paln'"),
    (('plan', 'gone.h5'), 'there is no such file'),
    (('plan', '@modell.h5'), 'model.h5'),
    (('plan', '@notes.txt'), 'no model file'),
    (('plan', '@broken.h5'), 'no Keras network'),
    (('plan', '@arch_weights.h5'), 'weights without an architecture'),
    (('plan', '@arch.json', '--weights', 'gone.h5'), 'there is no such file'),
    (('plan', '@model.h5', '--weights', '@arch_weights.h5'), 'goes with a .json architecture'),
    (('plan', '@.'), 'no hls4ml project'),
    (('plan', '@bad.yml'), 'bad.yml, line 1'),
    (('plan', '@empty.yml'), 'names a network'),
    (('plan', '@misspelt.yml'), 'KerasModel'),
    (('plan', '@gone.yml'), 'gone.h5'),
    (('plan', '@model.h5', '--part', 'xcvu14p'), 'xcvu14p'),
    (('plan', '@model.h5', *PART, '--backend', 'Vivdo'), 'Vivado'),
    (('plan', '@model.h5', *PART, '--backend', 'Quartuss'), 'Quartuss'),
    (('plan', '@model.h5', *PART, '--clock', 'fast'), "'fast' is not a valid float"),
    (('plan', '@model.h5', *PART, '--clock', '-5'), 'ClockPeriod'),
    (('plan', '@model.h5', *PART, '--io', 'io_paralel'), 'io_parallel'),
    (('plan', '@model.h5', *PART, '--rf', '0'), 'ReuseFactor'),
    (('plan', '@model.h5', *PART, '--rf', 'two'), 'ReuseFactor'),
    (('plan', '@model.h5', *PART, '--strategy', 'Resorce'), 'Resource'),
    (('plan', '@model.h5', *PART, '--precision', 'ap_fixed<16'), 'ap_fixed<16'),
    (('plan', '@model.h5', *PART, '--budget', '0.5x'), 'NAME=VALUE'),
    (('plan', '@model.h5', *PART, '--budget', 'DSPS=0.5x'), 'DSP'),
    (('plan', '@model.h5', *PART, '--budget', 'DSP=half'), 'half'),
    (('plan', '@model.h5', *PART, '--budget', 'DSP=-4'), '-4'),
    (('plan', '@model.h5', *PART, '--budget', 'DSP=1'), 'the least that pruning reaches'),
    (('plan', '@model.h5', *PART, '--latency', '10 m'), 'Latency'),
    (('plan', '@model.h5', *PART, '--packing', 'alligned'), 'aligned'),
    (('plan', '@model.h5', *PART, '--minimize', 'DSP'), 'MinImportance'),
    (('plan', '@model.h5', *PART, '--calibration', 'gone.npy'), 'gone.npy'),
    (('plan', '@model.h5', *PART, '--budget', 'DSP=0.5x', '--calibration', '@wrong.npy'), 'Calibration'),
    (('plan', '@model.h5', *PART, '--exclude', 'fcc'), "'fcc'"),
    (('plan', '@model.h5', *PART, '--plan', '@plan.json'), 'is not a plan'),
    (('plan', '@model.h5', *PART, '--budgt', 'DSP=0.5x'), '--budget'),
    (('convert', '@model.h5', *PART, '-o', '@notes.txt'), 'is a file, not a folder'),
    (('init', '@model.h5', '-o', '@empty.yml'), 'is there already'),
    (('init', '@gone.yml'), 'gone.h5'),
    (('sweep', '@model.h5', *PART, '--over', 'DPS'), 'DSP'),
    (('sweep', '@model.h5', *PART, '--at', ','), 'no bound is given'),
    (('evaluate', '@model.h5', *PART), "Missing option '--samples'"),
    (('evaluate', '@model.h5', *PART, '--samples', '@wrong.npy'), 'evaluate'),
    (('diff', '@plan.json', '@plan.json'), 'is not a plan'),
    (('report', '.'), 'no hwprune_report.json'),
    (('parts', 'xc99'), 'xc99'),
]


@pytest.mark.parametrize(
    ('arguments', 'words'), MISTAKES, ids=lambda value: ' '.join(value) if isinstance(value, tuple) else ''
)
def test_one_line(arguments, words, run, tmp_path):
    result = run(*arguments)
    assert result.exit_code in (1, 2, 3), (result.exit_code, result.output, result.exception)
    lines = [line for line in result.stderr.splitlines() if line.startswith(('hwprune: ', 'Error: '))]
    assert len(lines) == 1 and words in lines[0], result.output
    assert 'Traceback' not in result.output
    assert not result.stdout
    assert not list(tmp_path.iterdir())


def test_a_budget_out_of_reach_has_a_code_of_its_own(run):
    assert run('plan', '@model.h5', *PART, '--budget', 'DSP=1').exit_code == 3
    assert run('plan', '@model.h5', *PART, '--packing', 'alligned').exit_code == 1
    assert run('plan').exit_code == 2


def test_debug_shows_the_place(run):
    from click.testing import CliRunner

    from hls4ml_hwprune.cli.app import hwprune

    result = CliRunner().invoke(hwprune, ['--debug', 'plan', 'gone.h5'])
    assert result.exc_info is not None and result.exc_info[0].__name__ == 'ConfigError'
