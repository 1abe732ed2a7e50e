"""The command: help, shell completion, and designs for the tools."""

import os
import subprocess


def run(*words, **environment):
    return subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, **environment}).stdout


assert 'Prune neural networks' in run('hwprune', '--help')
assert 'xc7z020' in run('hwprune', 'parts', 'pynq-z2')
assert 'designs written' in run('hwprune', 'qualify', 'more')
assert '_HWPRUNE_COMPLETE' in run('hwprune', _HWPRUNE_COMPLETE='bash_source')
