"""Strategies that hls4ml does not know, and silently takes for Latency."""

from collections.abc import Iterator, Mapping
from typing import Any

from hls4ml_hwprune.config import check_project
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.explain.finding import Finding


def explain_strategies(hls_config: Mapping[str, Any]) -> Iterator[Finding]:
    """Find misspelt strategies of the network, of layers and of classes."""
    for scope in ('Model', 'LayerName', 'LayerType'):
        own = hls_config.get(scope) or {}
        scopes = {'': own} if scope == 'Model' else own
        for name, entries in scopes.items():
            strategy = entries.get('Strategy') if isinstance(entries, Mapping) else None
            if strategy is None:
                continue
            asked = {'Strategy': strategy}
            try:
                check_project({'HLSConfig': {scope: asked if scope == 'Model' else {name: asked}}})
            except ConfigError as error:
                yield Finding('strategy', name, f'hls4ml takes {strategy!r} for Latency and says nothing', str(error))
