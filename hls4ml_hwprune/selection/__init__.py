"""The knapsack: a choice of groups, packings and reuse factors within the budget."""

from hls4ml_hwprune.selection.knapsack.problem import Curve, Problem, Solution
from hls4ml_hwprune.selection.knapsack.solver import solve

__all__ = ['Curve', 'Problem', 'Solution', 'solve']
