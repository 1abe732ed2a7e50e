"""Families of layers: what hls4ml builds of them, and their arithmetic in floating point."""
