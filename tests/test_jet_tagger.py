"""The figures of the main job on a public, trained jet tagger."""

import re
from pathlib import Path

import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import convert

MODEL = Path(__file__).resolve().parents[2] / 'shared/data/models/jet_mlp_float_hector.h5'
pytestmark = pytest.mark.skipif(not MODEL.exists(), reason='the public jet taggers are not on this machine')


@pytest.fixture(scope='module')
def tagger():
    keras = pytest.importorskip('tensorflow.keras')
    return keras.models.load_model(MODEL, compile=False)


@pytest.mark.parametrize('backend', ['Vivado', 'Vitis'])
def test_half_the_dsps(tagger, backend, tmp_path):
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 4, 'Strategy': 'Resource'}}
    hls4ml_hwprune.enable(config, backend=backend, budget={'DSP': '0.5x'})
    model = convert(tagger, config, tmp_path / 'project', backend=backend)
    model.write()
    plan = hls4ml_hwprune.get_plan(model)
    assert plan.status == 'optimal'
    # Softmax gives its multipliers to LUTs, so that the slots may have all of the budget.
    assert plan.in_luts == ['softmax']
    assert sum(kernel.n_kept for kernel in plan.kernels) == plan.after.dsp <= 0.5 * plan.before.dsp
    for kernel in plan.kernels:
        node = model.graph[kernel.layer]
        header = (tmp_path / 'project/firmware/weights' / f'{node.weights["weight"].name}.h').read_text()
        entries = re.search(r'= \{(.*)\};', header).group(1).split(',')
        assert len(entries) == 4 * kernel.n_kept


def test_part_that_is_too_small_fits_after_pruning(tagger, tmp_path):
    """The whole part is the budget where none is given: the smallest Zynq-7000 has 66 DSPs, the tagger wants 1069."""
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 4, 'Strategy': 'Resource'}}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '100%'})
    model = convert(tagger, config, tmp_path / 'project', backend='Vitis', part='xc7z007sclg225-1')
    plan = hls4ml_hwprune.get_plan(model)
    assert plan.budget == {'dsp': 66}
    assert plan.before.dsp > 1000
    assert plan.after.dsp <= 66
