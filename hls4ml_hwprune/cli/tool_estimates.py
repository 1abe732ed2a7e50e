"""Estimated figures of a written project, by stage, and rows of its reports with these beside the reported ones."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hls4ml_hwprune.cli.project import written_keys
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.report.tool_reports import find_tool_reports
from hls4ml_hwprune.report.tool_rows import TOOL_COLUMNS, read_csynth_row, read_vsynth_row

_LOG = logging.getLogger(__name__)
#: Figures of estimates and of reports, with their names in tables.
TITLES = {
    'dsp': 'DSP',
    'bram18': 'BRAM18',
    'uram': 'URAM',
    'lut': 'LUT',
    'ff': 'FF',
    'latency_max': 'latency',
    'ii': 'II',
}
# Columns of rows for these figures.
_REPORTED = {'bram18': 'bram', 'ii': 'ii_max'}
_PREDICTED = {name: f'{_REPORTED.get(name, name)}_predicted' for name in TITLES}
_KEYS = {'backend': 'Backend', 'io_type': 'IOType'}
_MODEL_KEYS = {'strategy': 'Strategy', 'reuse_factor': 'ReuseFactor'}
#: Columns of the rows of projects.
COLUMNS = (
    'design',
    'level',
    *TOOL_COLUMNS,
    *_PREDICTED.values(),
    *_KEYS,
    *_MODEL_KEYS,
    'packings',
    'slots',
    'slots_kept',
    'hls4ml',
    'hls4ml_hwprune',
)


def read_estimates(folder: Path) -> tuple[str, dict[str, dict[str, float]]]:
    """Read the name of a project, and its estimated figures by stage.

    Raises
    ------
    ConfigError
        If the folder has no report of this package.
    """
    content = _content(folder)
    return str(content.get('project', 'myproject')), _stages(content)


def find_projects(folder: Path) -> list[Path]:
    """Find the folders with a report of this package, in the order of their names: the folder itself, or those below.

    Raises
    ------
    ConfigError
        If there is none.
    """
    named = _names()
    found = sorted({path.parent for name in named for path in folder.rglob(name)})
    if not found:
        raise ConfigError(f'{folder}: no {" or ".join(named)} is there or below; `hwprune convert` writes one')
    return found


def project_rows(project: Path, design: str) -> Iterator[dict[str, Any]]:
    """Read the reports of a project as rows; a report that cannot be read is named in a warning.

    Rows of the whole design (level 'model') have the predicted figures of their stage, those of its parts ('layer') none.

    Parameters
    ----------
    project : Path
        Folder of a pruned or estimated project.
    design : str
        Name of the design in the rows.
    """
    content = _content(project)
    name, estimated = str(content.get('project', 'myproject')), _stages(content)
    common = {'design': design, **_configured(written_keys(project)), **_kernels(content), **content.get('versions', {})}
    for path in _reports(project, name):
        is_csynth = path.suffix == '.xml'
        try:
            row = read_csynth_row(path) if is_csynth else read_vsynth_row(path)
        except ConfigError as error:
            _LOG.warning('%s', error)
            continue
        whole = not is_csynth or path.stem == f'{name}_csynth'
        figures = estimated.get(row['stage'], {}) if whole else {}
        predicted = {_PREDICTED[key]: figures.get(key) for key in TITLES}
        made = {**common, **row, **predicted, 'level': 'model' if whole else 'layer'}
        yield {column: made.get(column) for column in COLUMNS}


def _reports(project: Path, name: str) -> list[Path]:
    """Return reports of the whole design first, then those of its parts."""
    whole = find_tool_reports(project, name)
    return whole + [
        path for path in sorted(project.rglob('*_csynth.xml')) if path not in whole and path.stem != f'{name}_csynth'
    ]


def _names() -> tuple[str, str]:
    # Late: passes load hls4ml.
    from hls4ml_hwprune.passes.names import ESTIMATE, REPORT

    return REPORT, ESTIMATE


def _content(folder: Path) -> dict[str, Any]:
    report, estimate = _names()
    for name in (report, estimate):
        if (folder / name).is_file():
            try:
                content: dict[str, Any] = json.loads((folder / name).read_text('utf-8'))
            except ValueError as error:
                raise ConfigError(f'{folder / name}: no JSON: {error}') from None
            return content
    raise ConfigError(f'{folder}: no {report} or {estimate} is there; `hwprune convert` writes one')


def _stages(content: dict[str, Any]) -> dict[str, dict[str, float]]:
    if 'estimates' in content:
        return {one['stage']: {name: one['design'][name] for name in TITLES} for one in content['estimates']}
    timing = {'latency_max': content['timing_after']['latency_max'], 'ii': content['timing_after']['ii']}
    found = {content['stage']: {**content['after'], **timing}}
    if content.get('listed_after'):
        found['csynth'] = {**content['listed_after'], **timing}
    return found


def _configured(keys: dict[str, Any]) -> dict[str, Any]:
    model = keys.get('HLSConfig', {}).get('Model') or {}
    found = {column: keys.get(key) for column, key in _KEYS.items()}
    return {**found, **{column: model.get(key) for column, key in _MODEL_KEYS.items()}}


def _kernels(content: dict[str, Any]) -> dict[str, Any]:
    """Packings and slots of the kernels of a plan, one after the other; nothing of an estimated project."""
    kernels = content.get('kernels', ())
    columns = {'packings': 'packing', 'slots': 'n_slots', 'slots_kept': 'n_kept'}
    return {column: ' '.join(str(kernel[key]) for kernel in kernels) for column, key in columns.items()}
