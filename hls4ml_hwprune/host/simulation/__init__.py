"""C simulation of a network whose weights change: compiled once, then run as often as wanted."""

from hls4ml_hwprune.host.simulation.compiled import Simulation
from hls4ml_hwprune.host.simulation.project import copy_model

__all__ = ['Simulation', 'copy_model']
