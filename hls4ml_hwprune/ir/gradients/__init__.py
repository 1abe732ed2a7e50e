"""Gradients through hls4ml's IR: a rule for each family of layers, and the way through a whole model."""

from hls4ml_hwprune.ir.gradients.flow import backpropagate, evaluate_node, forward_model
from hls4ml_hwprune.ir.gradients.kernels import kernel_parameters
from hls4ml_hwprune.ir.gradients.rules import Parameters
from hls4ml_hwprune.ir.gradients.table import rule_of

__all__ = ['Parameters', 'backpropagate', 'evaluate_node', 'forward_model', 'kernel_parameters', 'rule_of']
