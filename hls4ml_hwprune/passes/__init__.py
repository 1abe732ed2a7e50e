"""Passes, flows and writer that tie the package into hls4ml; no arithmetic here."""

# hls4ml first: it loads this package's plug-in, which needs the modules of this room and must not find them half imported.
import hls4ml.backends  # noqa: F401
