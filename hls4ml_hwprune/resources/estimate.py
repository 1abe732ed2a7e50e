"""Estimates of layers and whole designs: resources, cycles and confidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hls4ml_hwprune.records import Layer
from hls4ml_hwprune.resources.confidence import layer_confidence
from hls4ml_hwprune.resources.counted import weight_bits
from hls4ml_hwprune.resources.layer import layer_resources
from hls4ml_hwprune.resources.layer_estimate import LayerEstimate
from hls4ml_hwprune.resources.stages import check_stage
from hls4ml_hwprune.resources.table import format_estimate, html_estimate, total_bits, weakest_figures
from hls4ml_hwprune.resources.timing.design import design_cycles, layer_cycles
from hls4ml_hwprune.resources.vector import Resources
from hls4ml_hwprune.resources.vivado_multiplexers import mark_multiplexers


@dataclass(frozen=True, repr=False)
class Estimate:
    """Estimated resources and timing of a design; never synthesis results.

    Attributes
    ----------
    design : LayerEstimate
        The whole design.
    layers : dict of str to LayerEstimate
        By layer, in graph order.
    stage : str
        Stage of the estimates: 'csynth' or 'vsynth'.
    listed : Resources, optional
        Total in the report of HLS (csynth), for other stages.
    """

    design: LayerEstimate
    layers: dict[str, LayerEstimate]
    stage: str
    listed: Resources | None = None

    @property
    def total(self) -> Resources:
        """Resources of the whole design."""
        return self.design.resources

    def __str__(self) -> str:
        return format_estimate(self.design, self.layers, self.stage, self.listed)

    def __repr__(self) -> str:
        return f'<Estimate of {len(self.layers)} layers ({self.stage}): {self.design}>'

    def _repr_html_(self) -> str:
        return html_estimate(self.design, self.layers, self.stage)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        layers = {name: layer.as_dict() for name, layer in self.layers.items()}
        listed = None if self.listed is None else self.listed.as_dict()
        return {'stage': self.stage, 'design': self.design.as_dict(), 'layers': layers, 'listed': listed}


def estimate_layers(layers: Sequence[Layer], stage: str = 'csynth') -> Estimate:
    """Estimate a design from its layers."""
    check_stage(stage)
    layers = mark_multiplexers(layers)
    cycles = {layer.name: layer_cycles(layer) for layer in layers}
    by_layer = {
        layer.name: LayerEstimate(
            layer_resources(layer, stage), *cycles[layer.name], layer_confidence(layer, stage), weight_bits(layer)
        )
        for layer in layers
    }
    total = Resources.total(layer.resources for layer in by_layer.values())
    sure = weakest_figures(by_layer.values())
    design = LayerEstimate(total, *design_cycles(layers, cycles), sure, total_bits(by_layer.values()))
    return Estimate(design, by_layer, stage)


def listed_total(layers: Sequence[Layer], stage: str) -> Resources | None:
    """Total of a design in the report of HLS, beside figures of another stage; None for csynth, and without reports."""
    if stage == 'csynth' or not all(layer.target.facts.has_reports for layer in layers):
        return None
    return Resources.total(layer_resources(layer, 'csynth') for layer in mark_multiplexers(layers))


def estimate_listed(layers: Sequence[Layer], stage: str) -> Estimate:
    """Estimate a design, with the listing of HLS beside figures of another stage; twice the work of `estimate_layers`."""
    return replace(estimate_layers(layers, stage), listed=listed_total(layers, stage))
