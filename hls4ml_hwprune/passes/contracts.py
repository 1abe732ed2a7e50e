"""Contracts of passes: conditions before and after a pass over a model, which are checked where tests ask for it."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from hls4ml.model.optimizer import ModelOptimizerPass

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class ContractPass(ModelOptimizerPass):
    """A pass over a whole model with `requires` and `ensures`, which cost time and so run under test alone.

    Passes are idempotent: hls4ml runs those of a flow again until none reports a change, and none of these does.
    """

    #: Whether contracts are checked; `tests/conftest.py` says so.
    checked = False

    def transform(self, model: 'ModelGraph') -> bool:
        """Run the pass, between its conditions if they are checked."""
        if not self.checked:
            self.run(model)
            return False
        self._expect('requires', self.requires(model))
        before = self.observe(model)
        self.run(model)
        self._expect('ensures', self.ensures(model, before))
        return False

    @abstractmethod
    def run(self, model: 'ModelGraph') -> None:
        """Do the work of the pass."""

    def requires(self, model: 'ModelGraph') -> str:
        """Name the condition that a model breaks before the pass; '' if it breaks none."""
        return ''

    def observe(self, model: 'ModelGraph') -> Any:
        """Return facts of the model before the pass that `ensures` compares."""
        return None

    def ensures(self, model: 'ModelGraph', before: Any) -> str:
        """Name the condition that a model breaks after the pass; '' if it breaks none."""
        return ''

    def _expect(self, when: str, broken: str) -> None:
        if broken:
            raise AssertionError(f'{self.name} {when}: {broken}')


def graph_state(model: 'ModelGraph') -> list[tuple[Any, ...]]:
    """Nodes with their classes, reuse factors and weights: equal as long as a model is the same."""
    return [
        (
            node.name,
            node.class_name,
            node.get_attr('reuse_factor'),
            tuple((role, variable.data.tobytes(), str(variable.type.precision)) for role, variable in node.weights.items()),
        )
        for node in model.get_layers()
    ]
