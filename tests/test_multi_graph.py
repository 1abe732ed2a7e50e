"""hls4ml's MultiModelGraph with the plug-in installed: of plain models as without it, and of pruned ones, bit for bit."""

import json
import sys

import numpy as np
import pytest
from hls4ml.model import to_multi_model_graph

import hls4ml_hwprune
from hls4ml_hwprune.errors import PlanError
from tests import models
from tests.host.firmware.precompiled import QUICK, precompiled_header
from tests.host.firmware.projects import compile_quickly

SIZES = (12, 8, 5)
BLOCKS = {
    None: (None, {}),
    'lanes': ({'Budget': {'DSP': '0.3x'}, 'Packing': 'balanced'}, {}),
    'constants': ({'Budget': {'DSP': '0.3x'}, 'Packing': 'aligned'}, {'Strategy': 'Latency', 'ReuseFactor': 1}),
}


@pytest.fixture(autouse=True)
def _no_keras(monkeypatch):
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)


def converted(kind, folder, io_type):
    block, model = BLOCKS[kind]
    flows = None if block is None else ['vitis:hwprune']
    layers = models.mlp(SIZES)
    return models.convert(layers, models.hls_config(block, flows, **model), folder, 'Vitis', io_type=io_type)


@pytest.mark.parametrize(('kind', 'io_type'), [(None, 'io_parallel'), ('lanes', 'io_stream'), ('constants', 'io_parallel')])
def test_a_model_that_is_split_gives_the_same_outputs(tmp_path, kind, io_type):
    x = np.random.default_rng(0).normal(0, 1, (20, 12)).astype(np.float32)
    whole = converted(kind, tmp_path / 'whole', io_type)
    compile_quickly(whole)
    expected = whole.predict(x)
    multi = to_multi_model_graph(converted(kind, tmp_path / 'split', io_type), ['fc2'])
    multi.write()
    script = tmp_path / 'split/stitched/build_lib.sh'
    text, own = script.read_text(), '-O3 -fPIC -std=c++11 -fno-gnu-unique'
    flags = f'{own.replace("-O3", "-O0")} {QUICK}'
    assert own in text
    script.write_text(text.replace(own, f'{flags} -include {precompiled_header(flags)}'))
    multi._compile()
    np.testing.assert_array_equal(multi.predict(x), expected)
    assert len(np.unique(expected, axis=0)) > 10
    parts = sorted(path.name for path in (tmp_path / 'split').iterdir())
    assert parts == ['graph1', 'graph2', 'stitched']
    # What a plan says is of the whole network.
    assert not list(tmp_path.glob('split/**/hwprune_report.json'))
    headers = list(tmp_path.glob('split/graph*/firmware/nnet_utils/nnet_dense_sparse.h'))
    assert len(headers) == (0 if kind is None else 2)
    if kind is not None:
        plan = json.loads((tmp_path / 'whole/hwprune_report.json').read_text())
        assert hls4ml_hwprune.get_plan(multi).as_dict()['after'] == plan['after']
        for part in multi.graphs:
            with pytest.raises(PlanError, match='a part of a pruned one'):
                hls4ml_hwprune.get_plan(part)


@pytest.mark.parametrize('kind', ['lanes', 'constants'])
def test_a_model_that_is_split_has_the_plan_of_the_whole(tmp_path, kind):
    whole = hls4ml_hwprune.get_plan(model := converted(kind, tmp_path, 'io_parallel'))
    plan = hls4ml_hwprune.get_plan(to_multi_model_graph(model, ['fc2']))
    assert plan == whole
    for kernel, same in zip(plan.kernels, whole.kernels, strict=True):
        np.testing.assert_array_equal(kernel.mask, same.mask)


def test_a_split_model_that_was_not_pruned_has_no_plan(tmp_path):
    with pytest.raises(PlanError, match='the model has no plan'):
        hls4ml_hwprune.get_plan(to_multi_model_graph(converted(None, tmp_path, 'io_parallel'), ['fc2']))


def test_a_part_of_a_pruned_model_is_not_pruned_again(tmp_path):
    multi = to_multi_model_graph(converted('lanes', tmp_path, 'io_parallel'), ['fc2'])
    for part in multi.graphs:
        kept = {node.name: node.get_attr('hwprune_kept') for node in part.get_layers()}
        part.apply_flow('vitis:hwprune_prune')
        assert {node.name: node.get_attr('hwprune_kept') for node in part.get_layers()} == kept
