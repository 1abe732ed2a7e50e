"""Prune neural networks inside hls4ml's IR to the budget of an FPGA, and emit sparse firmware.

Importing this package imports neither hls4ml nor TensorFlow, torch or OR-tools; they load when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hls4ml_hwprune import selection
    from hls4ml_hwprune.api import enable, estimate, evaluate
    from hls4ml_hwprune.host.session.plan_store import get_plan
    from hls4ml_hwprune.pareto import Sweep, sweep
    from hls4ml_hwprune.plan import Plan
    from hls4ml_hwprune.report.html_report import write_html

__all__ = ['Plan', 'Sweep', '__version__', 'enable', 'estimate', 'evaluate', 'get_plan', 'selection', 'sweep', 'write_html']
__version__ = '0.1.0'

_HOMES = {
    'Plan': 'plan',
    'Sweep': 'pareto',
    'enable': 'api',
    'estimate': 'api',
    'evaluate': 'api',
    'get_plan': 'host.session.plan_store',
    'sweep': 'pareto',
    'write_html': 'report.html_report',
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        # hls4ml first: it loads this package's plug-in, which must not find the package half imported.
        import_module('hls4ml.backends')
        return getattr(import_module(f'hls4ml_hwprune.{_HOMES[name]}'), name)
    if name == 'selection':
        return import_module('hls4ml_hwprune.selection')
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


def __dir__() -> list[str]:
    return sorted(__all__)
