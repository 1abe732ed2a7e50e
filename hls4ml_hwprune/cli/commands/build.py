"""`hwprune build`: synthesis of a project with the tool of its back end, if one is installed."""

import shutil
import subprocess
from pathlib import Path

import click

from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.project import written_keys
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.files import write_whole
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.tool_programs import PROGRAMS, STEPS, STEPS_FILE, reads_file, steps_argument, steps_text
from hls4ml_hwprune.tools import VITIS_HLS, VIVADO_HLS

# By the first letters of the back end's name.
_TOOLS = {'Vitis': VITIS_HLS, 'Vivado': VIVADO_HLS}


@click.command()
@click.argument('project', shell_complete=file_names)
@click.option('--steps', metavar='STEP,...', default='synth', show_default=True, help=f'Some of {", ".join(STEPS)}.')
def build(project: str, steps: str) -> None:
    """Build a project with the tool of its back end.

    PROJECT is the folder of an hls4ml project for Vivado, VivadoAccelerator or
    Vitis, whose tool must be on the PATH. Step vsynth is logic synthesis, which
    also drops memories that nothing reads. `hwprune report` shows the reports.
    """
    folder = Path(project)
    backend = str(written_keys(folder).get('Backend', ''))
    chosen = [step.strip() for step in steps.split(',')]
    for step in chosen:
        if step not in STEPS:
            raise ConfigError(f'--steps: {shown(step)} is not one of {", ".join(STEPS)}')
    tool = next((name for prefix, name in _TOOLS.items() if backend.startswith(prefix)), None)
    if tool is None:
        raise ConfigError(f'{project}: a project for {shown(backend)}, of which Vivado and Vitis alone are built here')
    programs = PROGRAMS[tool]
    program = next((name for name in programs if shutil.which(name)), None)
    if program is None:
        raise HWPruneError(
            f'{project}: none of {", ".join(programs)} is on the PATH: source settings64.sh of the tool first'
        )
    command = [program, *programs[program]]
    if reads_file(tool):
        write_whole(folder / STEPS_FILE, steps_text(chosen), 'the steps')
    else:
        command.append(steps_argument(chosen))
    result = subprocess.run(command, cwd=folder, check=False)
    if result.returncode:
        raise HWPruneError(f'{project}: {program} ended with code {result.returncode}; its messages are above')
    click.echo(f'built: {project} ({", ".join(chosen)}); hwprune report {project} shows the figures')
