"""The knapsack: which groups are kept, for the most importance within the budget."""

from hls4ml_hwprune.selection.curves import KernelCurve, kernel_curves
from hls4ml_hwprune.selection.problem import Curve, Problem, Solution
from hls4ml_hwprune.selection.solver import solve

__all__ = ['Curve', 'KernelCurve', 'Problem', 'Solution', 'kernel_curves', 'solve']
