"""How sure figures are said to be."""

import pytest

import hls4ml_hwprune
from hls4ml_hwprune.records import Target
from tests import models


def test_nothing_is_exact_on_a_fabric_without_reports(tmp_path):
    config = models.hls_config({'Budget': {'DSP': '1%'}}, ['vitis:hwprune'])
    model = models.convert(models.mlp(), config, tmp_path / 'project', part='xcvc1902-vsva2197-2MP-e-S')
    plan, found = hls4ml_hwprune.get_plan(model), hls4ml_hwprune.estimate(model)
    assert (plan.device, plan.budget['dsp']) == ('xcvc1902', 19)
    assert plan.after.dsp <= 19
    kinds = {confidence.kind for confidence in found.layers['fc1'].confidence.values()}
    assert kinds == {'rough'}
    assert {confidence.kind for confidence in found.layers['x'].confidence.values()} == {'exact'}


@pytest.mark.parametrize(
    ('part', 'versal'),
    [
        ('xcvc1902-vsva2197-2MP-e-S', True),
        ('XCVE2802-VSVH1760-2MP-E-S', True),
        ('xqrvc1902-vsra2197-1MM-b-S', True),
        ('xcvh1582-vsva3697-2MP-e-S', True),
        ('xcvu13p-flga2577-2-e', False),
        ('xc7vx690tffg1927-2', False),
        ('xczu9eg-ffvb1156-2-e', False),
        ('', False),
    ],
)
def test_parts_of_versal(part, versal):
    assert Target(part).versal is versal
