"""Confidence of an estimated figure: kind of the rule, and spread of its errors on reports."""

from collections.abc import Iterable
from dataclasses import dataclass

from hls4ml_hwprune.records import Kernel, Layer, Operation
from hls4ml_hwprune.resources.cost_model import cost_model
from hls4ml_hwprune.resources.logic import coefficients
from hls4ml_hwprune.resources.multipliers import multiplier_dsp
from hls4ml_hwprune.tools import VITIS_HLS

FIGURES = ('dsp', 'bram18', 'uram', 'lut', 'ff', 'latency', 'ii')
KINDS = ('exact', 'fitted', 'rough', 'unseen', 'unknown')
# LUT and FF of operations: 90th percentile of the relative error on the reports from which the figures were read
# (`benchmarks/check_elementwise.py`); the other kinds have no reports.
_OPERATION_SPREAD = {
    'relu': (1.46, 0.0),
    'relu_stream': (0.08, 0.12),
    'relu_saturated': (0.25, 0.0),
    'relu_saturated_stream': (0.09, 0.17),
    'softmax': (0.30, 0.60),
    'softmax_stream': (0.21, 0.48),
    'softmax_latency': (1.15, 0.48),
    'pooling': (0.13, 0.18),
    'batchnorm': (0.01, 0.02),
    'padding': (0.13, 0.11),
}
# The same by tool. Vitis HLS: rows of 2021.1 to 2025.1, which differ by version: 10 to 23 each, 16 repositories.
_SPREAD_OF_TOOL = {
    VITIS_HLS: {
        'relu': (1.92, 1.0),
        'relu_saturated': (0.81, 0.91),
        'relu_saturated_stream': (0.30, 0.79),
        'relu_stream': (0.39, 0.11),
        'pooling': (0.28, 0.33),
        'padding': (0.45, 0.23),
    }
}
_CERTAIN_BITS = 8
_SEEN_INPUT_BITS = range(14, 19)
_LATENCY_DSP_SPREAD = 0.02
# Logic synthesis against HLS reports over 18 projects: 90th percentile of the error of their median ratio.
_SYNTHESIS_SPREAD = {'lut': 0.5, 'ff': 0.5}


@dataclass(frozen=True)
class Confidence:
    """Confidence of a figure.

    Attributes
    ----------
    kind : str
        'exact': a rule that held on at least 97 % of the reports of its check; 'fitted': a formula or a rule that is off at
        times, with its spread; 'rough': derived or a rule of thumb, with too few reports to check it; 'unseen': no report is
        of this kind of kernel under this tool, so that the figure follows from its structure alone; 'unknown': the tool has
        no reports, and there is no figure.
    spread : float, optional
        90th percentile of the relative error on reports that were not used in fitting.
    """

    kind: str
    spread: float | None = None

    def __str__(self) -> str:
        return self.kind if self.spread is None else f'{self.kind}, within {100 * self.spread:.0f} % on 9 of 10'


EXACT, ROUGH, UNSEEN, UNKNOWN = (Confidence(kind) for kind in ('exact', 'rough', 'unseen', 'unknown'))


def weakest(parts: Iterable[Confidence]) -> Confidence:
    """Confidence of a sum; a sum of nothing is exact."""
    return max(parts, key=lambda part: (KINDS.index(part.kind), part.spread or 0.0), default=EXACT)


def layer_confidence(layer: Layer, stage: str) -> dict[str, Confidence]:
    """Confidence of each of `FIGURES` of one layer."""
    if not layer.target.facts.has_reports:
        return {**dict.fromkeys(FIGURES, UNKNOWN), 'dsp': UNSEEN}
    parts = [_kernel_confidence(kernel, layer, stage) for kernel in layer.kernels]
    parts += [_operation_confidence(operation, layer, stage) for operation in layer.operations]
    # Vitis HLS: few reports of FIFOs, and other copies of softmax tables by version.
    unsure = any(memory.role in ('fifo', 'softmax_table') for memory in layer.memories)
    parts.append({'bram18': ROUGH if unsure and not layer.target.facts.known_memories else EXACT})
    sure = {figure: weakest(part[figure] for part in parts if figure in part) for figure in FIGURES}
    if layer.target.versal and (layer.kernels or layer.operations or layer.memories):
        # No report behind the figures is of a Versal, nor of DSP58 blocks.
        return dict.fromkeys(FIGURES, ROUGH)
    return sure


