"""The flows `<backend>:hwprune_estimate`, and the figures of `estimate`."""

import json
import logging

import pytest

import hls4ml_hwprune
from tests.models import cnn, convert, hls_config, mlp, project_files

FIGURES = {'dsp', 'bram18', 'uram', 'lut', 'ff', 'latency', 'ii'}

# Back ends of tools with reports; `test_counted.py` has the others.
BACKENDS = ('Vivado', 'Vitis', 'VivadoAccelerator')


@pytest.mark.parametrize('backend', BACKENDS)
def test_the_flow_says_what_the_project_takes_and_changes_nothing(tmp_path, backend, caplog):
    files, stamps = {}, {}
    for flows in (None, [f'{backend.lower()}:hwprune_estimate']):
        folder = tmp_path / ('plain' if flows is None else 'estimated')
        with caplog.at_level(logging.INFO, 'hls4ml_hwprune'):
            model = convert(mlp(), hls_config(flows=flows), folder, backend)
        model.write()
        stamps[folder.name] = model.config.get_config_value('Stamp')
        files[folder.name] = project_files(folder, stamps[folder.name])
    content = json.loads(files['estimated'].pop('hwprune_estimate.json'))
    yaml = files['estimated'].pop('hls4ml_config.yml'), files['plain'].pop('hls4ml_config.yml')
    assert yaml[0] != yaml[1]  # the flow and the folder
    assert {name: data for name, data in files['estimated'].items() if 'plain' not in name} == files['plain']
    assert [estimate['stage'] for estimate in content['estimates']] == ['csynth', 'vsynth']
    expected = hls4ml_hwprune.estimate(model, 'vsynth')
    assert content['estimates'][1] == json.loads(json.dumps(expected.as_dict(), default=float))
    assert content['estimates'][0]['listed'] is None
    assert content['estimates'][1]['listed']['lut'] == content['estimates'][0]['design']['lut']
    for estimate in content['estimates']:
        assert set(estimate['layers']) == set(expected.layers)
        for layer in [estimate['design'], *estimate['layers'].values()]:
            assert set(layer['confidence']) == FIGURES
            assert layer['latency_min'] <= layer['latency_max']
    assert 'fc1' in caplog.text
    assert 'nothing was synthesised (csynth' in caplog.text
    assert 'nothing was synthesised (vsynth' in caplog.text


def test_both_flows_together_estimate_the_pruned_design(tmp_path):
    flows = ['vitis:hwprune', 'vitis:hwprune_estimate']
    model = convert(mlp(), hls_config({'Budget': {'DSP': '0.5x'}}, flows), tmp_path / 'project')
    model.write()
    content = json.loads((tmp_path / 'project' / 'hwprune_estimate.json').read_text())
    assert content['estimates'][0]['design']['dsp'] == hls4ml_hwprune.get_plan(model).after.dsp
    assert (tmp_path / 'project' / 'hwprune_report.json').exists()


def test_other_back_ends_are_refused(tmp_path):
    with pytest.raises(hls4ml_hwprune.errors.BackendError, match='Catapult'):
        convert(mlp(), hls_config(flows=['catapult:hwprune_estimate']), tmp_path / 'project', 'Catapult')
    assert not (tmp_path / 'project').exists()


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
def test_every_figure_says_how_sure_it_is(tmp_path, io_type):
    model = convert(cnn(), hls_config(), tmp_path / 'project', io_type=io_type)
    for stage in ('csynth', 'vsynth'):
        found = hls4ml_hwprune.estimate(model, stage)
        assert list(found.layers) == [layer.name for layer in model.get_layers()]
        assert found.layers['fc'].confidence['dsp'].kind == 'exact'
        for layer in (found.design, *found.layers.values()):
            assert set(layer.confidence) == FIGURES
            for confidence in layer.confidence.values():
                assert (confidence.spread is None) == (confidence.kind != 'fitted')
    assert hls4ml_hwprune.estimate(model, 'vsynth').total.lut < hls4ml_hwprune.estimate(model, 'csynth').total.lut


def test_sums_are_as_sure_as_their_weakest_part(tmp_path):
    found = hls4ml_hwprune.estimate(convert(mlp(), hls_config(), tmp_path / 'project'))
    kinds = ['exact', 'fitted', 'rough', 'unseen']
    for figure, confidence in found.design.confidence.items():
        assert confidence.kind == max((layer.confidence[figure].kind for layer in found.layers.values()), key=kinds.index)
