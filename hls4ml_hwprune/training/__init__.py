"""Pruning with training: hls4ml's IR selects the weights to keep, the training framework trains them.

Keras 2 and QKeras, Keras 3 on any engine, PyTorch. Imported by nothing else of the package.
"""

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401

from hls4ml_hwprune.training.api import TrainingResult, prune
from hls4ml_hwprune.training.masks import apply_masks, masks
from hls4ml_hwprune.training.options import TrainingOptions
from hls4ml_hwprune.training.state import Step

__all__ = ['Step', 'TrainingOptions', 'TrainingResult', 'apply_masks', 'masks', 'prune']
