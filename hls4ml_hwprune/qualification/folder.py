"""Folder of a qualification: projects of all designs, their steps, and the script that synthesises them."""

from pathlib import Path
from typing import Any

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401
from hls4ml.model.graph import ModelGraph
from hls4ml.utils.config import create_config

from hls4ml_hwprune.api import enable
from hls4ml_hwprune.config import check_backend, check_project
from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.files import said, shown_path, write_whole
from hls4ml_hwprune.host.backends.registry import REGISTERED
from hls4ml_hwprune.passes.names import ESTIMATE_FLOW, flow_of
from hls4ml_hwprune.passes.staging import name_folder
from hls4ml_hwprune.qualification.cases import BACKENDS, CASES, Case, layers_of
from hls4ml_hwprune.qualification.script import STEPS, run_script
from hls4ml_hwprune.temporary import temporary_folder
from hls4ml_hwprune.tool_programs import STEPS_FILE, reads_file, steps_text

#: Name of the script.
SCRIPT = 'run.sh'
_PRECISION = 'fixed<16,6>'


def write_qualification(folder: Path, backend: str, part: str, clock: float) -> tuple[Case, ...]:
    """Write the projects of all designs and the script, all of them or nothing.

    Parameters
    ----------
    folder : Path
        New, or empty.
    backend : str
        'Vivado' or 'Vitis'.
    part : str
    clock : float
        Nanoseconds.

    Returns
    -------
    tuple of Case
        The designs, each in the folder of its name.

    Raises
    ------
    ConfigError
        If the folder is not empty, or an argument is not allowed.
    HWPruneError
        If the folder cannot be written.
    """
    name = _backend(backend)
    lookup(part)
    check_project({'ClockPeriod': clock})
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise ConfigError(f'{shown_path(folder)} is there already; name a new or empty folder')
    if not folder.absolute().parent.is_dir():
        raise ConfigError(f'{shown_path(folder)}: there is no folder {shown_path(folder.absolute().parent)}')
    keys = {'backend': name, 'part': part, 'clock_period': clock}
    tool = REGISTERED[name].tool
    with temporary_folder(folder.absolute().parent) as place:
        made = place / 'designs'
        made.mkdir()
        for case in CASES:
            _convert(case, made / case.name, keys).write()
            if reads_file(tool):
                write_whole(made / case.name / STEPS_FILE, steps_text(STEPS), 'the steps')
        write_whole(made / SCRIPT, run_script(tool, [case.name for case in CASES]), 'the script')
        (made / SCRIPT).chmod(made.stat().st_mode & 0o777)
        # The folder goes to other machines.
        name_folder(made, '.')
        try:
            made.rename(folder)
        except OSError as error:
            raise HWPruneError(f'nothing can be written to {shown_path(folder)}: {said(error)}') from None
    return CASES


def _backend(backend: str) -> str:
    name = check_backend(backend)
    if name not in BACKENDS:
        raise ConfigError(f'backend: expected {" or ".join(BACKENDS)}, whose reports are read, got {name}')
    return name


def _convert(case: Case, output: Path, keys: dict[str, Any]) -> ModelGraph:
    """Convert one design: pruned, or as hls4ml has it with its estimates."""
    model = {'Precision': {'default': _PRECISION}, 'ReuseFactor': case.reuse_factor, 'Strategy': case.strategy}
    config: dict[str, Any] = {'Model': model}
    if case.block is None:
        config['Flows'] = [flow_of(keys['backend'], ESTIMATE_FLOW)]
    else:
        enable(config, backend=keys['backend'], **case.block)
    project = create_config(output_dir=str(output), project_name='myproject', io_type=case.io_type, **keys)
    return ModelGraph.from_layer_list({**project, 'HLSConfig': config}, layers_of(case.network))
