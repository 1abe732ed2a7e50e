"""Host: the rooms that know hls4ml, in three scales: one node, one family of layers, one graph."""

# hls4ml first: it loads this package's plug-in, which needs the modules of this room and must not find them half imported.
import hls4ml.backends  # noqa: F401
