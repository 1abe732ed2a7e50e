"""Plug-in of hls4ml, loaded with it (entry point group `hls4ml.backends`): registers passes, flows and templates."""

import logging
import re
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_LOG = logging.getLogger(__name__)
#: Newest minor version of hls4ml that the tests ran with.
TESTED = (1, 3)


def register(register_backend: Any = None, register_writer: Any = None) -> None:
    """Register the hwprune flows with hls4ml; a second call changes nothing.

    hls4ml passes its functions for registering new back ends and writers; this package adds none. A warning says that hls4ml
    is newer than the newest version tested.
    """
    from hls4ml.model.flow import get_available_flows

    from hls4ml_hwprune.passes.flows import register_flows
    from hls4ml_hwprune.passes.names import flow_of

    if flow_of('Vitis') not in get_available_flows():
        _warn_of_untested()
        register_flows()


def _warn_of_untested() -> None:
    try:
        installed = version('hls4ml')
    except PackageNotFoundError:
        return
    found = re.match(r'(\d+)\.(\d+)', installed)
    if found and (int(found[1]), int(found[2])) > TESTED:
        newest = '.'.join(map(str, TESTED))
        _LOG.warning('hls4ml %s is newer than %s, the newest version that hls4ml_hwprune was tested with', installed, newest)
