"""Sparse firmware: the nodes, weights and templates that hls4ml's writer turns into C++, and the kernels themselves."""
