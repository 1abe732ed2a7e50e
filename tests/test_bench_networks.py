"""The benchmark of networks: rows of one that is small enough to wait for, and the bounds that it holds rows against."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import bench_networks, format_table, network_firmware
from benchmarks.network_cases import NetworkCase, Trained, config_of, qualities
from benchmarks.network_firmware import count_differing, measure
from hls4ml_hwprune.calibration import effort
from tests import models

SIZES = (8, 16, 3)
LAYERS = models.mlp(SIZES)


def answers(x):
    """Answers of the layers in floating point."""
    for layer in LAYERS[1:]:
        x = np.maximum(x, 0) if layer['class_name'] == 'Activation' else x @ layer['weight_data'] + layer['bias_data']
    return x


def build(data, folder):
    rng = np.random.default_rng(0)
    calibration, x = (rng.normal(size=(n, SIZES[0])).astype(np.float32) for n in (200, 50))
    scores = answers(x)

    def convert(config, output):
        return models.convert(LAYERS, config, output)

    config = config_of('ap_fixed<16,6>', 4)
    return Trained(convert, config, (calibration,), (x,), (scores.argmax(axis=1),), (scores,), 'classification')


CASE = NetworkCase('tiny', ('numpy',), build, may_lose=20.0)


@pytest.fixture(scope='module')
def row(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, 'keras', None)
        # The compiler of the tests is quick with the flags of hls4ml.
        patch.setattr(network_firmware, '_OPTIMIZATION', '-O3')
        for name, steps in {'_LAST': 200, '_EACH': 50, '_ENOUGH': 200}.items():
            patch.setattr(effort, name, steps)
        folder = tmp_path_factory.mktemp('networks')
        return measure(CASE, build(folder, folder), folder)


def test_a_network_is_measured(row):
    # 8 * 16 / 4 and 16 * 3 / 4 slots.
    assert (row.resource, row.before, row.n_kernels, row.not_pruned) == ('DSP', 44, 2, ())
    assert row.n_pruned > 0
    assert row.after <= 22
    assert (row.n_differing, row.n_samples) == (0, 50)
    assert row.in_floating_point == [1.0]
    assert row.plain[0] > 0.9
    assert bench_networks.violations(row, CASE.may_lose) == []


def test_a_row_of_the_table(row):
    found = bench_networks.table_row(replace(row, agreement=[0.5, None]))
    assert (found['network'], found['budget'], found['bits equal']) == ('tiny', '22', '50 of 50')
    assert found['agreement'] == '0.5000, -'
    assert len(format_table([found]).split('\n')) == 3


def test_bounds(row):
    assert bench_networks.violations(replace(row, n_differing=3), 20) == [
        'tiny: 3 of 50 answers differ from those of plain hls4ml'
    ]
    broken = replace(row, after=23, n_pruned=0, plain=[0.9], pruned=[0.65])
    assert len(bench_networks.violations(broken, 20)) == 3


def test_a_network_without_firmware_is_a_violation_that_names_it(tmp_path):
    def fails(data, folder):
        raise ValueError('no data')

    assert bench_networks.run(replace(CASE, build=fails), tmp_path) == (None, ['tiny: ValueError: no data'])


def test_networks_without_their_framework_are_skipped(monkeypatch, caplog):
    monkeypatch.setattr(bench_networks, 'CASES', (CASE, replace(CASE, name='other', needs=('no_such_framework',))))
    caplog.set_level('INFO', logger=bench_networks.__name__)
    assert bench_networks.chosen_of([]) == [CASE]
    assert caplog.messages == ['other is skipped: no_such_framework is not installed here']
    assert bench_networks.chosen_of(['oth']) == []


def test_differing_answers_of_any_output_count():
    ours = (np.zeros((4, 2)), np.zeros((4, 1)))
    theirs = (np.eye(4)[:, :2], np.array([[1.0], [0], [0], [0]]))
    assert count_differing(ours, theirs) == 2


def test_quality_of_classes_of_values_and_without_targets():
    known = np.array([[0.0, 1.0], [1.0, 0.0]])
    trained = Trained(None, {}, (), (), (np.array([1, 1]), known, None), (known, known, known))
    assert qualities((known, known, known), trained) == [0.5, 1.0, 1.0]
    assert qualities((known, np.full((2, 2), 0.5), known[::-1]), trained) == [0.5, 0.0, 0.0]
