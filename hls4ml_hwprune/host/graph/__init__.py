"""Graphs of hls4ml: their layers as records, eligibility, links, FIFOs, answers and gradients."""

from hls4ml_hwprune.host.backends.target import project_part
from hls4ml_hwprune.host.graph.reader import read_layer, read_layers
from hls4ml_hwprune.host.node.weights import weight_matrix, zero_pruned

__all__ = ['project_part', 'read_layer', 'read_layers', 'weight_matrix', 'zero_pruned']
