"""HTML report: figures of the plan, weights as they are kept, nothing from elsewhere, the same bytes, small."""

import base64
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np

import hls4ml_hwprune
from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.session.reference import reference_of
from hls4ml_hwprune.markup import element, joined, table
from hls4ml_hwprune.pareto import Point, Sweep
from hls4ml_hwprune.report.html.graph import Place, lanes_of
from hls4ml_hwprune.resources import estimate_layers, layer_spans
from tests import models
from tests.report.pages import EVIL, Page, converted, full


def bits(text, kernel):
    found = np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8), count=kernel.mask.size)
    return found.astype(bool).reshape(kernel.mask.shape)


def numbers(data):
    raw = np.frombuffer(base64.b64decode(data['data']), np.uint8).reshape(-1, data['bytes']).astype(np.int64)
    return (raw << (8 * np.arange(data['bytes']))).sum(axis=1)


def test_a_project_has_the_page_and_loads_nothing(project):
    text = (project / 'hwprune_report.html').read_text('utf-8')
    page = Page(text)
    assert len(text.encode()) < 300_000
    assert all(address.startswith(('#', 'data:')) for address in page.addresses)
    assert not re.search(r'https?:|url\(|@import|fetch\(|XMLHttpRequest|import\(', text)
    assert "default-src 'none'" in text
    assert len(page.ids) == len(set(page.ids))
    assert {address[1:] for address in page.addresses if address.startswith('#')} <= set(page.ids)
    for tag, attributes in page.attributes:
        assert tag != 'html' or attributes['lang'] == 'en'
        assert not any(name.startswith('on') for name in attributes)


def test_figures_are_those_of_the_plan(model, project):
    plan = hls4ml_hwprune.get_plan(model)
    page = Page((project / 'hwprune_report.html').read_text('utf-8'))
    before = estimate_layers(read_layers(reference_of(model)), plan.stage).layers
    header, *rows = page.regions['layers']
    assert header == ['layer', 'DSP', 'BRAM18', 'LUT', 'FF', 'latency', 'interval', 'pruning']
    assert [row[0] for row in rows] == list(plan.layers) == [node.name for node in model.get_layers()]
    marks = {'exact': '', 'fitted': '~', 'rough': '?', 'unseen': '!'}
    for name, *cells in rows:
        for cell, key in zip(cells, ('dsp', 'bram18', 'lut', 'ff'), strict=False):
            pair = [f'{getattr(one[name].resources, key):,.0f}' for one in (before, plan.layers)]
            assert cell == ' → '.join(dict.fromkeys(pair)) + marks[plan.layers[name].confidence[key].kind]
        assert cells[4].startswith(f'{plan.layers[name].latency_max:,}')
    for kernel, row in zip(plan.kernels, page.regions['kernels'][1:], strict=True):
        assert row[0] == kernel.layer
        assert row[5:7] == [f'{kernel.n_kept} of {kernel.n_slots}', f'{int(kernel.mask.sum()):,}']
    amounts = [word for word in page.words if ' → ' in word]
    assert any(word.startswith(f'{plan.before.dsp:,} → {plan.after.dsp:,} (-') for word in amounts)
    assert f'bound {plan.budget["dsp"]:,.0f}; the part has 12,288' in ''.join(page.words)
    assert page.regions['layers left alone'][1] == ['fc3', 'not pruned, because it is excluded']


def test_weights_are_those_of_the_plan(model, project):
    plan = hls4ml_hwprune.get_plan(model)
    data = Page((project / 'hwprune_report.html').read_text('utf-8')).data['kernels']
    assert [found['name'] for found in data] == ['fc1', 'fc2']
    for kernel, found in zip(plan.kernels, data, strict=True):
        assert (found['nIn'], found['nOut'], found['reuse']) == (kernel.n_in, kernel.n_out, kernel.reuse_factor)
        assert np.array_equal(bits(found['mask'], kernel), kernel.mask)
        assert found['moved'] is None
        assert np.array_equal(numbers(found['slots']['positions']), kernel.slots.positions.ravel() + 1)
        assert np.array_equal(numbers(found['slots']['laneOf']), kernel.slots.lane_of)


def test_moved_weights_are_told_from_others(tmp_path, write):
    block = {'Budget': {'DSP': '0.3x', 'LUT': '0.8x'}, 'Packing': 'snapped'}
    model = converted(tmp_path / 'p', block, models.mlp((16, 16, 5)), Strategy='Latency', ReuseFactor=1)
    plan, known = hls4ml_hwprune.get_plan(model), full(model)
    kernel = plan.kernels[0]
    assert kernel.values is not None
    (codes,) = [k.codes * k.unit for layer in known['unpruned'] for k in layer.kernels if k.key == kernel.key]
    moved = kernel.mask & (codes != kernel.values)
    found = Page(write(plan, **known)).data['kernels'][0]
    assert np.array_equal(bits(found['moved'], kernel), moved)
    assert f'{moved.sum()} of them moved to another code' in found['remarks']
    assert found['slots'] == 'single'
    alone = Page(write(plan)).data['kernels'][0]
    assert alone['moved'] is None
    assert 'kept weights have new values; the old ones are not known here' in alone['remarks']


def test_connections_and_cycles(model, write):
    layers = read_layers(model)
    plan = hls4ml_hwprune.get_plan(model)
    spans = layer_spans(layers, {name: layer.latency_max for name, layer in plan.layers.items()})
    assert max(end for _, end in spans.values()) == plan.timing_after.latency_max
    for name, (start, end) in spans.items():
        assert end - start == plan.layers[name].latency_max
    for one, other in pairwise(layers):
        assert spans[one.name][0] <= spans[other.name][0]
    text = write(plan, layers=layers)
    start, end = spans['fc2']
    assert f'{start} to {end}, interval 4' in text
    assert text.count('<path d="M') == len(layers) - 1


