"""Layout of kept slots: cycles, lanes, shared multiplexers."""
