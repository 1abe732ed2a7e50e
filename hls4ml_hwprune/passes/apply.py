"""Third pass, a transformation: the held plan is carried out on the IR, but for dead structure."""

from typing import TYPE_CHECKING, Any

import numpy as np

from hls4ml_hwprune.host.node.attributes import kept_mask
from hls4ml_hwprune.host.node.weights import weight_matrix
from hls4ml_hwprune.host.session.plan_store import get_plan, has_plan, is_part, store_plan
from hls4ml_hwprune.host.session.plans import plan_of
from hls4ml_hwprune.host.session.reference import hold_reference
from hls4ml_hwprune.passes.application import apply_to_graph
from hls4ml_hwprune.passes.contracts import ContractPass
from hls4ml_hwprune.passes.names import APPLY
from hls4ml_hwprune.report.console import shown_messages

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class ApplyPlan(ContractPass):
    """Zero the pruned weights and put sparse nodes in place of the layers that lost slots.

    Requires: a plan held beside the model, or stored on it by an earlier run. Ensures: the plan is stored on the model, and
    weights that it does not keep are zero. A model that has a plan is left alone.
    """

    def __init__(self) -> None:
        self.name = APPLY

    @shown_messages()
    def run(self, model: 'ModelGraph') -> None:
        """Prune `model`."""
        plan = plan_of(model)
        if has_plan(model) or plan is None:
            return
        hold_reference(model)
        apply_to_graph(model, plan)
        store_plan(model, plan)

    def requires(self, model: 'ModelGraph') -> str:
        """Ask for a plan, held or stored."""
        return '' if has_plan(model) or plan_of(model) is not None else 'a plan'

    def observe(self, model: 'ModelGraph') -> bool:
        """Tell whether the plan was carried out before."""
        return has_plan(model)

    def ensures(self, model: 'ModelGraph', before: Any) -> str:
        """Ask for the stored plan, and for zeros in place of all weights that it does not keep."""
        if not has_plan(model):
            return 'a plan on the model'
        for kernel in () if before or is_part(model) else get_plan(model).kernels:
            node = model.graph[kernel.layer]
            weights = weight_matrix(node, kernel.n_in, kernel.n_out, kernel.role)
            if weights[~kernel.mask].any():
                return f'zeros for the pruned weights of {kernel.key}'
            kept = kept_mask(node, kernel.role)
            if kernel.replaced and (kept is None or not np.array_equal(kept, kernel.mask)):
                return f'a sparse node for {kernel.key}'
        return ''
