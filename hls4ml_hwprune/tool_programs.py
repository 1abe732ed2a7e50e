"""Programs that run the build script of a project, and the steps that the script takes."""

from collections.abc import Collection

from hls4ml_hwprune.tools import VITIS_HLS, VIVADO_HLS

#: Steps of hls4ml's `build_prj.tcl` that can be asked for.
STEPS = ('csim', 'synth', 'cosim', 'export', 'vsynth')
#: File that the scripts for Vitis HLS read their steps from; those for Vivado HLS take them as their last argument.
STEPS_FILE = 'build_opt.tcl'
_SCRIPT = 'build_prj.tcl'
#: Arguments of the programs of a tool, by name, the newest program first.
PROGRAMS: dict[str, dict[str, tuple[str, ...]]] = {
    VITIS_HLS: {
        'vitis-run': ('--tcl', _SCRIPT, '--mode', 'hls'),
        'v++': ('-c', '--mode', 'hls', '--tcl', _SCRIPT),
        'vitis_hls': ('-f', _SCRIPT),
    },
    VIVADO_HLS: {'vivado_hls': ('-f', _SCRIPT)},
}


def reads_file(tool: str) -> bool:
    """Whether the scripts for a tool read their steps from a file."""
    return tool == VITIS_HLS


def steps_argument(chosen: Collection[str]) -> str:
    """Return the chosen steps, and no others, as an argument of the script."""
    return ' '.join(f'{step}={value}' for step, value in _switches(chosen).items())


def steps_text(chosen: Collection[str]) -> str:
    """Return the chosen steps, and no others, as the text of the file."""
    lines = ''.join(f'    {step:<10} {value}\n' for step, value in _switches(chosen).items())
    return f'array set opt {{\n{lines}}}\n'


def _switches(chosen: Collection[str]) -> dict[str, int]:
    return {'reset': 1, **{step: int(step in chosen) for step in STEPS}, 'validation': 0, 'fifo_opt': 0}
