"""Automatic differentiation of a model: values forwards, gradients backwards, straight through quantisation."""

from collections.abc import Collection, Iterable, KeysView, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.host.families.base import Call, Parameters, Rule
from hls4ml_hwprune.host.families.registry import rule_of
from hls4ml_hwprune.host.graph.links import Links, read_links
from hls4ml_hwprune.host.node.saturation import limits, where_it_moves
from hls4ml_hwprune.records import KernelKey

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


@dataclass(frozen=True)
class Step:
    """A node in the order of the graph, with all that its calculation goes by.

    Attributes
    ----------
    node : Layer
    rule : Rule, optional
        None where the node cannot be calculated.
    sources : tuple of str
        Nodes that it reads.
    shape : tuple of int
        Shape of its output for one sample.
    ends : (float, float), optional
        Least and largest value of its output, if its type cuts values off.
    """

    node: Node
    rule: Rule | None
    sources: tuple[str, ...]
    shape: tuple[int, ...]
    ends: tuple[float, float] | None

    @classmethod
    def of(cls, node: Node, links: Links) -> 'Step':
        """Read the step of a node: its attributes are slow to read, and thousands of calculations need them."""
        rule = rule_of(node) if links.plain else None
        shape = tuple(map(int, node.get_output_variable().shape))
        return cls(node, rule, links.sources, shape, limits(node) if rule is not None and rule.saturates else None)

    def call(
        self, values: Mapping[str, NDArray], parameters: Mapping[str, Parameters] | None, output: NDArray | None = None
    ) -> Call:
        """Arguments of the node among the outputs of all nodes."""
        return Call(self.node, _take(values, self.sources), parameters, output, self.shape)


#: Nodes of a model by name, in the order of the graph.
Steps = dict[str, Step]


def read_steps(model: 'ModelGraph') -> Steps:
    """Read the steps of a model once, for many calculations of it as it is."""
    links = read_links(model)
    return {node.name: Step.of(node, links[node.name]) for node in model.get_layers()}


def forward_model(
    model: 'ModelGraph',
    x: Sequence[NDArray],
    parameters: Mapping[KernelKey, Parameters] | None = None,
    steps: Steps | None = None,
    known: Mapping[str, NDArray] | None = None,
) -> dict[str, NDArray] | None:
    """Calculate a whole model in floating point; only output types that saturate cut values off.

    Parameters
    ----------
    model : ModelGraph
        After hls4ml's `optimize` flow, before its types are converted.
    x : sequence of ndarray
        One array for each input of the model, shape (n, *shape).
    parameters : mapping of KernelKey to (ndarray, ndarray), optional
        Matrix (n_out, n_in) and bias (n_out,) in place of the model's own.
    steps : Steps, optional
        As `read_steps` has them. Default: read anew.
    known : mapping of str to ndarray, optional
        Outputs of nodes that need not be calculated.

    Returns
    -------
    dict of str to ndarray, optional
        Outputs of every node by its name, shape (n, *shape); None if one has no rule.

    Raises
    ------
    HWPruneError
        If inputs are missing, or parameters are given for a layer that takes none.
    """
    steps = read_steps(model) if steps is None else steps
    by_layer = _by_layer(steps, parameters or {})
    if len(x) != len(model.inputs):
        raise HWPruneError(f'the network has {len(model.inputs)} input(s), got {len(x)} array(s)')
    values = dict(zip(model.inputs, x, strict=True)) | dict(known or {})
    for name, step in steps.items():
        if name in values:
            continue
        if step.rule is None:
            return None
        found = step.rule.forward(step.call(values, by_layer.get(name)))
        values[name] = found if step.ends is None else np.clip(found, *step.ends)
    return values


