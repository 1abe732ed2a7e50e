"""From training to a sparse project in Python: a float MLP and a float CNN on the digits."""

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
    args = digits.arguments(__doc__)
    data = digits.load()
    mlp = digits.train(digits.mlp, data, args.epochs)
    digits.compare('mlp', mlp, data, configuration(mlp), 'io_parallel', {'DSP': '0.6x'}, args.output)
    # Much below this, pruning in one shot costs this CNN accuracy quickly.
    cnn = digits.train(digits.cnn, data, args.epochs)
    digits.compare('cnn', cnn, data, configuration(cnn), 'io_stream', {'DSP': '0.65x'}, args.output)


if __name__ == '__main__':
    main()
