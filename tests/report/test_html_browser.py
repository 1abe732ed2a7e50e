"""HTML report in headless Chromium: no errors, no content wider than the page, weights drawn as they are kept, keys."""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.pareto import Point, Sweep
from hls4ml_hwprune.report.html_report import write_html
from tests import models

BROWSER = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason='no Chromium is installed')
SIZES = ((1440, 900), (390, 844))

# A page around the report, in a frame of a size of its own: a browser's window cannot be as narrow as a phone.
AROUND = """<!DOCTYPE html><meta charset="utf-8"><iframe width="WIDTH" height="HEIGHT"></iframe><pre id="found"></pre>
<script>
const frame = document.querySelector('iframe'), found = { errors: [] };
const encoded = (text) => btoa(unescape(encodeURIComponent(text)));
const say = () => { document.getElementById('found').textContent = encoded(JSON.stringify(found)); };
function press(target, key) {
  target.dispatchEvent(new frame.contentWindow.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}
function check() {
  const page = frame.contentDocument, view = frame.contentWindow, get = (id) => page.getElementById(id);
  found.width = page.documentElement.scrollWidth;
  const inside = (item) => item.getBoundingClientRect().right <= found.width + 1;
  const shown = (item) => item.getClientRects().length && !item.closest('.scrolled, pre');
  found.outside = [...page.querySelectorAll('main *, header *')].filter((item) => shown(item) && !inside(item)).length;
  const colour = (text) => { const probe = page.createElement('i'); probe.style.color = text; page.body.append(probe);
    const value = view.getComputedStyle(probe).color; probe.remove(); return value; };
  found.unnamed = [...page.querySelectorAll('button')].filter((b) => !(b.textContent.trim() || b.ariaLabel)).length;
  page.querySelector('[data-kernel="0"]').click();
  found.open = get('kernel').open;
  found.title = get('kernel-title').textContent;
  found.focus = page.activeElement.id;
  const canvas = get('weights'), pen = canvas.getContext('2d');
  const kept = colour(view.getComputedStyle(get('kernel')).getPropertyValue('--kept')), [nIn, nOut] = SHAPE;
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  found.kept = [];
  for (let o = 0; o < nOut; o++) for (let i = 0; i < nIn; i++) {
    const at = [(i + 0.5) * canvas.width / nIn, (o + 0.5) * canvas.height / nOut].map(Math.floor);
    const [r, g, b] = pixels.slice(4 * (at[1] * canvas.width + at[0]));
    found.kept.push(`rgb(${r}, ${g}, ${b})` === kept ? 1 : 0);
  }
  press(canvas, 'ArrowRight');
  found.first = get('cell').textContent;
  press(canvas, 'ArrowRight');
  press(canvas, 'ArrowDown');
  found.cell = get('cell').textContent;
  page.querySelector('[data-view=slots]').click();
  found.pressed = page.querySelector('[data-view=slots]').ariaPressed;
  const bands = canvas.height;
  page.querySelector('[data-zoom="2"]').click();
  found.larger = canvas.height >= bands;
  get('close').click();
  found.closed = !get('kernel').open;
  found.themes = [0, 1, 2].map(() => { get('theme').click(); return view.getComputedStyle(page.body).backgroundColor; });
}
frame.addEventListener('load', () => {
  frame.contentWindow.addEventListener('error', (event) => found.errors.push(event.message));
  try { check(); } catch (error) { found.errors.push(String(error)); }
  say();
});
frame.srcdoc = REPORT;
</script>"""


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('browser')
    config = models.hls_config({'Budget': {'DSP': '0.4x'}}, ['vitis:hwprune'])
    model = models.convert(models.mlp((16, 32, 5)), config, folder / 'project')
    plan = hls4ml_hwprune.get_plan(model)
    sweep = Sweep(
        (Point({'DSP': '0.4x'}, plan), Point({'DSP': 9}, replace(plan, after=plan.before)), Point({}, None, 'x' * 90))
    )
    shown = {'evaluation': Evaluation(500, 0.0125, 0.9, 0.8, 0.9, True), 'reports': {'csynth': {'dsp': 70, 'lut': 10**6}}}
    named = replace(plan, not_pruned={'a_layer_of_a_long_name_' * 4: 'of a reason ' * 20})
    write_html(named, folder / 'report.html', layers=read_layers(model), sweep=sweep, command='x' * 300, **shown)
    return plan, (folder / 'report.html').read_text('utf-8')


@pytest.fixture(scope='module', params=SIZES, ids=['wide', 'phone'])
def opened(request, made, tmp_path_factory):
    """Plan, and the findings in the browser with the lines that it logged."""
    plan, report = made
    width, height = request.param
    kernel = plan.kernels[0]
    around = AROUND.replace('WIDTH', str(width)).replace('HEIGHT', str(height))
    around = around.replace('SHAPE', f'[{kernel.n_in}, {kernel.n_out}]')
    around = around.replace('REPORT', json.dumps(report).replace('<', '\\u003c'))
    folder = tmp_path_factory.mktemp('opened')
    (folder / 'around.html').write_text(around)
    options = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--enable-logging=stderr',
        f'--user-data-dir={folder / "user"}',
    ]
    command = [BROWSER, *options, '--virtual-time-budget=5000', '--dump-dom', (folder / 'around.html').as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = re.search(r'<pre id="found">([^<]+)</pre>', done.stdout)
    assert found, done.stderr
    return plan, width, json.loads(base64.b64decode(found[1])), re.findall(r'.*CONSOLE.*', done.stderr)


def test_the_page_fits_and_has_no_errors(opened):
    _, width, found, logged = opened
    assert found['errors'] == logged == []
    assert found['width'] <= width
    assert found['outside'] == found['unnamed'] == 0


def test_a_button_opens_the_weights_as_they_are_kept(opened):
    plan, _, found, _ = opened
    kernel = plan.kernels[0]
    assert found['open']
    assert found['closed']
    assert found['title'] == f'fc1: {kernel.n_in} inputs x {kernel.n_out} outputs'
    assert found['focus'] == 'weights'
    assert np.array_equal(np.array(found['kept'], bool).reshape(kernel.mask.shape), kernel.mask)


def test_keys_move_over_weights_and_tell_their_slots(opened):
    plan, _, found, _ = opened
    kernel = plan.kernels[0]
    for text, (output, number) in ((found['first'], (0, 0)), (found['cell'], (1, 1))):
        said = f'output {output}, input {number}: '
        if not kernel.mask[output, number]:
            assert text == f'{said}pruned'
            continue
        slot, cycle = np.argwhere(kernel.slots.positions == output * kernel.n_in + number)[0]
        lane = kernel.slots.lane_of[slot]
        others = int((kernel.slots.lane_of == lane).sum()) - 1
        shared = f'shared with {others} other slot' if others else 'of its own'
        assert text.startswith(f'{said}kept; slot {slot}, cycle {cycle}; multiplexer {lane} {shared}')
    assert found['pressed'] == 'true'
    assert found['larger']


def test_the_switch_changes_the_theme(opened):
    _, _, found, _ = opened
    light, dark, system = found['themes']
    assert light != dark
    assert system in (light, dark)
