"""A small network of a layer list, converted."""

import hls4ml.backends  # noqa: F401
from hls4ml.model.graph import ModelGraph
from hls4ml.utils.config import create_config

from hls4ml_hwprune.qualification.cases import layers_of


def dense():
    config = {'Model': {'Precision': {'default': 'fixed<16,6>'}, 'ReuseFactor': 4, 'Strategy': 'Resource'}}
    project = create_config(output_dir='project', backend='Vitis', part='xcvu13p-flga2577-2-e')
    return ModelGraph.from_layer_list({**project, 'HLSConfig': config}, layers_of('dense'))
