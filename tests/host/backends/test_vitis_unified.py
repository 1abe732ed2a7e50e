"""Back ends of later versions of hls4ml: registered where they are, with the firmware of Vitis."""

import json

from hls4ml.model.flow import get_available_flows

from hls4ml_hwprune.config import LATER_BACKENDS, check_backend
from hls4ml_hwprune.host.backends.registry import REGISTERED
from tests.test_plugin import run

# The plug-in is kept from loading until the back ends are there.
CONVERT = """
import importlib.metadata, json
from pathlib import Path

every = importlib.metadata.entry_points
class Without:
    def __init__(self, found):
        self.found = found
    def select(self, **wanted):
        return [] if wanted.get('group') == 'hls4ml.backends' else self.found.select(**wanted)
importlib.metadata.entry_points = lambda: Without(every())

from tests.host.backends import vitis_unified
vitis_unified.register()
importlib.metadata.entry_points = every
from hls4ml_hwprune.plugin import register
register()
import hls4ml_hwprune
from hls4ml.model.flow import get_flow
from tests import models

firmware, plans = {{}}, {{}}
for backend in ('Vitis', *{backends!r}):
    config = models.hls_config()
    hls4ml_hwprune.enable(config, backend=backend, budget={{'DSP': '0.5x'}})
    folder = Path({folder!r}) / backend
    model = models.convert(models.cnn(), config, folder, backend, io_type='io_stream')
    model.write()
    plan = hls4ml_hwprune.get_plan(model)
    assert hls4ml_hwprune.estimate(model).total == plan.after
    plans[backend] = [kernel.n_kept for kernel in plan.kernels], plan.before.dsp, plan.after.dsp
    firmware[backend] = {{str(path.relative_to(folder)): path.read_text() for path in folder.rglob('firmware/**/*.h')}}
kept, before, after = plans['Vitis']
assert after <= 0.5 * before
for backend in {backends!r}:
    assert plans[backend] == plans['Vitis'], backend
    assert firmware[backend] == firmware['Vitis'], backend
passes = [list(get_flow(backend.lower() + ':hwprune').optimizers) for backend in {backends!r}]
print(json.dumps([passes, [name for name in firmware['Vitis'] if 'sparse' in name]]))
"""


def test_firmware_is_that_of_vitis(tmp_path):
    passes, headers = json.loads(run(CONVERT.format(backends=tuple(LATER_BACKENDS), folder=str(tmp_path))))
    # Passes of a flow around that of Vitis stay.
    assert dict(zip(LATER_BACKENDS, passes, strict=True)) == {
        'VitisUnified': ['vitisunified:validate_std_cpp_types'],
        'VitisUnifiedPartial': [],
    }
    assert headers


def test_where_hls4ml_has_none_there_is_no_flow():
    for name in LATER_BACKENDS:
        assert name in REGISTERED
        assert check_backend(name.lower()) == name
        assert f'{name.lower()}:hwprune' not in get_available_flows()
