"""From training to a sparse project in Python: a float MLP and a float CNN on the digits."""

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

import digits
import hls4ml
from tensorflow import keras


def configuration(model: keras.Model) -> dict[str, Any]:
    """Return hls4ml's configuration: 16 bits everywhere, four weights to a multiplier."""
    config = hls4ml.utils.config_from_keras_model(
        model, granularity='model', backend='Vitis', default_precision='ap_fixed<16,6>', default_reuse_factor=4
    )
    config['Model']['Strategy'] = 'Resource'
    return config


def main() -> None:
    """Train, convert with and without pruning, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--output', type=Path, default=Path('demo_output'), metavar='DIR', help='where projects go')
    parser.add_argument('--epochs', type=int, default=30, help='passes over the training images')
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s', stream=sys.stdout, force=True)
    data = digits.load()
    mlp = digits.train(digits.mlp, data, args.epochs)
    digits.compare('mlp', mlp, data, configuration(mlp), 'io_parallel', {'DSP': '0.6x'}, args.output)
    # At 0.5x one-shot pruning costs this CNN about 0.13 of accuracy.
    cnn = digits.train(digits.cnn, data, args.epochs)
    digits.compare('cnn', cnn, data, configuration(cnn), 'io_stream', {'DSP': '0.65x'}, args.output)


if __name__ == '__main__':
    main()
