"""Command line as a module: `python -m hls4ml_hwprune`."""

from hls4ml_hwprune.cli import main

if __name__ == '__main__':
    main()