def _kernel_confidence(kernel: Kernel, layer: Layer, stage: str) -> dict[str, Confidence]:
    """Confidence of a kernel: dense layers are checked against reports; other layers and pruned kernels derive from them."""
    dense = not layer.dimensions and layer.repeats == 1
    if kernel.multiplexed:
        certain = min(kernel.input_bits, kernel.weight_bits) >= _CERTAIN_BITS
        dsp, cycles = EXACT if certain else ROUGH, EXACT if dense else ROUGH
    else:
        seen = kernel.input_bits in _SEEN_INPUT_BITS and kernel.reuse_factor == 1
        free = not multiplier_dsp(kernel.input_bits, kernel.weight_bits)
        dsp, cycles = EXACT if free else Confidence('fitted', _LATENCY_DSP_SPREAD) if seen else ROUGH, ROUGH
    # No report has weights behind a port, or two products in a DSP block.
    dsp = ROUGH if kernel.slot_bits or (kernel.external and not kernel.multiplexed) else dsp
    measured = dense and kernel.kept is None and not kernel.external
    if kernel.strategy == 'distributed_arithmetic':
        return {'dsp': EXACT, 'bram18': EXACT, **dict.fromkeys(('lut', 'ff', 'latency', 'ii'), ROUGH)}
    if kernel.multiplexed and stage == 'csynth':
        # The bills of materials were read off these reports, which are no evidence of them.
        logic = dict.fromkeys(('lut', 'ff'), ROUGH if cost_model(kernel.target).is_seen(kernel) else UNSEEN)
    else:
        logic = {name: _kernel_logic(kernel, name, stage) if measured else ROUGH for name in ('lut', 'ff')}
    return {'dsp': dsp, 'bram18': EXACT, **logic, 'latency': cycles, 'ii': cycles}


def _kernel_logic(kernel: Kernel, quantity: str, stage: str) -> Confidence:
    if not kernel.multiplexed:
        return _at_stage(_error('constant', quantity), quantity, stage)
    return _fitted(_error('multiplexed_vsynth', quantity)) if kernel.in_turn else ROUGH


def _operation_confidence(operation: Operation, layer: Layer, stage: str) -> dict[str, Confidence]:
    if operation.kind == 'linear':
        return {}
    known = _OPERATION_SPREAD | _SPREAD_OF_TOOL.get(layer.target.tool, {})
    spreads = zip(('lut', 'ff'), known.get(operation.kind, (None, None)), strict=True)
    # One report alone has products that were bound to LUTs.
    logic = {name: ROUGH if operation.in_fabric else _at_stage(spread, name, stage) for name, spread in spreads}
    certain = (not operation.weight_bits or operation.in_fabric) and operation.kind != 'table_fill'
    return {'dsp': EXACT if certain else ROUGH, **logic, 'latency': ROUGH, 'ii': ROUGH}


def _error(model: str, quantity: str) -> float | None:
    """90th percentile of the relative error on rows of held-out repositories."""
    errors: dict[str, float | None] = coefficients()[model][quantity]
    return errors.get('cross_validated_p90_error')


def _at_stage(spread: float | None, quantity: str, stage: str) -> Confidence:
    """Confidence of a csynth formula, or of its figure scaled to logic synthesis."""
    if spread is None or stage == 'csynth':
        return _fitted(spread)
    return _fitted(max(spread, _SYNTHESIS_SPREAD[quantity]))


def _fitted(spread: float | None) -> Confidence:
    return ROUGH if spread is None else Confidence('fitted', spread)
