"""`hwprune init`: a commented configuration for a model file."""

from pathlib import Path
from typing import Any

import click
import yaml

from hls4ml_hwprune.cli.completion import file_names
from hls4ml_hwprune.cli.conversion import configured
from hls4ml_hwprune.cli.options import project_options
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.files import write_whole

_TEMPLATE = """\
# Configuration of hls4ml with pruning: `hwprune convert {name}`.
{model}
OutputDir: project
ProjectName: myproject
Backend: {backend}
# Part of the FPGA: `hwprune parts` lists the known ones.
{part}
# Nanoseconds.
ClockPeriod: {clock}
# io_parallel: all inputs at once; io_stream: an image pixel by pixel.
IOType: {io}
HLSConfig:
  Flows: [{flow}:hwprune]
  Model:
    # Total bits, and bits left of the binary point.
    Precision: {precision}
    # Cycles that a multiplier is shared for: fewer DSPs and a longer interval.
    ReuseFactor: {rf}
    # Resource: weights in memories; Latency: weights as constants.
    Strategy: {strategy}
    HWPrune:
      # Each a count, "N%" of the part, or "Nx" of this design as it is.
      Budget: {{DSP: 0.5x}}
      # The knapsack chooses reuse factors within a latency:
      # ReuseFactor: auto
      # Latency: 200 ns
      # Inputs without labels, for accuracy without training:
      # Calibration: inputs.npy
      # Inputs and labels, for the report:
      # Validation: test.npz
"""


@click.command()
@project_options
@click.option(
    '--output',
    '-o',
    metavar='FILE',
    shell_complete=file_names,
    default='hwprune.yml',
    show_default=True,
    help='File to write.',
)
def init(output: str, **options: Any) -> None:
    """Write a commented configuration for a model file.

    A file that is there is not replaced.
    """
    path = Path(output)
    if path.exists():
        raise ConfigError(f'--output: {output} is there already; give another name')
    project, _ = configured(options)
    if not project.is_new:
        raise ConfigError(f'{options["model"]}: a configuration already, not a model file')
    model = project.hls_config['Model']
    precision = model['Precision']
    text = _TEMPLATE.format(
        name=output,
        model='\n'.join(_model_keys(project)),
        backend=project.backend,
        part=f'Part: {project.keys["Part"]}' if project.keys.get('Part') else '# Part: xcvu13p-flga2577-2-e',
        clock=project.keys['ClockPeriod'],
        io=project.keys['IOType'],
        flow=project.backend.lower(),
        precision=precision if isinstance(precision, str) else yaml.safe_dump(precision, default_flow_style=True).strip(),
        rf=model['ReuseFactor'],
        strategy=model['Strategy'],
    )
    if layers := project.hls_config.get('LayerName'):
        own = yaml.safe_dump({'LayerName': layers}, sort_keys=False, default_flow_style=None, width=100)
        text += '  # Types of the quantizers of each layer.\n' + ''.join(f'  {line}\n' for line in own.splitlines())
    write_whole(path, text, 'the configuration')
    click.echo(f'configuration written: {output}')


def _model_keys(project: Any) -> list[str]:
    if project.weights is not None:
        return [f'KerasJson: {project.model}', f'KerasH5: {project.weights}']
    key = {'keras': 'KerasModel', 'onnx': 'OnnxModel', 'torch': 'PytorchModel'}[project.frontend]
    return [f'{key}: {project.model}']
