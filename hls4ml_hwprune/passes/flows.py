"""Flows of the package.

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
from hls4ml_hwprune.passes import names
from hls4ml_hwprune.passes.apply import ApplyPlan
from hls4ml_hwprune.passes.check import CheckHWPrune, CheckProject
from hls4ml_hwprune.passes.distributed import OPTIMIZE_FLOW, DeferDistributed, ResumeDistributed
from hls4ml_hwprune.passes.estimate import LogEstimate
from hls4ml_hwprune.passes.forgotten import ForgottenFlow
from hls4ml_hwprune.passes.pack import PackSparseWeights
from hls4ml_hwprune.passes.plan import PlanToBudget
from hls4ml_hwprune.passes.remove_dead import RemoveDeadStructure
from hls4ml_hwprune.passes.reuse_factor import RoundReuseFactor
from hls4ml_hwprune.passes.unrolled import TakeOverUnrolled
from hls4ml_hwprune.passes.weight_layout import RestoreLayout
from hls4ml_hwprune.passes.writer import extend_writer

_TYPES_FLOW = 'vivado:specific_types'


def register_flows() -> None:
    """Register nodes, passes, templates and flows for the back ends that work, and a refusal for the others."""
    kernels = {id(one): one for family in FAMILIES for one in (family.sparse, family.fabric) if one is not None}.values()
    for kernel in kernels:
        kernel.register()
    for name in BACKENDS:
        backend = get_backend(name)
        backend.register_pass(names.LAYOUT, RestoreLayout)
        backend.register_pass(names.DEFER, DeferDistributed)
        backend.register_pass(names.TAKE_OVER, TakeOverUnrolled)
        backend.register_pass(names.RESUME, ResumeDistributed())
        backend.register_pass(names.REUSE, RoundReuseFactor)
        for step in (PlanToBudget(), ApplyPlan(), RemoveDeadStructure(), LogEstimate(), CheckProject()):
            backend.register_pass(step.name, step)
        backend.register_pass(names.PACK, PackSparseWeights)
        for template, kernel in product((SparseConfig, SparseCall), kernels):
            backend.register_template(partial(template, kernel))
        extend_writer(backend)
        _register_flow(name, backend)
    for key in get_available_backends():
        backend = get_backend(key)
        backend.register_pass(names.FORGOTTEN, ForgottenFlow())
        if backend.name not in BACKENDS:
            refusal = _check_flow(backend)
            for flow in (names.PRUNE_FLOW, names.ESTIMATE_FLOW):
                register_flow(flow, [], requires=[refusal], backend=backend.name)


def _register_flow(name: str, backend) -> None:  # type: ignore[no-untyped-def]  # hls4ml's back ends are not typed
    def stage(flow: str, *passes: str) -> str:
        return str(register_flow(flow, [names.flow_of(name, step) for step in passes], backend=name))

    stages = list(get_flow(backend.get_default_flow()).requires)
    types = stages.index(_TYPES_FLOW)
    stages.insert(types + 1, stage(names.PACK_STAGE, names.PACK))
    stages.insert(types, stage(names.PRUNE_STAGE, names.PLAN, names.APPLY, names.REMOVE_DEAD, names.RESUME))
    stages.insert(types, stage(names.REUSE_STAGE, names.LAYOUT, names.REUSE))
    stages.insert(stages.index(OPTIMIZE_FLOW), stage(names.DEFER_STAGE, names.DEFER, names.TAKE_OVER))
    stages.insert(0, _check_flow(backend))
    register_flow(names.READ_FLOW, [], requires=stages[: types + 3], backend=name)
    register_flow(names.PRUNE_FLOW, [], requires=stages, backend=name)
    converted = [stage(names.CHECK_PROJECT_STAGE, names.CHECK_PROJECT), backend.get_default_flow()]
    register_flow(names.ESTIMATE_FLOW, [names.flow_of(name, names.LOG_ESTIMATE)], requires=converted, backend=name)


def _check_flow(backend) -> str:  # type: ignore[no-untyped-def]
    backend.register_pass(names.CHECK, CheckHWPrune(backend.name))
    check = names.flow_of(backend.name, names.CHECK)
    return str(register_flow(names.CHECK_STAGE, [check], backend=backend.name))
