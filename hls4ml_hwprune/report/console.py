"""Console messages for users who did not configure logging, as on hls4ml's command line."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGER = logging.getLogger('hls4ml_hwprune')


class _ConsoleHandler(logging.Handler):
    """Handler that writes to standard output, looked up at each message: it may have been redirected since."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stdout.write(self.format(record) + '\n')


@contextmanager
def shown_messages() -> Iterator[None]:
    """Show the package's messages while a function runs, unless the application decides about them.

    An application with handlers, of its own or for this package, gets the messages through them alone. A level set by the
    application, of the root or of this package, is respected. Loggers are restored afterwards.
    """
    if logging.getLogger().handlers or _LOGGER.handlers:
        yield
        return
    handler, level = _ConsoleHandler(), _LOGGER.level
    _LOGGER.addHandler(handler)
    # The root's default level is WARNING, at which plans would not be seen.
    if level == logging.NOTSET and logging.getLogger().level == logging.WARNING:
        _LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.setLevel(level)
