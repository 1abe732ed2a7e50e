"""Messages for users of hls4ml's command line, which does not configure logging."""

import logging
import sys

_LOGGER = logging.getLogger('hls4ml_hwprune')


class _ConsoleHandler(logging.Handler):
    """Writes to the console as long as the application has not set up logging itself."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            # Looked up now: standard output may have been redirected since.
            sys.stdout.write(self.format(record) + '\n')


def show_messages() -> None:
    """Let the package's messages be seen where nobody configured logging; a second call changes nothing."""
    configured = logging.getLogger().handlers or _LOGGER.handlers
    if not configured:
        _LOGGER.addHandler(_ConsoleHandler())
        _LOGGER.setLevel(logging.INFO)
