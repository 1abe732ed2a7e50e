"""Plans for networks with calibration data: importance from what they do, and weights that make up for those pruned."""

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401
