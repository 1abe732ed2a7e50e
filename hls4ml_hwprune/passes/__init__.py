"""The passes, flows and writer that tie the package into hls4ml; no arithmetic here."""
