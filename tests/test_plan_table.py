"""The one table of plans and estimates: rows that sum, marks, 80 columns, quality before importance."""

import json
import logging
import re
from dataclasses import replace

import pytest

import hls4ml_hwprune
from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.kernel_plan import Timing
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.report.log import worse_figures
from hls4ml_hwprune.resources import Resources
from hls4ml_hwprune.tables import Row, layout, wrapped
from tests import models

NUMBER = re.compile(r'^\d+[~?!]?$')
BLOCK = {'Budget': {'DSP': '0.4x'}, 'Exclude': ['conv']}


@pytest.fixture(scope='module', params=['io_parallel', 'io_stream'])
def model(request, tmp_path_factory):
    config = models.hls_config(BLOCK, ['vitis:hwprune'])
    return models.convert(models.cnn(), config, tmp_path_factory.mktemp('project'), io_type=request.param)


def rows_of(table: str) -> dict[str, list[str]]:
    """Cells by label of the rows of a table: all that stands at least two spaces apart."""
    found = {}
    for line in table.splitlines():
        label, *cells = re.split(r' {2,}', line)
        if len(cells) >= 5:
            found[label] = cells
    return found


def amount(cell: str) -> int:
    assert NUMBER.match(cell), cell
    return int(cell.rstrip('~?!'))


def test_rows_of_a_plan_sum_to_the_design(model):
    plan = hls4ml_hwprune.get_plan(model)
    rows = rows_of(str(plan))
    header = rows.pop('')
    assert header == ['DSP', 'BRAM18', 'LUT', 'FF', 'latency', 'II']
    layers = [cells for label, cells in rows.items() if label.startswith('layer ')]
    assert len(layers) == len(list(model.get_layers()))
    after = rows['whole design, after']
    for column, name in enumerate(('dsp', 'bram18', 'lut', 'ff')):
        assert sum(amount(cells[column]) for cells in layers) == amount(after[column]) == getattr(plan.after, name)
        assert amount(rows['whole design, before'][column]) == getattr(plan.before, name)
    assert all(cell for cells in layers for cell in cells[4:])


def test_plan_and_estimate_agree_layer_by_layer(model):
    plan, estimate = hls4ml_hwprune.get_plan(model), hls4ml_hwprune.estimate(model)
    assert plan.layers == estimate.layers
    of_plan, of_estimate = rows_of(str(plan)), rows_of(str(estimate))
    for name in estimate.layers:
        assert of_plan[f'layer {name}'] == of_estimate[f'layer {name}']
    assert of_estimate['design'][:4] == of_plan['whole design, after'][:4]


def test_figures_are_marked_by_how_sure_they_are(model):
    estimate = hls4ml_hwprune.estimate(model)
    rows = rows_of(str(estimate))
    marks = {'exact': '', 'fitted': '~', 'rough': '?', 'unseen': '!'}
    for label, layer in [('design', estimate.design), *((f'layer {n}', found) for n, found in estimate.layers.items())]:
        for cell, name in zip(rows[label], ('dsp', 'bram18', 'lut', 'ff', 'latency', 'ii'), strict=True):
            assert cell.lstrip('0123456789-') == marks[layer.confidence[name].kind]
    assert 'No mark: exact rule; ~: fitted; ?: rough; !: no report of such kernels by this tool.' in ' '.join(
        str(estimate).split()
    )


def test_words_for_kernel_layer_and_design(model):
    text = str(hls4ml_hwprune.get_plan(model))
    assert '  kernel 64 x 3, resource, RF 4, ' in text
    assert re.search(r'layer conv .*\n  not pruned, because it is excluded\n', text)
    assert 'budget (xcvu13p)' in text


def test_no_line_is_longer_than_a_terminal(model):
    plan = hls4ml_hwprune.get_plan(model)
    long = 'a_layer_with_a_name_that_somebody_made_of_all_its_parents_' * 2
    huge = replace(
        next(iter(plan.layers.values())), resources=Resources(12345, 6789, 960, 12345678, 23456789), latency_max=10**7
    )
    kernel = replace(plan.kernels[0], layer=long, reuse_factor=16384, removed_inputs=3, copies=12)
    plan = replace(plan, layers={long: huge}, kernels=[kernel], not_pruned={long: 'of a reason ' * 12}, device='x' * 30)
    plan = replace(plan, after=huge.resources, evaluation=Evaluation(12345, 0.123456, 0.9, 0.8, 0.7))
    assert max(map(len, str(plan).splitlines())) <= 80
    assert 'URAM' in str(plan)
    assert long[:30] in str(plan)
    assert max(map(len, str(hls4ml_hwprune.estimate(model)).splitlines())) <= 80


