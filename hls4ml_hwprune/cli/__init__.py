"""Command line `hwprune`: one subcommand a file, over the functions of the package."""

import sys
from importlib.util import find_spec


def main() -> None:
    """Run `hwprune`; without its dependencies, say how to install them."""
    missing = [name for name in ('click', 'yaml') if find_spec(name) is None]
    if missing:
        sys.exit(f'hwprune needs {" and ".join(missing)}: pip install "hls4ml_hwprune[cli]"')
    from hls4ml_hwprune.cli.app import hwprune

    hwprune(prog_name='hwprune')
