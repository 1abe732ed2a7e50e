"""Work on a cluster of Dask, through the back end that joblib has for it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import click

from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.quoting import shown

# Seconds until a scheduler has to answer, and a worker has to be there.
_WAIT = 20
# Packages on which plans depend.
_PACKAGES = ('hls4ml_hwprune', 'hls4ml', 'numpy', 'ortools')

jobs_option = click.option(
    '--jobs', type=int, default=1, metavar='N', help='Work at a time on this machine; -1 for all cores.'
)
scheduler_option = click.option(
    '--scheduler', metavar='ADDRESS', help='Work on a cluster of Dask, such as tcp://host:8786, in place of this machine.'
)


@contextmanager
def on_cluster(address: str | None) -> Iterator[None]:
    """Let joblib work on a cluster, if there is the address of its scheduler.

    Raises
    ------
    HWPruneError
        If `distributed` is not installed, the scheduler does not answer, it has no workers, or theirs are other packages.
    """
    if address is None:
        yield
        return
    if find_spec('distributed') is None:
        raise HWPruneError('--scheduler needs distributed: pip install "hls4ml_hwprune[cli,cluster]"')
    import distributed
    from joblib import parallel_config

    # The one line of the error says enough.
    logging.getLogger('distributed').setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=_WAIT)
    except (ValueError, TypeError) as error:
        raise ConfigError(f'--scheduler: {shown(address)} is no address such as tcp://host:8786: {error}') from None
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise HWPruneError(f'--scheduler: no scheduler answers at {shown(address)}: {reason}') from None
    with client:
        _check_workers(client, address)
        with parallel_config(backend='dask', wait_for_workers_timeout=_WAIT):
            yield


def _check_workers(client: 'distributed.Client', address: str) -> None:  # type: ignore[name-defined]  # noqa: F821
    """Refuse clusters without workers, and with packages of other versions, which may plan otherwise."""
    try:
        client.wait_for_workers(1, timeout=_WAIT)
    except TimeoutError:
        raise HWPruneError(f'--scheduler: the cluster at {shown(address)} has no workers') from None
    own = installed()
    for worker, found in client.run(installed, on_error='return').items():
        if found != own:
            theirs = f'has not this package: {found}' if isinstance(found, Exception) else f'has {found}'
            raise HWPruneError(f'--scheduler: the worker {worker} {theirs}; needed are {own}')


def installed() -> str:
    """Return the packages on which plans depend, with their versions."""
    return ', '.join(f'{name} {_version(name)}' for name in _PACKAGES)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'missing'