def test_importance_is_not_passed_off_as_quality(model):
    plan = hls4ml_hwprune.get_plan(model)
    first, second = str(plan).splitlines()[:2]
    assert first.startswith('Accuracy was not measured: give Calibration')
    assert 'hls4ml_hwprune.evaluate(hls_model, x, y)' in second
    assert '% of the importance kept (a score of the weights, not the' in str(plan)
    measured = replace(plan, evaluation=Evaluation(500, loss=0.0125, agreement=0.9875))
    first, second = str(measured).splitlines()[:2]
    assert first.startswith('measured loss 0.0125; 98.75 % of the answers as before pruning')
    assert 'not measured' not in str(measured)
    assert str(replace(plan, loss=0.02)).startswith('loss on the calibration data: 0.02')


def test_everything_is_short_where_it_is_shown(model):
    plan, estimate = hls4ml_hwprune.get_plan(model), hls4ml_hwprune.estimate(model)
    assert repr(plan).startswith('<Plan of 1 kernels, optimal: DSP ')
    assert repr(estimate).startswith(f'<Estimate of {len(estimate.layers)} layers (vsynth): DSP ')
    for shown in (repr(plan), repr(estimate), str(estimate.design), repr(Evaluation(3)), str(Evaluation(3))):
        assert '\n' not in shown
        assert len(shown) < 160
    assert str(Evaluation(3)) == 'nothing to compare with: give labels, or a reference (firmware, simulated on 3 samples)'
    assert 'accuracy 0.9000, 0.9500 before pruning' in str(Evaluation(9, accuracy=0.9, reference_accuracy=0.95))


def test_layers_are_part_of_files_reports_and_saved_plans(model, tmp_path):
    plan = hls4ml_hwprune.get_plan(model)
    plan.save(tmp_path / 'plan.json')
    loaded = Plan.load(tmp_path / 'plan.json')
    assert str(loaded) == str(plan)
    assert loaded.layers == plan.layers
    # Plans of files that were written before there were layers.
    content = json.loads((tmp_path / 'plan.json').read_text())
    del content['layers']
    (tmp_path / 'old.json').write_text(json.dumps(content))
    assert 'whole design, after' in str(Plan.load(tmp_path / 'old.json'))


def with_figures(plan, before, after, cycles=((9, 3), (9, 3))):
    timing = [Timing(latency, latency, ii) for latency, ii in cycles]
    return replace(plan, before=before, after=after, timing_before=timing[0], timing_after=timing[1])


def test_figures_that_become_worse_are_lines(model, caplog):
    plan = hls4ml_hwprune.get_plan(model)
    before = Resources(100, 10, 0, 1000, 2000)
    assert worse_figures(with_figures(plan, before, before)) == []
    assert worse_figures(with_figures(plan, before, Resources(110, 11, 0, 1100, 2200), ((100, 30), (110, 33)))) == []
    found = worse_figures(with_figures(plan, before, Resources(50, 10, 3, 1330, 2201), ((9, 4), (10, 96))))
    assert found == [
        'the plan makes URAM worse: 3 in place of 0 (none before); bound URAM if it matters',
        'the plan makes LUT worse: 1330 in place of 1000 (+33 %); bound LUT if it matters',
        'the plan makes FF worse: 2201 in place of 2000 (+10 %); bound FF if it matters',
        'the plan makes latency worse: 10 cycles in place of 9 (+11 %); bound Latency if it matters',
        'the plan makes II worse: 96 cycles in place of 4 (+2300 %); bound II if it matters',
    ]


def test_a_conversion_that_makes_a_figure_worse_says_so(tmp_path, caplog):
    block = {'Budget': {'DSP': '0.05x'}, 'ReuseFactor': 'auto'}
    with caplog.at_level(logging.WARNING, 'hls4ml_hwprune'):
        made = models.convert(models.mlp(), models.hls_config(block, ['vitis:hwprune']), tmp_path / 'project')
    plan = hls4ml_hwprune.get_plan(made)
    lines = [record.getMessage() for record in caplog.records if 'worse' in record.getMessage()]
    assert lines == worse_figures(plan)
    assert any(f'II worse: {plan.timing_after.ii} cycles in place of 4' in line for line in lines)


def test_labels_that_do_not_fit_have_a_line_of_their_own():
    rows = [Row('a', ['1', '22']), Row('b' * 200, ['333', '4']), Row('c', [], ['a note'])]
    lines = layout(['x', 'long title'], rows)
    assert max(map(len, lines)) == 80
    assert lines[0].split() == ['x', 'long', 'title']
    assert lines[1].split() == ['a', '1', '22']
    assert lines[2] == 'b' * 38 + '...' + 'b' * 38 or lines[2].count('b') == 76
    assert lines[3].split() == ['333', '4']
    assert lines[4:] == ['c', '  a note']
    assert wrapped('word ' * 40)[1].startswith('  word')
