"""`hwprune build`: synthesis of a project with the tool of its back end, if one is installed."""

import shutil
import subprocess
from pathlib import Path

import click

from hls4ml_hwprune.cli.project import written_keys
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.files import write_whole
from hls4ml_hwprune.quoting import shown

_STEPS = ('csim', 'synth', 'cosim', 'export', 'vsynth')
# Programs by the first letters of the back end's name, the newest first, with their arguments. Those of Vitis HLS read the
# steps from a file.
_VITIS = {
    'vitis-run': ('--tcl', 'build_prj.tcl', '--mode', 'hls'),
    'v++': ('-c', '--mode', 'hls', '--tcl', 'build_prj.tcl'),
    'vitis_hls': ('-f', 'build_prj.tcl'),
}
_VIVADO = {'vivado_hls': ('-f', 'build_prj.tcl')}
_STEPS_FILE = 'build_opt.tcl'


@click.command()
@click.argument('project')
@click.option('--steps', metavar='STEP,...', default='synth', show_default=True, help=f'Some of {", ".join(_STEPS)}.')
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
        if step not in _STEPS:
            raise ConfigError(f'--steps: {shown(step)} is not one of {", ".join(_STEPS)}')
    tools = _VITIS if backend.startswith('Vitis') else _VIVADO if backend.startswith('Vivado') else {}
    if not tools:
        raise ConfigError(f'{project}: a project for {shown(backend)}, of which Vivado and Vitis alone are built here')
    program = next((name for name in tools if shutil.which(name)), None)
    if program is None:
        raise HWPruneError(f'{project}: none of {", ".join(tools)} is on the PATH: source settings64.sh of the tool first')
    command = [program, *tools[program], *_written_steps(folder, chosen, in_file=tools is _VITIS)]
    result = subprocess.run(command, cwd=folder, check=False)
    if result.returncode:
        raise HWPruneError(f'{project}: {program} ended with code {result.returncode}; its messages are above')
    click.echo(f'built: {project} ({", ".join(chosen)}); hwprune report {project} shows the figures')


def _written_steps(folder: Path, chosen: list[str], *, in_file: bool) -> list[str]:
    """Tell the steps to the script of a project: in its file, or as one argument."""
    steps = {'reset': 1, **{step: int(step in chosen) for step in _STEPS}, 'validation': 0, 'fifo_opt': 0}
    if not in_file:
        return [' '.join(f'{step}={value}' for step, value in steps.items())]
    lines = ''.join(f'    {step:<10} {value}\n' for step, value in steps.items())
    write_whole(folder / _STEPS_FILE, f'array set opt {{\n{lines}}}\n', 'the steps')
    return []
