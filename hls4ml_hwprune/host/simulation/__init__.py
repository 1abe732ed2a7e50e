"""C simulation of a network whose weights change: compiled once, then run as often as wanted."""

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401

from hls4ml_hwprune.host.simulation.compiled import Simulation
from hls4ml_hwprune.host.simulation.project import copy_model

__all__ = ['Simulation', 'copy_model']