def test_lanes_of_branches_do_not_cross_layers():
    chain = [Place('a'), Place('b', '', ('a',)), Place('c', '', ('b',))]
    assert lanes_of(chain) == {'a': 0, 'b': 0, 'c': 0}
    skip = [Place('a'), Place('b', '', ('a',)), Place('c', '', ('b',)), Place('d', '', ('a', 'c')), Place('e', '', ('d',))]
    lanes = lanes_of(skip)
    assert lanes['b'] == lanes['c'] != lanes['a']
    assert lanes['e'] == lanes['d']
    assert len(set(lanes_of([Place('a'), Place('b'), Place('c', '', ('a', 'b'))]).values())) == 2


def test_all_that_is_given_is_shown(model, write):
    plan = hls4ml_hwprune.get_plan(model)
    sweep = Sweep((Point({'DSP': '0.4x'}, plan), Point({'DSP': 1}, None, 'the budget cannot be met')))
    reports = {'csynth': {'dsp': 100, 'lut': plan.listed_after.lut}, 'vsynth': {'ff': 50}}
    text = write(
        plan,
        **full(model),
        sweep=sweep,
        evaluation=Evaluation(500, 0.0125, 0.9875, 0.75, 0.76),
        reports=reports,
        command=EVIL,
    )
    page = Page(text)
    assert page.regions['reported figures'][1:] == [
        ['DSP, csynth', f'{plan.listed_after.dsp:,}', '100', f'{plan.listed_after.dsp - 100:+.0f} %'],
        ['LUT, csynth', f'{plan.listed_after.lut:,.0f}', f'{plan.listed_after.lut:,.0f}', '+0 %'],
        ['FF, vsynth', f'{plan.after.ff:,.0f}', '50', f'{100 * (plan.after.ff / 50 - 1):+.0f} %'],
    ]
    budgets = page.regions['budgets']
    assert budgets[1][:2] == ['DSP 0.4x', f'{plan.after.dsp:,}']
    assert budgets[1][-3:] == [
        f'{plan.percent_kept:.1f} %',
        f'{100 * plan.bound / plan.total_importance:.1f} %',
        plan.status,
    ]
    assert budgets[2][-1] == 'no plan'
    words = ''.join(page.words)
    assert 'DSP 1: the budget cannot be met' in words
    assert all(share in words for share in ('98.75 %', '75.00 %', '76.00 %', '0.0125'))
    assert EVIL in words
    assert EVIL not in text


def test_the_front_shows_the_gap_of_a_proof(model):
    plan = hls4ml_hwprune.get_plan(model)
    half = replace(
        plan, importance=plan.importance / 2, after=replace(plan.after, dsp=plan.after.dsp // 2), status='feasible'
    )
    text = Sweep((Point({'DSP': 9}, plan), Point({'DSP': 5}, half)))._repr_html_()
    assert 'importance kept over DSP: 2 plans' in text
    assert 'importance kept over LUT' not in text
    assert text.count('class="gap"') >= 1
    assert f'{half.percent_kept:.1f} % kept, at most ' in text


def test_names_are_escaped(model, write):
    plan = hls4ml_hwprune.get_plan(model)
    kernel = replace(plan.kernels[0], layer=EVIL)
    layers = {EVIL: next(iter(plan.layers.values()))}
    evil = replace(plan, kernels=[kernel], layers=layers, not_pruned={EVIL: EVIL}, device=EVIL, status=EVIL)
    text = write(evil, project={'project': EVIL})
    assert EVIL not in text
    page = Page(text)
    assert page.tags.count('script') == 2
    assert page.data['kernels'][0]['name'] == EVIL
    assert EVIL not in evil._repr_html_()
    assert element('a', '<', title='"') == '<a title="&quot;">&lt;</a>'
    assert joined(['&', element('b', 'x')]) == '&amp;<b>x</b>'
    assert '<td>&lt;</td>' in table(['<'], [['a', '<']])


def test_layers_in_luts_are_named(model, write):
    plan = hls4ml_hwprune.get_plan(model)
    object.__setattr__(plan, 'in_luts', ['relu1'])
    assert Page(write(plan)).regions['layers left alone'][-1] == [
        'relu1',
        'products are built from LUTs, without DSP blocks',
    ]


def test_the_same_plan_gives_the_same_bytes(tmp_path, project):
    other = converted(tmp_path / 'elsewhere')
    other.write()
    assert (tmp_path / 'elsewhere/hwprune_report.html').read_bytes() == (project / 'hwprune_report.html').read_bytes()


def test_plain_conversions_take_an_old_page_away(tmp_path):
    converted(tmp_path / 'p', layers=models.mlp((8, 4)), block={'Budget': {'DSP': '0.5x'}}).write()
    assert (tmp_path / 'p/hwprune_report.html').exists()
    models.convert(models.mlp((8, 4)), models.hls_config(), tmp_path / 'p').write()
    assert not (tmp_path / 'p/hwprune_report.html').exists()


def test_a_million_weights_are_a_small_page(model, write):
    plan = hls4ml_hwprune.get_plan(model)
    mask = np.random.default_rng(0).random((1024, 1024)) < 0.5
    kernel = replace(plan.kernels[0], n_in=1024, n_out=1024, mask=mask, slots=None)
    assert len(write(replace(plan, kernels=[kernel]))) < 300_000
    huge = replace(kernel, n_in=4096, n_out=2048, mask=np.ones((2048, 4096), bool))
    page = Page(write(replace(plan, kernels=[huge])))
    assert page.data == {'kernels': [None]}
    assert not any('data-kernel' in attributes for _, attributes in page.attributes)
