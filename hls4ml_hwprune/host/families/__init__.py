"""Families of layers: their hardware in hls4ml, and their arithmetic in floating point."""
