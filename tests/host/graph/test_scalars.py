"""Numbers of records are Python's own, whatever scalars a frontend left on the nodes."""

import json
import sys
from dataclasses import fields, is_dataclass

import numpy as np

import hls4ml_hwprune
from hls4ml_hwprune.host.graph import read_layers
from tests import models


def scalars_of(value):
    """All numbers of a record, its tuples and its mappings."""
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [scalar for item in value for scalar in scalars_of(item)]
    return [] if isinstance(value, np.ndarray) else [value]


def test_numpy_scalars_of_a_frontend_stay_out_of_records_and_files(tmp_path, monkeypatch):
    """ONNX, QONNX and Brevitas leave numpy's scalars on the nodes."""
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)
    layers = models.cnn()
    for layer in layers:
        for key, value in layer.items():
            if type(value) is int:
                layer[key] = np.int64(value)
    config = models.hls_config({'Budget': {'DSP': '0.5x'}}, ['vitis:hwprune'])
    plain = models.convert(layers, models.hls_config(), tmp_path / 'plain')
    for node in plain.get_layers():
        for key in ('reuse_factor', 'parallelization_factor'):
            if node.get_attr(key) is not None:
                node.set_attr(key, np.int32(node.get_attr(key)))
    found = scalars_of(read_layers(plain))
    assert len(found) > 100
    assert not [scalar for scalar in found if isinstance(scalar, np.generic)]
    model = models.convert(layers, config, tmp_path / 'pruned')
    plan = hls4ml_hwprune.get_plan(model)
    assert not [scalar for scalar in scalars_of(plan) if isinstance(scalar, np.generic)]
    plan.save(tmp_path / 'plan.json')
    assert hls4ml_hwprune.Plan.load(tmp_path / 'plan.json') == plan
    model.write()
    report = json.loads((tmp_path / 'pruned/hwprune_report.json').read_text())
    assert [type(kernel['n_in']) for kernel in report['kernels']] == [int, int]
    assert '!!python' not in (tmp_path / 'pruned/hls4ml_config.yml').read_text()
