"""The main job end to end: train, `hls4ml convert` to a budget, and check the sparse firmware bit for bit."""

import argparse
import copy
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import digits
import hls4ml
import numpy as np
import yaml
from hls4ml.model.graph import ModelGraph

import hls4ml_hwprune
from hls4ml_hwprune.plan import Plan

CONFIG = Path(__file__).with_name('mlp.yml')
_LOG = logging.getLogger(__name__)


def convert(config_file: Path) -> None:
    """Run hls4ml's command line, as a user would."""
    command = [str(Path(sys.executable).with_name('hls4ml')), 'convert', '-c', str(config_file)]
    _LOG.info('$ %s', ' '.join(command))
    subprocess.run(command, check=True)


def plan_of(config: dict[str, Any], folder: Path) -> Plan:
    """Return the plan of a conversion; nothing is written to `folder`."""
    return hls4ml_hwprune.get_plan(
        hls4ml.converters.convert_from_config({**copy.deepcopy(config), 'OutputDir': str(folder)})
    )


def without_pruning(config: dict[str, Any], folder: Path) -> ModelGraph:
    """Convert the same network with plain hls4ml."""
    plain = {**copy.deepcopy(config), 'OutputDir': str(folder)}
    del plain['HLSConfig']['Flows'], plain['HLSConfig']['Model']['HWPrune']
    return hls4ml.converters.convert_from_config(plain)


def set_to_zero(model: ModelGraph, plan: Plan) -> None:
    """Zero the weights that a plan prunes in a plain hls4ml model."""
    for kernel in plan.kernels:
        node = model.graph[kernel.layer]
        # hls4ml holds weights as (n_in, n_out), and for the Resource strategy as (n_out, n_in), like the mask.
        mask = kernel.mask if node.get_attr('_weights_transposed') else kernel.mask.T
        weight = node.weights[kernel.role]
        weight.data = np.where(mask.reshape(weight.data.shape), weight.data, 0)


def main() -> int:
    """Run the demo; the exit status is 1 if the sparse firmware differs in any bit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--output', type=Path, default=Path('demo_output'), metavar='DIR', help='where everything goes')
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format='%(message)s', stream=sys.stdout, force=True)
    # The command below shows the plan; the conversions for the check need not show it again.
    logging.getLogger('hls4ml_hwprune').setLevel(logging.WARNING)
    output: Path = args.output
    output.mkdir(parents=True, exist_ok=True)

    _LOG.info('1. Train a float MLP on the digits.')
    data = digits.load()
    keras_model = digits.train(digits.mlp, data)
    digits.save(keras_model, output / 'mlp.h5')

    _LOG.info('2. Convert it within the budget of %s, with the command line alone.', CONFIG.name)
    project = output / 'mlp'
    config = yaml.safe_load(CONFIG.read_text()) | {'KerasModel': str(output / 'mlp.h5'), 'OutputDir': str(project)}
    (output / 'mlp.yml').write_text(yaml.safe_dump(config, sort_keys=False))
    convert(output / 'mlp.yml')

    _LOG.info('3. Compile the sparse project, the dense one, and the dense one with the pruned weights set to zero.')
    sparse = hls4ml.converters.link_existing_project(str(project))
    dense = without_pruning(config, output / 'mlp_dense')
    zeroed = without_pruning(config, output / 'mlp_zeroed')
    set_to_zero(zeroed, plan_of(config, output / 'mlp_plan'))
    x = digits.inputs(keras_model, data.x_test)
    outputs = {'Keras': keras_model.predict(x, verbose=0)}
    for name, firmware in (('dense firmware', dense), ('pruned firmware', sparse), ('zeroed firmware', zeroed)):
        firmware.compile()
        outputs[name] = firmware.predict(x)

    report_file = project / 'hwprune_report.json'
    report = json.loads(report_file.read_text())
    for name in ('dsp', 'bram18', 'lut', 'ff'):
        limit = f', budget {report["budget"][name]:.0f}' if name in report['budget'] else ''
        _LOG.info('%-6s %6.0f -> %6.0f (estimated)%s', name.upper(), report['before'][name], report['after'][name], limit)
    shares = [f'{name} {digits.accuracy(y, data.y_test):.4f}' for name, y in outputs.items() if name != 'zeroed firmware']
    _LOG.info('accuracy on the test split: %s', ', '.join(shares))
    _LOG.info('sparse project: %s', project)
    differing = int(np.count_nonzero(outputs['pruned firmware'] != outputs['zeroed firmware']))
    total = outputs['pruned firmware'].size
    if differing:
        _LOG.error('NOT bit-exact: %d of %d outputs differ from the dense firmware with zeroed weights', differing, total)
        return 1
    _LOG.info('bit-exact: all %d outputs equal those of the dense firmware with zeroed weights', total)
    accuracies = {name: digits.accuracy(y, data.y_test) for name, y in outputs.items()}
    _LOG.info(
        'DSP %.0f -> %.0f (estimated); accuracy %.4f -> %.4f; the same bits: %d of %d',
        report['before']['dsp'],
        report['after']['dsp'],
        accuracies['dense firmware'],
        accuracies['pruned firmware'],
        total,
        total,
    )
    _LOG.info('report to look at: %s', project / 'hwprune_report.html')
    return 0


if __name__ == '__main__':
    sys.exit(main())
