"""Pruning with training: the MLP of the digits at a tenth of its DSPs."""

import logging
import shutil

import digits
import hls4ml
from tensorflow import keras

import hls4ml_hwprune
from hls4ml_hwprune.training import TrainingOptions, prune

_LOG = logging.getLogger(__name__)


def main() -> None:
    """Train, prune and train on, and run the firmware of what is left."""
    args = digits.arguments(__doc__)
    data = digits.load()
    model = digits.train(digits.mlp, data, args.epochs)
    x = digits.inputs(model, data.x_test)
    before = digits.accuracy(model.predict(x, verbose=0), data.y_test)

    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 4, 'Strategy': 'Resource'}}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '0.1x'})
    # Checkpoints of an earlier run with the same options would be taken up.
    folder = args.output / 'training'
    shutil.rmtree(folder, ignore_errors=True)
    result = prune(
        model,
        (digits.inputs(model, data.x_train), data.y_train),
        config=config,
        backend='Vitis',
        optimizer=keras.optimizers.Adam(3e-3),
        options=TrainingOptions(steps=6, epochs=5, last_epochs=20, tolerance=0.05),
        folder=folder,
    )
    firmware = hls4ml.converters.convert_from_keras_model(
        model, hls_config=result.config, backend='Vitis', output_dir=str(args.output / 'mlp_trained')
    )
    firmware.compile()
    after = digits.accuracy(firmware.predict(x), data.y_test)
    _LOG.info('accuracy on the test split: Keras %.4f, pruned firmware %.4f', before, after)


if __name__ == '__main__':
    main()
