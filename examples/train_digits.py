"""Train the float networks on the digits and save them as mlp.h5 and cnn.h5, for `hls4ml convert -c examples/mlp.yml`."""

import logging

import digits

_LOG = logging.getLogger(__name__)


def main() -> None:
    """Train and save both networks."""
    args = digits.arguments(__doc__)
    args.output.mkdir(parents=True, exist_ok=True)
    data = digits.load()
    for name, make_layers in (('mlp', digits.mlp), ('cnn', digits.cnn)):
        model = digits.train(make_layers, data, args.epochs)
        path = args.output / f'{name}.h5'
        digits.save(model, path)
        outputs = model.predict(digits.inputs(model, data.x_test), verbose=0)
        _LOG.info(
            '%s: accuracy on the test split: Keras %.4f; saved to %s', name, digits.accuracy(outputs, data.y_test), path
        )


if __name__ == '__main__':
    main()
