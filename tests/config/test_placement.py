"""Blocks that are missing, empty, misspelt or at a wrong level: an error under the flow, a warning without it."""

import copy

import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config import block_traces, check_placement
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.session.plan_store import has_plan
from tests import models

FLOWS = ['vitis:hwprune']
BLOCK = {'Budget': {'DSP': '0.5x'}}
BELONGS = 'HLSConfig.Model.HWPrune'


def config_with(path, value, flows=FLOWS):
    """An hls4ml configuration with `value` at a dotted path."""
    config = models.hls_config(None, flows)
    *above, last = path.split('.')
    place = config
    for key in above:
        place = place.setdefault(key, {})
    place[last] = value
    return config


def project(tmp_path, config, **beside):
    """Convert as `hls4ml convert` does, with entries beside `HLSConfig`."""
    from hls4ml.model.graph import ModelGraph
    from hls4ml.utils.config import create_config

    whole = create_config(output_dir=str(tmp_path / 'project'), project_name='p', backend='Vitis', part=models.PART)
    return ModelGraph.from_layer_list(whole | {'HLSConfig': config} | beside, copy.deepcopy(models.mlp()))


@pytest.mark.parametrize(
    ('path', 'value', 'words'),
    [
        ('Model.Nothing', None, ('Model.HWPrune is missing', 'Budget: {DSP: 0.5x}', '100%')),
        ('Model.HWPrune', None, ('Model.HWPrune is empty',)),
        ('Model.HWPrune', {}, ('Model.HWPrune is empty', 'Budget: {DSP: 0.5x}')),
        ('Model.HWprune', BLOCK, ("'HWprune'", 'did you mean HWPrune?')),
        ('Model.hwprune', BLOCK, ("'hwprune'", 'did you mean HWPrune?')),
        ('Model.HW_Prune', {}, ("'HW_Prune'", 'did you mean HWPrune?')),
        ('Model.HWPrun', BLOCK, ("'HWPrun'", 'did you mean HWPrune?')),
        ('Model.HWPruning', BLOCK, ("'HWPruning'", 'did you mean HWPrune?')),
        ('HWPrune', BLOCK, ('not directly under HLSConfig',)),
        ('hwPrune', BLOCK, ("'hwPrune'", 'did you mean HWPrune?')),
        ('LayerName.HWPrune', BLOCK, ('not directly under LayerName',)),
        ('LayerType.HWPrune', BLOCK, ('not directly under LayerType',)),
        ('LayerName.fc1.HwPrune', {'Packing': 'bram'}, ('LayerName.fc1.', "'HwPrune'", 'did you mean HWPrune?')),
        ('LayerName.fc1.HWPrune', {'Exclude': True}, ('Model.HWPrune is missing',)),
        ('Model.Budget', {'DSP': '0.5x'}, ('Model.Budget', 'not in one')),
        ('Budget', {'DSP': '0.5x'}, ('Budget', 'not in one')),
    ],
)
def test_the_flow_without_a_block_in_its_place(tmp_path, path, value, words):
    with pytest.raises(ConfigError) as caught:
        models.convert(models.mlp(), config_with(path, value), tmp_path / 'project')
    for word in (*words, BELONGS):
        assert word in str(caught.value)
    assert '\n' not in str(caught.value)
    assert not (tmp_path / 'project').exists()


@pytest.mark.parametrize(('key', 'words'), [('HWPrune', 'the project'), ('hwprune', 'did you mean HWPrune')])
def test_a_block_beside_hls_config(tmp_path, key, words):
    with pytest.raises(ConfigError, match=words):
        project(tmp_path, models.hls_config(None, FLOWS), **{key: BLOCK})


@pytest.mark.parametrize('key', ['Precision', 'Strategy', 'ReuseFactor', 'BramFactor', 'PipelineStyle'])
def test_keys_of_others_are_no_misspelt_blocks(key):
    check_placement({'Model': {key: 1, 'HWPrune': BLOCK}, 'LayerName': {'prunella': {'Trace': True}}, 'Flows': FLOWS})


@pytest.mark.parametrize(
    'path',
    ['Model.HWPrune', 'Model.HWprune', 'HWPrune', 'LayerName.fc1.HWPrune', 'LayerType.Dense.hwprune', 'Model.HWPrune.x'],
)
@pytest.mark.parametrize('backend', ['Vivado', 'Vitis', 'VivadoAccelerator'])
def test_a_block_without_the_flow_is_warned_of_when_the_model_is_made(tmp_path, caplog, path, backend):
    model = models.convert(models.mlp(), config_with(path, {}, None), tmp_path / 'project', backend)
    assert not has_plan(model)
    (record,) = caplog.records
    assert record.levelname == 'WARNING'
    for word in ('NOTHING IS PRUNED', path.removesuffix('.x'), f'Flows: [{backend.lower()}:hwprune]'):
        assert word in record.getMessage()


def test_a_back_end_that_cannot_be_pruned_for_says_so(tmp_path, caplog):
    models.convert(models.mlp(), models.hls_config(BLOCK, Strategy='Latency'), tmp_path / 'project', 'Catapult')
    (record,) = [record for record in caplog.records if record.name.startswith('hls4ml_hwprune')]
    assert 'Catapult has no sparse firmware, only Vivado, Vitis, VivadoAccelerator, Quartus have' in record.getMessage()


@pytest.mark.parametrize('flows', [FLOWS, [*FLOWS, 'vitis:hwprune_estimate'], [*FLOWS, 'vitis:ip']])
def test_the_flow_itself_and_plain_models_are_not_warned_of(tmp_path, caplog, flows):
    models.convert(models.mlp(), models.hls_config(BLOCK, flows), tmp_path / 'project')
    models.convert(models.mlp(), models.hls_config(), tmp_path / 'plain')
    assert 'NOTHING IS PRUNED' not in caplog.text


def test_a_block_that_asks_for_nothing_is_warned_of(tmp_path, caplog):
    models.convert(models.mlp(), models.hls_config({'Packing': 'aligned'}, FLOWS), tmp_path / 'project')
    assert 'Model.HWPrune: none of Budget, Latency, II, Minimize, Plan is given' in caplog.text


def test_enable_refuses_a_block_that_is_there_in_a_wrong_place():
    config = {'HWPrune': BLOCK, 'Model': {}}
    with pytest.raises(ConfigError, match='not directly under HLSConfig'):
        hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': 3})
    assert config == {'HWPrune': BLOCK, 'Model': {}}


def test_traces_name_every_block():
    config = {'Model': {'HWPrune': {}, 'Strategy': 'Latency'}, 'LayerName': {'a': {'HWPrune': {}}, 'b': {}}, 'HWprune': 1}
    assert block_traces(config) == ['Model.HWPrune', 'LayerName.a.HWPrune', 'HLSConfig.HWprune']
    assert block_traces({'Model': None, 'LayerName': {'a': None}}) == []
