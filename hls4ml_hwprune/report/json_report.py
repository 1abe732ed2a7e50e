"""Reports as JSON, `hwprune_report.json` and `hwprune_estimate.json`: plan and estimates of a project, for programs."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hls4ml_hwprune.files import write_whole
from hls4ml_hwprune.plain import plain_value
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import Estimate
from hls4ml_hwprune.resources.layer_estimate import known_figures

#: Incremented when a key changes its meaning or is removed.
SCHEMA_VERSION = 1
_PACKAGES = ('hls4ml_hwprune', 'hls4ml', 'numpy', 'ortools')


def report(plan: Plan, project: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report as plain data; the same plan gives the same report. `project` holds its entries on the project."""
    content = {**_head(project), **plan.as_dict(), 'kernels': [kernel.as_dict() for kernel in plan.kernels]}
    layers = content['layers']
    for place in (content, *layers.values()):
        for name in ('before', 'after', 'timing_before', 'timing_after', 'resources'):
            if name in place:
                place[name] = known_figures(place[name], plan.unknown)
    content['layers'] = {name: known_figures(layer, plan.unknown) for name, layer in layers.items()}
    return content


def write_report(plan: Plan, project: Mapping[str, Any], path: Path) -> None:
    """Write the report as JSON, whole or not at all."""
    _write(report(plan, project), 'the report', path)


def write_estimates(estimates: Sequence[Estimate], project: Mapping[str, Any], path: Path) -> None:
    """Write estimates, one a stage, as JSON, whole or not at all."""
    content = {**_head(project), 'estimates': [estimate.as_dict() for estimate in estimates]}
    _write(content, 'the estimate', path)


def _write(content: dict[str, Any], what: str, path: Path) -> None:
    write_whole(path, json.dumps(content, indent=2, default=plain_value) + '\n', what)


def _head(project: Mapping[str, Any]) -> dict[str, Any]:
    return {'schema_version': SCHEMA_VERSION, **project, 'versions': {name: _version(name) for name in _PACKAGES}}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
