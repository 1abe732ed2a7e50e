"""Fuzzing from the command line: `python -m tests.fuzz --seed 0 --cases 100 --kinds plans bits`."""

import argparse
import sys
import time
import traceback
from collections import Counter

from tests.fuzz.cases import KINDS, run_case
from tests.fuzz.networks import Unsupported


def main(arguments: list[str] | None = None) -> int:
    """Run cases of all kinds, say how each that fails is run again, and return 1 if any did."""
    parser = argparse.ArgumentParser(prog='python -m tests.fuzz', description=__doc__)
    parser.add_argument('--seed', type=int, default=0, help='of the first case')
    parser.add_argument('--cases', type=int, default=100, help='of each kind')
    parser.add_argument('--kinds', nargs='+', choices=KINDS, default=list(KINDS))
    parser.add_argument('--trace', action='store_true', help='print whole tracebacks')
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    for kind in options.kinds:
        started = time.perf_counter()
        for seed in range(options.seed, options.seed + options.cases):
            try:
                run_case(kind, seed)
                counts[f'{kind}: passed'] += 1
            except Unsupported:
                counts[f'{kind}: not for hls4ml itself'] += 1
            except Exception as error:
                counts[f'{kind}: FAILED'] += 1
                print(f'FAILED {kind} {seed}: {type(error).__name__}: {" ".join(str(error).split())[:600]}', flush=True)
                if options.trace:
                    traceback.print_exc()
                print(f'  again: make fuzz KINDS={kind} SEED={seed} CASES=1', flush=True)
        print(f'{kind}: {options.cases} cases in {time.perf_counter() - started:.0f} s', flush=True)
    print('\n'.join(f'{count:6d}  {what}' for what, count in sorted(counts.items())))
    return int(any('FAILED' in what for what in counts))


if __name__ == '__main__':
    sys.exit(main())
