"""State of a run, and the checkpoint folder from which an interrupted run goes on."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import PlanError, TrainingError
from hls4ml_hwprune.files import open_regular, said, shown_path, whole_file
from hls4ml_hwprune.plain import plain_value
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.training.schedule import Progress

_FILE = 'checkpoint.npz'
_STATE = 'state'
Arrays = Mapping[str, NDArray]


@dataclass(frozen=True)
class Step:
    """One plan on the way to the budget.

    Attributes
    ----------
    position : float
        0 is the network as it was, 1 the budget.
    used : dict of str to float
        Resources of the whole design, estimated.
    metric : float
        Validation metric, after training.
    held : bool
        Whether it is within the tolerance.
    """

    position: float
    used: dict[str, float]
    metric: float
    held: bool


@dataclass(frozen=True)
class State:
    """State of a run that decides its next phase, without the arrays.

    Attributes
    ----------
    phase : str
        'begin', 'search', 'regrow', 'plan', 'train', 'judge', 'finish' or 'done'.
    baseline : float
        Validation metric of the network as it was.
    strength : float
        Strength of the group lasso.
    progress : Progress
    position : float
        Position of the plan that is trained.
    epoch, round : int
        Epochs of this round of training, and rounds so far.
    patient : bool
        Whether this plan is trained for the second time.
    plan, best : int, optional
        Numbers of the plan that is trained and of the furthest plan that held.
    best_position, metric : float
        Position and metric of the latter.
    channels : dict of str to int
        Channels of each layer, as `Match` has them.
    way : dict, optional
        Bounds in numbers, as `Planner.as_dict` has them.
    steps : tuple of Step
    """

    phase: str = 'begin'
    baseline: float = 0.0
    strength: float = 0.0
    progress: Progress = field(default_factory=Progress)
    position: float = 0.0
    epoch: int = 0
    round: int = 0
    patient: bool = False
    plan: int | None = None
    best: int | None = None
    best_position: float = 0.0
    metric: float = 0.0
    channels: dict[str, int] = field(default_factory=dict)
    way: dict[str, Any] | None = None
    steps: tuple[Step, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> 'State':
        """Inverse of `dataclasses.asdict`."""
        steps = tuple(Step(**step) for step in data['steps'])
        return cls(**{**data, 'progress': Progress(**data['progress']), 'steps': steps})


class Checkpoint:
    """Folder with plans, and one file with the state of a run, which is replaced whole or not at all.

    Parameters
    ----------
    folder : str or Path
    run : mapping
        Identity of the run, as plain data: a folder of another run is refused.
    """

    def __init__(self, folder: str | Path, run: Mapping[str, Any]) -> None:
        if not isinstance(folder, str | Path) or not str(folder):
            raise TrainingError(f'folder: expected the name of a folder, got {shown(folder)}')
        self.folder = Path(folder)
        self._run = json.loads(json.dumps(run, default=str, sort_keys=True))

    def plan_file(self, number: int | str) -> Path:
        """File of a plan."""
        return self.folder / f'plan_{number}.json'

    @property
    def final_plan(self) -> Path:
        """File of the plan that a run ends with."""
        return self.folder / 'plan.json'

    def save_plan(self, number: int | str, plan: Plan) -> None:
        """Keep a plan."""
        self._make_folder()
        try:
            plan.save(self.plan_file(number))
        except PlanError as error:
            raise TrainingError(f'folder: {error}') from None

    def load_plan(self, number: int | str) -> Plan:
        """Return a plan that was kept."""
        return Plan.load(self.plan_file(number))

    def save(self, state: State, arrays: Arrays) -> None:
        """Write the state of the run.

        Raises
        ------
        TrainingError
            If the folder cannot be written.
        """
        self._make_folder()
        text = json.dumps({'run': self._run, 'state': asdict(state)}, default=plain_value)
        with whole_file(self.folder / _FILE, 'folder: the checkpoint', TrainingError) as file:
            np.savez(file, **{_STATE: np.frombuffer(text.encode(), np.uint8), **arrays})

    def load(self) -> tuple[State, dict[str, NDArray]] | None:
        """Return the state of the run and its arrays; None if it has not begun.

        Raises
        ------
        TrainingError
            If the folder is that of another run, damaged, or could not be written.
        """
        path = self.folder / _FILE
        try:
            path.lstat()
        except FileNotFoundError:
            self._check_folder()
            return None
        except (OSError, ValueError) as error:
            raise TrainingError(f'folder: {shown_path(self.folder)} is no folder: {said(error)}') from None
        with open_regular(path, 'folder: the checkpoint', TrainingError) as file:
            try:
                with np.load(file, allow_pickle=False) as found:
                    arrays = {name: found[name] for name in found.files}
                content = json.loads(arrays.pop(_STATE).tobytes().decode())
                state = State.from_dict(content['state'])
            except Exception as error:  # numpy, zipfile and zlib raise errors of any class
                raise TrainingError(f'folder: the checkpoint {shown_path(path)} cannot be read: {said(error)}') from None
        self._check(content.get('run', {}))
        return state, arrays

    def _check_folder(self) -> None:
        """Refuse a folder that could not be made, before anything is trained."""
        there = next(part for part in (self.folder, *self.folder.absolute().parents) if part.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise TrainingError(f'folder: {shown_path(self.folder)} cannot be made: {shown_path(there)} cannot be written')

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise TrainingError(f'folder: {shown_path(self.folder)} cannot be made: {said(error)}') from None

    def _check(self, run: Mapping[str, Any]) -> None:
        for key in sorted(self._run.keys() | run.keys()):
            if self._run.get(key) != run.get(key):
                raise TrainingError(
                    f'folder: {shown_path(self.folder)} holds a run with {key} {shown(run.get(key))}, this one has '
                    f'{shown(self._run.get(key))}; give another folder, or remove that one'
                )
