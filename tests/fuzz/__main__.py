"""Fuzzing from the command line: `python -m tests.fuzz --seed 0 --cases 100 --kinds plans bits`."""

import argparse
import sys
import time
import traceback
from collections import Counter

from tests.fuzz.cases import KINDS, how_to_repeat, run_case


def main(arguments: list[str] | None = None) -> int:
    """Run cases of all kinds, say how each that fails is run again, and return 1 if any did."""
    parser = argparse.ArgumentParser(prog='python -m tests.fuzz', description=__doc__)
    parser.add_argument('--seed', type=int, default=0, help='of the first case')
    parser.add_argument('--cases', type=int, default=100, help='of each kind')
    parser.add_argument('--kinds', nargs='+', choices=KINDS, default=list(KINDS))
    options = parser.parse_args(arguments)
    failed: Counter[str] = Counter()
    for kind in options.kinds:
        started = time.perf_counter()
        for seed in range(options.seed, options.seed + options.cases):
            try:
                run_case(kind, seed)
            except Exception as error:
                failed[kind] += 1
                if options.cases == 1:
                    traceback.print_exc()
                told = ' '.join(str(error).split())[:800]
                print(f'FAILED {kind} {seed}: {type(error).__name__}: {told}\n    {how_to_repeat(kind, seed)}', flush=True)
        seconds = time.perf_counter() - started
        print(f'{kind}: {failed[kind]} of {options.cases} cases failed, {seconds:.0f} s', flush=True)
    return int(bool(failed))


if __name__ == '__main__':
    sys.exit(main())
