"""Sparse firmware: the nodes, weights and templates that hls4ml's writer turns into C++, and the kernels themselves."""

# hls4ml first: it loads this package's plug-in, which needs the modules of this room and must not find them half imported.
import hls4ml.backends  # noqa: F401
