"""Names whatever their case, nearest names, and budgets that say a count where a share was meant."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config import parse_settings
from hls4ml_hwprune.config.budget import parse_bound
from hls4ml_hwprune.errors import ConfigError
from tests import models


def settings_of(**block):
    return parse_settings({'Model': {'HWPrune': block}})


@pytest.mark.parametrize(
    ('block', 'same', 'note'),
    [
        ({'budget': {'DSP': 3}}, {'Budget': {'DSP': 3}}, "Model.HWPrune: 'budget' is read as Budget"),
        ({'Budget': {'dsp': 3}}, {'Budget': {'DSP': 3}}, "Model.HWPrune.Budget: 'dsp' is read as DSP"),
        ({'Budget': {'Bram36': 3}}, {'Budget': {'BRAM36': 3}}, "Model.HWPrune.Budget: 'Bram36' is read as BRAM36"),
        ({'time_limit': 3}, {'TimeLimit': 3}, "Model.HWPrune: 'time_limit' is read as TimeLimit"),
        ({'Packing': 'Aligned'}, {'Packing': 'aligned'}, "Model.HWPrune.Packing: 'Aligned' is read as aligned"),
        ({'Stage': 'CSYNTH'}, {'Stage': 'csynth'}, "Model.HWPrune.Stage: 'CSYNTH' is read as csynth"),
        ({'ReuseFactor': 'Auto'}, {'ReuseFactor': 'auto'}, "Model.HWPrune.ReuseFactor: 'Auto' is read as auto"),
        (
            {'Minimize': 'lut', 'MinImportance': 1},
            {'Minimize': 'LUT', 'MinImportance': 1},
            "Model.HWPrune.Minimize: 'lut' is read as LUT",
        ),
        (
            {'Device': {'dsp': 1, 'BRAM18': 2, 'LUT': 3, 'FF': 4}},
            {'Device': {'DSP': 1, 'BRAM18': 2, 'LUT': 3, 'FF': 4}},
            "Model.HWPrune.Device: 'dsp' is read as DSP",
        ),
    ],
)
def test_names_in_another_case_are_read_with_a_note(block, same, note):
    found = settings_of(**block)
    assert found == settings_of(**same)
    assert note in found.notes


def test_names_of_layers_blocks_too():
    found = parse_settings({'LayerName': {'fc1': {'HWPrune': {'packing': 'BRAM'}}}})
    assert found.for_layer('fc1', 'Dense').packing == 'bram'
    assert found.notes == (
        "LayerName.fc1.HWPrune: 'packing' is read as Packing",
        "LayerName.fc1.HWPrune.Packing: 'BRAM' is read as bram",
    )


def test_notes_are_logged_once_a_conversion(tmp_path, caplog):
    models.convert(models.mlp(), models.hls_config({'Budget': {'dsp': '0.5x'}}, ['vitis:hwprune']), tmp_path / 'project')
    assert caplog.text.count("'dsp' is read as DSP") == 1
    caplog.clear()
    config = models.hls_config()
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'dsp': '0.5x'})
    assert caplog.text.count("'dsp' is read as DSP") == 1
    assert config['Model']['HWPrune'] == {'Budget': {'DSP': '0.5x'}}


@pytest.mark.parametrize(
    ('block', 'near'),
    [
        ({'Budget': {'DPS': 3}}, 'DSP'),
        ({'Budget': {'LUTs': 3}}, 'LUT'),
        ({'Budget': {'BRAM_36K': 3}}, 'BRAM36'),
        ({'Budgets': {'DSP': 3}}, 'Budget'),
        ({'Packing': 'permutated'}, 'permuted'),
        ({'Minimize': 'DPS', 'MinImportance': 1}, 'DSP'),
        ({'Stage': 'vsyth'}, 'vsynth'),
        ({'Reconstruction': 'layer'}, 'layers'),
    ],
)
def test_unknown_names_have_the_nearest(block, near):
    with pytest.raises(ConfigError, match=f'did you mean {near}\\?$'):
        settings_of(**block)


def test_a_name_in_two_spellings():
    with pytest.raises(ConfigError, match="Budget: DSP is given twice, once as 'dsp'"):
        settings_of(Budget={'DSP': 3, 'dsp': 4})


@pytest.mark.parametrize(
    ('amount', 'meant'),
    [
        (0.5, '0.5x or 50%'),
        ('0.5', '0.5x or 50%'),
        ('.25', '0.25x or 25%'),
        (1e-9, '1e-09x or 1e-07%'),
        (0.1 + 0.2, '0.3x or 30%'),
        (2.5, '2.5x, 2.5% or 2'),
        ('7.1', '7.1x, 7.1% or 7'),
    ],
)
@pytest.mark.parametrize('resource', ['DSP', 'BRAM36', 'LUT'])
def test_counts_are_whole(amount, meant, resource):
    with pytest.raises(ConfigError) as caught:
        settings_of(Budget={resource: amount})
    assert str(caught.value).startswith(f'Model.HWPrune.Budget.{resource}: {amount!r} is no count')
    assert str(caught.value).endswith(f'did you mean {meant}?')


@pytest.mark.parametrize('amount', [np.float64(0.5), np.float32(0.5), np.float16(0.5)])
def test_counts_of_numpy_are_whole_too(amount):
    with pytest.raises(ConfigError, match=r'did you mean 0\.5x or 50%\?'):
        settings_of(Budget={'DSP': amount})


@pytest.mark.parametrize('amount', [0, '0', 0.0, 30, 30.0, np.int64(30), np.float64(30), np.uint8(30)])
def test_counts_that_are_whole(amount):
    assert settings_of(Budget={'DSP': amount}).budget['dsp'].amount == float(amount)


@pytest.mark.parametrize(
    'amount',
    [
        *(-1, '-1', float('nan'), np.nan, np.float32('inf'), float('inf'), 1e400, '1e400', True, np.True_, None, b'3', 3j),
        *('x', '%', '', [], [3], {}, np.array([3]), (0.5,), '0.5 x 2', '50 %%'),
    ],
    ids=repr,
)
def test_other_things_are_no_bounds(amount):
    with pytest.raises(ConfigError, match=r'^Model\.HWPrune\.Budget\.DSP: [^\n]*\(N\)[^\n]*"N%"[^\n]*"Nx"[^\n]*$'):
        settings_of(Budget={'DSP': amount})


@pytest.mark.parametrize(('share', 'meant'), [(90, '90%'), (12.5, '12.5%'), (100, '100%')])
def test_shares_that_were_meant_in_percent(share, meant):
    with pytest.raises(ConfigError, match=f'MinImportance: expected a share, .* got {share}; did you mean "{meant}"'):
        settings_of(Minimize='DSP', MinImportance=share)


def test_files_may_be_paths(tmp_path):
    config = {}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': 3}, calibration=tmp_path / 'x.npy')
    assert config['Model']['HWPrune']['Calibration'] == str(tmp_path / 'x.npy')


def test_more_than_the_part_has_is_noted():
    found = settings_of(Budget={'LUT': '150%'})
    assert found.budget['lut'] == parse_bound('150%', 1, 'here')
    assert found.notes == ('Model.HWPrune.Budget: 150% of the lut is more than the part has',)
    assert settings_of(Budget={'LUT': '100%', 'DSP': '2x'}).notes == ()


@pytest.mark.parametrize('budget', ['0.5x', '20%', 'DSP'])
def test_a_bound_without_its_resource(budget):
    with pytest.raises(ConfigError, match=f'Budget: expected a mapping .* did you mean {{DSP: {budget}}}'):
        hls4ml_hwprune.enable({}, backend='Vitis', budget=budget)
