"""Answers of a network: scores of classes, flags, or values, from the user's `Task`, the labels and the last layers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.evaluation import Measure, are_classes
from hls4ml_hwprune.host.families.base import Output
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.reconstruction.distillation import Kind

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


@dataclass(frozen=True)
class Answer:
    """A node whose output is an answer of the network, and the kind of the answer."""

    node: str
    kind: Kind


def find_answers(model: 'ModelGraph', task: str = 'auto') -> list[Answer]:
    """Find the nodes of a network's answers: before a final softmax or sigmoid, else its outputs.

    Parameters
    ----------
    model : ModelGraph
    task : {'auto', 'classification', 'regression'}
        With 'auto' several outputs without a softmax may be scores of classes or plain numbers.
    """
    return [_answer(node, task) for node in last_nodes(model)]


def find_measures(model: 'ModelGraph', task: str = 'auto') -> list[Measure]:
    """Find the measure of the loss of each output of a network.

    Parameters
    ----------
    model : ModelGraph
    task : {'auto', 'classification', 'regression'}
        With 'auto' outputs are classes behind a softmax, and values elsewhere.
    """
    return [_measure(node, task) for node in last_nodes(model)]


def task_of_samples(model: 'ModelGraph', task: str, y: NDArray | None) -> str:
    """Return the task of a network with the samples at hand: 'regression' where `y` can only be targets of the outputs.

    Parameters
    ----------
    model : ModelGraph
    task : str
        As the user gave it; it is the answer unless it is 'auto'.
    y : ndarray, optional
        As `load_calibration` takes it.
    """
    if task != 'auto' or y is None:
        return task
    outputs = sum(int(node.get_output_variable().size()) for node in last_nodes(model))
    softmax = any(_answer_of(_maker(node)) == 'classes' for node in last_nodes(model))
    return 'regression' if y.size == len(y) * outputs and not softmax and not are_classes(y) else 'classification'


def last_nodes(model: 'ModelGraph') -> list[Node]:
    """Nodes that make the outputs of a model, in the order of these."""
    makers = {output: node for node in model.get_layers() for output in node.outputs}
    return [makers[output] for output in model.outputs]


def _maker(node: Node) -> Node:
    """Return the node that made an output's numbers: layers that only move them are passed."""
    while _moves_alone(node) and (before := node.get_input_node()) is not None:
        node = before
    return node


def _moves_alone(node: Node) -> bool:
    return family_of(node).output >= Output.MOVED or _answer_of(node) == 'same'


def _answer_of(node: Node) -> str:
    return family_of(node).answer(node)


def _answer(node: Node, task: str) -> Answer:
    last = _maker(node)
    before = last.get_input_node()
    if before is not None and task != 'regression':
        if _answer_of(last) == 'classes':
            return Answer(before.name, 'classes')
        if _answer_of(last) == 'flags':
            return Answer(before.name, 'flags')
    single = node.get_output_variable().shape[-1] == 1
    kinds: dict[str, tuple[Kind, Kind]] = {'classification': ('flags', 'classes'), 'regression': ('values', 'values')}
    return Answer(node.name, kinds.get(task, ('values', 'scores'))[0 if single else 1])


def _measure(node: Node, task: str) -> Measure:
    width = int(node.get_output_variable().shape[-1])
    if task == 'classification' or (task == 'auto' and _answer_of(_maker(node)) == 'classes'):
        return Measure('classes', width)
    return Measure('values' if task == 'regression' else 'unknown', width)
