"""Names of the package's flows and passes in hls4ml, and of its files in projects."""

#: Flows that users name, after '<backend>:'; and the one that training reads networks with, as far as plans are made.
PRUNE_FLOW, ESTIMATE_FLOW, READ_FLOW = 'hwprune', 'hwprune_estimate', 'hwprune_read'
#: Stages of the flows.
CHECK_STAGE, REUSE_STAGE, PRUNE_STAGE, PACK_STAGE = 'hwprune_check', 'hwprune_reuse_factor', 'hwprune_prune', 'hwprune_pack'
DEFER_STAGE = 'hwprune_defer'
CHECK_PROJECT_STAGE = 'hwprune_check_project'
#: Passes.
CHECK, CHECK_PROJECT, REUSE = 'hwprune_check', 'hwprune_check_project', 'hwprune_reuse_factor'
LAYOUT, TRANSPOSE = 'hwprune_weight_layout', 'hwprune_transpose'
DEFER, RESUME, TAKE_OVER = 'hwprune_defer_distributed', 'hwprune_resume_distributed', 'hwprune_take_over_unrolled'
PLAN, APPLY, REMOVE_DEAD, PACK = 'hwprune_plan', 'hwprune_apply', 'hwprune_remove_dead', 'hwprune_pack'
LOG_ESTIMATE, FORGOTTEN = 'hwprune_estimate', 'hwprune_forgotten_flow'
#: Files of a project.
REPORT, ESTIMATE = 'hwprune_report.json', 'hwprune_estimate.json'
PAGE = 'hwprune_report.html'
#: Mark of a writer that writes them.
EXTENDED = 'hwprune_extended'


def flow_of(backend: str, name: str = PRUNE_FLOW) -> str:
    """Name of a flow or a pass of a back end, as configurations have it."""
    return f'{backend.lower()}:{name}'
