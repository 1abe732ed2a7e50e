"""All that knows hls4ml, in three scales: one node, one family of layers, one graph."""
