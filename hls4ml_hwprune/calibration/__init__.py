"""Plans for networks with calibration data: measured importance, and reconstruction of the weights that are kept."""

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401
