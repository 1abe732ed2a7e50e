"""The package's flows.

`<backend>:hwprune` is hls4ml's own `<backend>:ip` with the package's stages between its stages; `<backend>:hwprune_estimate`
is `<backend>:ip` and then a look at the result.
"""

from functools import partial
from itertools import product

from hls4ml.backends.backend import get_available_backends, get_backend
from hls4ml.model.flow import get_flow, register_flow

from hls4ml_hwprune.config import BACKENDS
from hls4ml_hwprune.host.families.registry import FAMILIES
from hls4ml_hwprune.host.firmware.templates import SparseCall, SparseConfig
from hls4ml_hwprune.passes.check import CheckHWPrune, CheckProject
from hls4ml_hwprune.passes.estimate import FLOW as ESTIMATE_FLOW
from hls4ml_hwprune.passes.estimate import LogEstimate
from hls4ml_hwprune.passes.forgotten import ForgottenFlow
from hls4ml_hwprune.passes.pack import PackSparseWeights
from hls4ml_hwprune.passes.prune import PruneToBudget
from hls4ml_hwprune.passes.remove_dead import RemoveDeadStructure
from hls4ml_hwprune.passes.reuse_factor import RoundReuseFactor
from hls4ml_hwprune.passes.writer import extend_writer

_TYPES_FLOW = 'vivado:specific_types'


def register_flows() -> None:
    """Register nodes, passes, templates and flows for the back ends that work, and a refusal for the others."""
    kernels = [family.sparse for family in FAMILIES if family.sparse is not None]
    for kernel in kernels:
        kernel.register()
    for name in BACKENDS:
        backend = get_backend(name)
        backend.register_pass('hwprune_reuse_factor', RoundReuseFactor)
        backend.register_pass('hwprune_prune', PruneToBudget())
        backend.register_pass('hwprune_remove_dead', RemoveDeadStructure())
        backend.register_pass('hwprune_pack', PackSparseWeights)
        backend.register_pass(ESTIMATE_FLOW, LogEstimate())
        for template, kernel in product((SparseConfig, SparseCall), kernels):
            backend.register_template(partial(template, kernel))
        extend_writer(backend)
        _register_flow(name, backend)
    for key in get_available_backends():
        backend = get_backend(key)
        backend.register_pass('hwprune_forgotten_flow', ForgottenFlow())
        if backend.name not in BACKENDS:
            refusal = _check_flow(backend)
            for flow in ('hwprune', ESTIMATE_FLOW):
                register_flow(flow, [], requires=[refusal], backend=backend.name)


def _register_flow(name: str, backend) -> None:  # type: ignore[no-untyped-def]  # hls4ml's back ends are not typed
    stages = list(get_flow(backend.get_default_flow()).requires)
    types = stages.index(_TYPES_FLOW)
    stages.insert(types + 1, register_flow('hwprune_pack', [f'{name.lower()}:hwprune_pack'], backend=name))
    pruning = [f'{name.lower()}:{step}' for step in ('hwprune_prune', 'hwprune_remove_dead')]
    stages.insert(types, register_flow('hwprune_prune', pruning, backend=name))
    rounding = [f'{name.lower()}:hwprune_reuse_factor']
    stages.insert(types, register_flow('hwprune_reuse_factor', rounding, backend=name))
    stages.insert(0, _check_flow(backend))
    # As far as plans are made: what training reads.
    register_flow('hwprune_read', [], requires=stages[: types + 2], backend=name)
    register_flow('hwprune', [], requires=stages, backend=name)
    backend.register_pass('hwprune_check_project', CheckProject())
    checked = register_flow('hwprune_check_project', [f'{name.lower()}:hwprune_check_project'], backend=name)
    converted = [checked, backend.get_default_flow()]
    register_flow(ESTIMATE_FLOW, [f'{name.lower()}:{ESTIMATE_FLOW}'], requires=converted, backend=name)


def _check_flow(backend) -> str:  # type: ignore[no-untyped-def]
    backend.register_pass('hwprune_check', CheckHWPrune(backend.name))
    return register_flow('hwprune_check', [f'{backend.name.lower()}:hwprune_check'], backend=backend.name)
