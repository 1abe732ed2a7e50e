"""What a project holds besides what hls4ml writes: the headers of the sparse kernels and the reports."""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.firmware.templates import PACKED
from hls4ml_hwprune.passes.estimate import estimates, has_estimate
from hls4ml_hwprune.passes.forgotten import warn_of_forgotten_flow
from hls4ml_hwprune.passes.stored import get_plan, has_plan
from hls4ml_hwprune.report.json_report import write_estimates, write_report

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_HEADERS = files('hls4ml_hwprune.firmware') / 'nnet_utils'


class SparseProjectWriter:
    """Mixed into a back end's writer. Projects of models that no flow of ours touched stay as hls4ml writes them."""

    def write_nnet_utils(self, model: 'ModelGraph') -> None:
        """Write hls4ml's headers, then ours and the reports of the flows that were applied."""
        super().write_nnet_utils(model)  # type: ignore[misc]  # the writer that this is mixed into
        output = Path(model.config.get_output_dir())
        if has_plan(model):
            write_report(get_plan(model), model, output / 'hwprune_report.json')
        else:
            warn_of_forgotten_flow(model)
        if has_estimate(model):
            write_estimates(estimates(model), model, output / 'hwprune_estimate.json')
        if any(node.get_attr(PACKED) is not None for node in model.get_layers()):
            for header in sorted(_HEADERS.iterdir(), key=lambda entry: entry.name):
                (output / 'firmware' / 'nnet_utils' / header.name).write_bytes(header.read_bytes())


def extend_writer(backend: Any) -> None:
    """Mix `SparseProjectWriter` into the writer of `backend`; a second call changes nothing."""
    plain = type(backend.writer)
    if not issubclass(plain, SparseProjectWriter):
        backend.writer = type(plain.__name__, (SparseProjectWriter, plain), {})()
