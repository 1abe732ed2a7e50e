"""Shell script that synthesises the designs of a folder with the first program that is there, and packs their reports."""

import shlex
from collections.abc import Sequence

from hls4ml_hwprune.passes.names import ESTIMATE, REPORT
from hls4ml_hwprune.tool_programs import PROGRAMS, reads_file, steps_argument

#: Steps of each design: HLS, and logic synthesis of its code.
STEPS = ('synth', 'vsynth')
_SCRIPT = """\
#!/bin/sh
# Synthesises the designs of this folder one after the other, and packs their reports into reports.tar.gz.
#
#     sh run.sh             all designs
#     sh run.sh DESIGN...   some of them
#
# A design that was synthesised has a file named done, and is not synthesised again. Messages of the tool are in
# synthesis.log of each design. Logic synthesis needs the program vivado on the PATH too.
cd "$(dirname "$0")" || exit 1
if [ $# -eq 0 ]; then
    set -- {designs}
fi
{programs}
failed=''
for design in "$@"; do
    if [ -e "$design/done" ]; then
        continue
    fi
    echo "$design"
    if (cd "$design" && synthesise > synthesis.log 2>&1); then
        touch "$design/done"
    else
        failed="$failed $design"
    fi
done
find . \\( {reports} \\) | sort | tar -czf reports.tar.gz -T -
if [ -n "$failed" ]; then
    echo "failed, see synthesis.log of each:$failed" >&2
    exit 1
fi
echo 'reports.tar.gz has the reports'
"""
#: Files that rows are made of, and messages.
_REPORTS = (
    '*_csynth.xml',
    'vivado_synth.rpt',
    'hls4ml_config.yml',
    ESTIMATE,
    REPORT,
    'synthesis.log',
)


def run_script(tool: str, designs: Sequence[str]) -> str:
    """Return the text of the script.

    Parameters
    ----------
    tool : str
        Name of the HLS tool.
    designs : sequence of str
        Names of the designs' folders.
    """
    reports = ' -o '.join(f"-name '{pattern}'" for pattern in _REPORTS)
    return _SCRIPT.format(designs=' '.join(map(shlex.quote, designs)), programs=_programs(tool), reports=reports)


def _programs(tool: str) -> str:
    """Define the function `synthesise` by the first program that is on the PATH."""
    lines, word = [], 'if'
    argument = [] if reads_file(tool) else [steps_argument(STEPS)]
    for program, arguments in PROGRAMS[tool].items():
        lines += [f'{word} command -v {program} > /dev/null; then']
        lines += [f'    synthesise() {{ {shlex.join([program, *arguments, *argument])}; }}']
        word = 'elif'
    named = ', '.join(PROGRAMS[tool])
    text = f'none of {named} is on the PATH: source settings64.sh of {tool} first'
    return '\n'.join([*lines, 'else', f'    echo {shlex.quote(text)} >&2', '    exit 1', 'fi'])
