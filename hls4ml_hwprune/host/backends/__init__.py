"""Back ends: their parts, clocks and tools."""
