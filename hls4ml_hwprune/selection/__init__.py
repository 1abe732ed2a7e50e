"""The knapsack: which groups are kept, under which packing and at which reuse factor, within the budget."""

from hls4ml_hwprune.selection.knapsack.problem import Curve, Problem, Solution
from hls4ml_hwprune.selection.knapsack.solver import solve

__all__ = ['Curve', 'Problem', 'Solution', 'solve']
