"""Writes `model.onnx`, a network of two dense layers."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

rng = np.random.default_rng(0)
sizes = {'w': (16, 24), 'b': (24,), 'v': (24, 5)}
weights = [numpy_helper.from_array(rng.normal(0, 0.5, size).astype(np.float32), name) for name, size in sizes.items()]
steps = [('MatMul', ['x', 'w'], 'a'), ('Add', ['a', 'b'], 'c'), ('Relu', ['c'], 'd'), ('MatMul', ['d', 'v'], 'y')]
nodes = [helper.make_node(operation, inputs, [output], name=output) for operation, inputs, output in steps]
ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, size]) for name, size in (('x', 16), ('y', 5))]
onnx.save(helper.make_model(helper.make_graph(nodes, 'network', ends[:1], ends[1:], weights)), 'model.onnx')
