"""A finished and compiled copy of a network, made for simulation."""

import copy
import io
import logging
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hls4ml.model.quantizers import Quantizer

from hls4ml_hwprune.config import BLOCK
from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.graph.eligibility import template_fails
from hls4ml_hwprune.host.graph.traced import can_be_traced

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
# Keys of a project's configuration that simulation does not need: networks of other tools, and test data.
_SOURCES = ('KerasModel', 'OnnxModel', 'PytorchModel', 'InputData', 'OutputPredictions')


def compile_model(model: 'ModelGraph', output: Path, traced: bool) -> tuple['ModelGraph', Path]:
    """Make a finished copy of `model`, and its library, which saves the outputs of layers if `traced`."""
    _LOG.info('the network is compiled for simulation')
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            copied = copy_model(model, output)
            copied.apply_flow(copied.config.backend.get_default_flow())
            if traced:
                trace_all(copied)
            copied.write()
            _compile_side_by_side(output / 'build_lib.sh')
            library = Path(copied.config.backend.compile(copied))
    except Exception as error:  # hls4ml raises plain exceptions, and prints messages of the compiler
        raise HWPruneError(f'the network cannot be simulated: {_reason(error, printed.getvalue())}') from error
    finally:
        if printed.getvalue():
            _LOG.debug('%s', printed.getvalue())
    return copied, library


def _compile_side_by_side(script: Path) -> None:
    """Let hls4ml's script run its compilers at the same time; any other script stays as it is."""
    lines = script.read_text().splitlines()
    units = [number for number, line in enumerate(lines) if line.startswith('${CC} ') and ' -c ' in line]
    if len(units) < 2 or units[-1] - units[0] != len(units) - 1:
        return
    for number in units:
        lines[number] += ' & compilers+=($!)'
    waiting = ('failed=0', 'for one in "${compilers[@]}"; do wait "$one" || failed=1; done', '[ $failed = 0 ]')
    lines[units[-1] + 1 : units[-1] + 1] = waiting
    script.write_text('\n'.join(lines) + '\n')


def trace_all(model: 'ModelGraph') -> None:
    """Let the firmware save the outputs of layers."""
    model.config.trace_output = True
    for node in model.get_layers():
        node.set_attr('trace', can_be_traced(node))


def copy_model(model: 'ModelGraph', output: Path) -> 'ModelGraph':
    """Copy of `model` that is written to `output`, without entries of this package or other tools."""
    copied = copy_graph(model)
    copied._top_function_lib = None
    config = copied.config
    for key in _SOURCES:
        config.config.pop(key, None)
    (config.config['HLSConfig'].get('Model') or {}).pop(BLOCK, None)
    config.config['OutputDir'] = str(output)
    config.writer_config.update(WriteWeightsTxt=True, WriteTar=False)
    config.trace_output = False
    for node in copied.graph.values():
        if template_fails(node):
            # hls4ml's template may end the process.
            family_of(node).mend(node)
    return copied


def copy_graph(model: 'ModelGraph') -> 'ModelGraph':
    """Copy of `model` that can be changed.

    Not through hls4ml's serialiser, which changes dicts within the model that it saves and parts variables that are one.
    """
    return copy.deepcopy(model, {id(item): item for item in _shared(model)})


def _shared(model: 'ModelGraph') -> Iterator[Any]:
    """Find the objects that a copy shares with `model`: nothing changes them, and some could not be copied."""
    settings = model.config.config
    yield from (model.config.backend, model._top_function_lib, *(settings.get(key) for key in _SOURCES))
    yield (settings['HLSConfig'].get('Model') or {}).get(BLOCK)
    for node in model.graph.values():
        yield from (value for value in node.attributes.values() if isinstance(value, Quantizer))
        yield from (variable.quantizer for variable in node.weights.values())


def _reason(error: Exception, printed: str) -> str:
    complaints = [line.strip() for line in printed.splitlines() if 'error' in line.lower() or 'not found' in line]
    return '; '.join([str(error), *(complaints or printed.splitlines()[-1:])[:3]])
