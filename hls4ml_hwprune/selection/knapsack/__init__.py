"""The knapsack: exact solver of the multiple-choice, multi-dimensional knapsack problem."""