def backpropagate(
    model: 'ModelGraph',
    traced: Mapping[str, NDArray],
    seeds: Mapping[str, NDArray],
    parameters: Mapping[KernelKey, Parameters] | None = None,
    steps: Steps | None = None,
    wanted: Collection[str] | None = None,
) -> dict[str, NDArray]:
    """Gradients of a scalar of each sample for all nodes that it depends on.

    Gradients pass straight through quantisation. Where a layer's output type saturates, or its function is flat, they
    are 0: they are gradients for the results of a layer before its output type clips them.

    Parameters
    ----------
    model : ModelGraph
        After hls4ml's `optimize` flow, before its types are converted.
    traced : mapping of str to ndarray
        Output of every node by its name, inputs of the model included, shape (n, *shape).
    seeds : mapping of str to ndarray
        By node, the gradient of the scalar for its output, shape (n, *shape).
    parameters : mapping of KernelKey to (ndarray, ndarray), optional
        Matrix (n_out, n_in) and bias (n_out,) in place of the model's own.
    steps : Steps, optional
        As for `forward_model`.
    wanted : collection of str, optional
        Nodes whose gradients are asked for; those of others may then be absent. Default: all.

    Returns
    -------
    dict of str to ndarray
        Gradients by node, shape (n, *shape), summed over all paths. Nodes with a path to a seed through a layer
        without a rule are absent.

    Raises
    ------
    HWPruneError
        If values are missing, a seed is for no node or of another shape, or parameters are given for a layer that takes
        none.
    """
    steps = read_steps(model) if steps is None else steps
    by_layer = _by_layer(steps, parameters or {})
    _check_seeds(steps, traced, seeds)
    needed = steps.keys() if wanted is None else reached_from(steps, wanted)
    found, unknown = dict(seeds), set[str]()
    for name, step in reversed(steps.items()):
        if name not in found and name not in unknown:
            continue
        rule = step.rule if name not in unknown else None
        if rule is None:
            unknown.update(step.sources)
            continue
        (output,) = _take(traced, (name,))
        if step.ends is not None:
            found[name] = where_it_moves(output, step.ends, found[name])
        if needed.isdisjoint(step.sources):
            continue
        call = step.call(traced, by_layer.get(name), output)
        for source, part in zip(step.sources, rule.backward(call, found[name]), strict=True):
            found[source] = found[source] + part if source in found else part
    return {name: gradient for name, gradient in found.items() if name not in unknown}


def reached_from(steps: Steps, names: Collection[str]) -> KeysView[str]:
    """Nodes of these names, and all that read them, directly or not."""
    found = dict.fromkeys(names)
    for name, step in steps.items():
        if not found.keys().isdisjoint(step.sources):
            found[name] = None
    return found.keys()


def _take(values: Mapping[str, NDArray], names: Iterable[str]) -> tuple[NDArray, ...]:
    missing = [name for name in names if name not in values]
    if missing:
        raise HWPruneError(f'gradients: no values of the layer {missing[0]!r} are given')
    return tuple(values[name] for name in names)


def _check_seeds(steps: Steps, traced: Mapping[str, NDArray], seeds: Mapping[str, NDArray]) -> None:
    for name, seed in seeds.items():
        _step(steps, name)
        (values,) = _take(traced, (name,))
        if seed.shape != values.shape:
            raise HWPruneError(f'gradients: values of the layer {name!r} have the shape {values.shape}, got {seed.shape}')


def _by_layer(steps: Steps, parameters: Mapping[KernelKey, Parameters]) -> dict[str, dict[str, Parameters]]:
    """Parameters by layer and role, checked."""
    found: dict[str, dict[str, Parameters]] = {}
    for key, own in parameters.items():
        step = _step(steps, key.layer)
        _check_kernel(step.node, step.rule)
        found.setdefault(key.layer, {})[key.role] = own
    return found


def _step(steps: Steps, name: str) -> Step:
    if name not in steps:
        raise HWPruneError(f'gradients: the network has no layer {name!r}')
    return steps[name]


def _check_kernel(node: Node, rule: Rule | None) -> None:
    if rule is None or rule.taps is None:
        raise HWPruneError(f'the layer {node.name!r} takes no weights: it is a {node.class_name}')
