"""Flows of the package.

`<backend>:hwprune` is hls4ml's own `<backend>:ip` with the package's stages between its stages; `<backend>:hwprune_estimate`
is `<backend>:ip` and then a look at the result.
"""

from functools import partial
from itertools import product

from hls4ml.backends.backend import get_available_backends, get_backend
from hls4ml.model.flow import get_flow, register_flow

from hls4ml_hwprune.host.backends.base import VIVADO, Backend
from hls4ml_hwprune.host.backends.registry import REGISTERED
from hls4ml_hwprune.host.families.registry import FAMILIES
from hls4ml_hwprune.host.firmware.sparse import SparseKernel
from hls4ml_hwprune.host.firmware.templates import SparseCall, SparseConfig
from hls4ml_hwprune.passes import names
from hls4ml_hwprune.passes.apply import ApplyPlan
from hls4ml_hwprune.passes.check import CheckHWPrune, CheckProject
from hls4ml_hwprune.passes.distributed import DeferDistributed, ResumeDistributed
from hls4ml_hwprune.passes.estimate import LogEstimate
from hls4ml_hwprune.passes.forgotten import ForgottenFlow
from hls4ml_hwprune.passes.pack import PackSparseWeights
from hls4ml_hwprune.passes.plan import PlanToBudget
from hls4ml_hwprune.passes.remove_dead import RemoveDeadStructure
from hls4ml_hwprune.passes.reuse_factor import RoundReuseFactor
from hls4ml_hwprune.passes.unrolled import TakeOverUnrolled
from hls4ml_hwprune.passes.weight_layout import RestoreLayout, TransposeSparse
from hls4ml_hwprune.passes.writer import extend_writer


def register_flows() -> None:
    """Register nodes, passes, templates and flows for the back ends that work, and a refusal for the others."""
    for kernel in _kernels(VIVADO):
        kernel.register()
    for facts in REGISTERED.values():
        # Back ends of later versions of hls4ml are there or not.
        if facts.name.lower() in get_available_backends():
            _register(facts)
    for key in get_available_backends():
        backend = get_backend(key)
        backend.register_pass(names.FORGOTTEN, ForgottenFlow())
        if backend.name not in REGISTERED:
            refusal = _check_flow(backend)
            for flow in (names.PRUNE_FLOW, names.ESTIMATE_FLOW):
                register_flow(flow, [], requires=[refusal], backend=backend.name)


def _kernels(dialect: str) -> list[SparseKernel]:
    """Firmware of all families that have some in a dialect, each once."""
    given = [kernel for family in FAMILIES for kernel in (family.sparse, family.fabric) if kernel is not None]
    kernels = [kernel.in_dialect(dialect) for kernel in given]
    return list({id(kernel): kernel for kernel in kernels if kernel is not None}.values())


def _register(facts: Backend) -> None:
    """Register passes, templates, the writer and the flows of a back end."""
    backend = get_backend(facts.name)
    backend.register_pass(names.LAYOUT, RestoreLayout)
    if facts.pads_weights:
        backend.register_pass(names.TRANSPOSE, TransposeSparse)
    backend.register_pass(names.DEFER, DeferDistributed)
    backend.register_pass(names.TAKE_OVER, TakeOverUnrolled)
    backend.register_pass(names.RESUME, ResumeDistributed())
    backend.register_pass(names.REUSE, RoundReuseFactor)
    for step in (PlanToBudget(), ApplyPlan(), RemoveDeadStructure(), LogEstimate(), CheckProject()):
        backend.register_pass(step.name, step)
    backend.register_pass(names.PACK, PackSparseWeights)
    for template, kernel in product((SparseConfig, SparseCall), _kernels(facts.dialect)):
        backend.register_template(partial(template, kernel))
    extend_writer(backend)
    _register_flow(facts, backend)


def _register_flow(facts: Backend, backend) -> None:  # type: ignore[no-untyped-def]  # hls4ml's back ends are not typed
    def stage(flow: str, *passes: str) -> str:
        return str(register_flow(flow, [names.flow_of(facts.name, step) for step in passes], backend=facts.name))

    stages, last = _stages(backend.get_default_flow(), facts.types_flow)
    types = stages.index(facts.types_flow)
    stages.insert(types + 1, stage(names.PACK_STAGE, names.PACK))
    last_step = [names.TRANSPOSE] if facts.pads_weights else []
    stages.insert(types, stage(names.PRUNE_STAGE, names.PLAN, names.APPLY, names.REMOVE_DEAD, names.RESUME, *last_step))
    stages.insert(types, stage(names.REUSE_STAGE, names.LAYOUT, names.REUSE))
    stages.insert(stages.index(facts.optimize_flow), stage(names.DEFER_STAGE, names.DEFER, names.TAKE_OVER))
    stages.insert(0, _check_flow(backend))
    register_flow(names.READ_FLOW, [], requires=stages[: types + 3], backend=facts.name)
    register_flow(names.PRUNE_FLOW, last, requires=stages, backend=facts.name)
    converted = [stage(names.CHECK_PROJECT_STAGE, names.CHECK_PROJECT), backend.get_default_flow()]
    register_flow(
        names.ESTIMATE_FLOW, [names.flow_of(facts.name, names.LOG_ESTIMATE)], requires=converted, backend=facts.name
    )


def _stages(flow: str, types_flow: str) -> tuple[list[str], list[str]]:
    """Flows that a back end's own flow requires, with that which converts types among them, and passes after them.

    A flow that goes through that of another back end, as VitisUnified through `vitis:ip`, stands for it.
    """
    stages, passes = list(get_flow(flow).requires), list(get_flow(flow).optimizers)
    while types_flow not in stages:
        (inner,) = stages
        stages, passes = list(get_flow(inner).requires), [*get_flow(inner).optimizers, *passes]
    return stages, passes


def _check_flow(backend) -> str:  # type: ignore[no-untyped-def]
    backend.register_pass(names.CHECK, CheckHWPrune(backend.name))
    check = names.flow_of(backend.name, names.CHECK)
    return str(register_flow(names.CHECK_STAGE, [check], backend=backend.name))
