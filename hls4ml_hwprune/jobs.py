"""Work at the same time through joblib, on the back end that `joblib.parallel_config` names."""

import pickle
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

# More processes than a machine has room for.
_MOST_JOBS = 2**15


def check_jobs(jobs: Any) -> None:
    """Refuse numbers of jobs that joblib has no meaning for.

    Raises
    ------
    ConfigError
        Naming the number.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or not 0 < abs(jobs) <= _MOST_JOBS:
        raise ConfigError(f'jobs: expected a number of processes, or -1 for all cores, got {shown(jobs)}')


def is_spread(jobs: int) -> bool:
    """Whether work goes to other processes: of a cluster all are used, whatever the number of jobs."""
    from joblib import effective_n_jobs

    return bool(effective_n_jobs(jobs) != 1)


def results(work: Sequence[Any], jobs: int) -> Iterable[Any]:
    """Yield the results of delayed calls in their order, each as soon as it is there where the back end can."""
    from joblib import Parallel

    try:
        parallel = Parallel(n_jobs=jobs, return_as='generator')
    except ValueError:
        # The back end of multiprocessing returns all of them at once.
        parallel = Parallel(n_jobs=jobs)
    found: Iterable[Any] = parallel(work)
    return found


def packed(value: object) -> NDArray[np.uint8]:
    """Return an object as an array of bytes, which back ends send to each process once, and not with each piece of work."""
    return np.frombuffer(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), np.uint8)


def unpacked(array: NDArray[np.uint8]) -> Any:
    """Return the object behind the bytes that `packed` made in this run."""
    return pickle.loads(array.data)
