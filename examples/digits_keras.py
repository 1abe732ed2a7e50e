"""From training to a sparse project in Python: a float MLP and a float CNN on the digits."""

import argparse
import logging
import sys
from pathlib import Path

import digits


def main() -> None:
    """Train, convert with and without pruning, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--output', type=Path, default=Path('demo_output'), metavar='DIR', help='where projects go')
    parser.add_argument('--epochs', type=int, default=30, help='passes over the training images')
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s', stream=sys.stdout, force=True)
    data = digits.load()
    mlp = digits.train(digits.mlp, data, args.epochs)
    digits.compare('mlp', mlp, data, {'DSP': '0.6x'}, 'io_parallel', args.output)
    # At 0.5x one-shot pruning costs this CNN about 0.12 of accuracy.
    cnn = digits.train(digits.cnn, data, args.epochs)
    digits.compare('cnn', cnn, data, {'DSP': '0.65x'}, 'io_stream', args.output)


if __name__ == '__main__':
    main()
