"""One node of the graph: its attributes, types, weights and kernels."""
