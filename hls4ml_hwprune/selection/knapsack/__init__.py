"""The knapsack: exact solution of a multiple-choice, multi-dimensional problem."""
