"""Plug-in of hls4ml, loaded with it (entry point group `hls4ml.backends`): registers passes, flows and templates."""

from typing import Any


def register(register_backend: Any = None, register_writer: Any = None) -> None:
    """Register the hwprune flows with hls4ml; a second call changes nothing.

    hls4ml passes its functions for registering new back ends and writers; this package adds none.
    """
    from hls4ml.model.flow import get_available_flows

    from hls4ml_hwprune.passes.flows import register_flows
    from hls4ml_hwprune.passes.names import flow_of

    if flow_of('Vitis') not in get_available_flows():
        register_flows()
