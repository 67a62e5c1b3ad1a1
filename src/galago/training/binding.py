"""A session of the engine together with the variables it computes with."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import variables as weights
from galago.engine import Session
from galago.errors import ShapeError
from galago.graph import Graph
from galago.losses import Loss
from galago.optimizers import Optimizer
from galago.variables import Variable


class Binding:
    """Keeps a session and the variables of a model in step.

    Changed variables go to the session before its next step; trained values come back when
    somebody reads the variable. Layers may be shared: the other model then reads the same way.
    """

    def __init__(self, graph: Graph, variables: Sequence[Variable], dtype: str) -> None:
        self.graph = graph
        self.session = Session(graph, dtype=dtype)
        known = {parameter.name for parameter in graph.parameters}
        #: Which of the variables the graph computes with: not those that are kept for files only.
        self._computed = [variable.path in known for variable in variables]
        self.variables = list(itertools.compress(variables, self._computed))
        #: Train steps so far; a variable compares it to know whether its own value is old.
        self.steps = 0
        #: What the session was last compiled for, None before.
        self.compiled_for: object = None
        #: What the optimizer changes, and all that a train step changes.
        self._trained: list[Variable] = []
        self._changing: list[Variable] = []
        self._optimizer: Optimizer | None = None
        self._places = {id(variable): place for place, variable in enumerate(self.variables)}
        self._sent = [-1] * len(self.variables)
        self._assignments = -1

    def compile(
        self,
        loss: Loss,
        optimizer: Optimizer,
        accuracy: str | None,
        trainable: Sequence[bool],
        compiled_for: object,
    ) -> None:
        """Make the session ready to train and test; moments and the step count start anew.

        `trainable` goes with the variables as they were given.
        """
        trainable = list(itertools.compress(trainable, self._computed))
        self.session.compile(
            loss=loss.kind,
            from_logits=loss.from_logits,
            optimizer=(optimizer.kind, optimizer.settings()),
            accuracy=accuracy,
            trainable=trainable,
        )
        self._trained = [
            variable for variable, on in zip(self.variables, trainable, strict=True) if on
        ]
        self._changing = [
            variable
            for place, variable in enumerate(self.variables)
            if trainable[place] or place in self.graph.moving
        ]
        self._optimizer, self.compiled_for = optimizer, compiled_for

    def optimizer_size(self) -> tuple[int, int] | None:
        """Return numbers and bytes that the optimizer keeps, None before compile().

        Keras counts the step and the learning rate too, four bytes each.
        """
        if self._optimizer is None:
            return None
        slots = self._optimizer.slots
        memory = sum(variable.nbytes for variable in self._trained)
        return slots * weights.count(self._trained) + 2, slots * memory + 8

    def get_optimizer_state(self) -> list[npt.NDArray[Any]]:
        """Return the steps so far, the learning rate, and the moments of each trained variable."""
        assert self._optimizer is not None
        state = self.session.get_optimizer_state()
        places = [self._places[id(variable)] for variable in self._trained]
        return [
            np.array(state["iterations"], np.int64),
            np.array(self._optimizer.learning_rate, np.float32),
            *(moment[place] for place in places for moment in state["moments"]),
        ]

    def set_optimizer_state(self, values: Sequence[npt.ArrayLike]) -> None:
        """Take over what get_optimizer_state() returned. Raises ShapeError."""
        assert self._optimizer is not None
        slots, arrays = self._optimizer.slots, [np.asarray(value) for value in values]
        wanted = [(), (), *(v.shape for v in self._trained for _ in range(slots))]
        if wanted != [array.shape for array in arrays]:
            raise ShapeError(
                f"{type(self._optimizer).__name__}: expected a state of {len(wanted)} arrays, two "
                f"numbers and {slots} for each trained weight, received shapes "
                f"{[array.shape for array in arrays]}. Take that of an equal model."
            )
        step, rate, *rest = arrays
        if np.float32(self._optimizer.learning_rate) != rate:  # else it is known more exactly
            self._optimizer.learning_rate = float(rate)
        moments = self.session.get_optimizer_state()["moments"]
        for number, variable in enumerate(self._trained):
            for slot in range(slots):
                moments[slot][self._places[id(variable)]] = rest[number * slots + slot]
        self.session.set_optimizer_state({"iterations": int(step), "moments": moments})

    def push(self) -> None:
        """Send the variables whose values are newer than the session's."""
        for place, variable in enumerate(self.variables):
            if variable.holder is not self:
                variable.refresh()
            if variable.version != self._sent[place]:
                self.session.set_parameter(place, variable.numpy())
                self._sent[place] = variable.version
        self._assignments = weights.assignments

    def begin_training(self) -> None:
        """Send the newest values and take over the variables that are going to change."""
        self.push()
        for variable in self._changing:
            if variable.holder is not self:
                variable.hold(self)

    def read(self, variable: Variable) -> npt.NDArray[Any]:
        """Return the session's value of a variable, whose version this becomes."""
        place = self._places[id(variable)]
        self._sent[place] = variable.version
        return self.session.get_parameter(place)

    def train_steps(
        self,
        x: npt.NDArray[Any],
        y: npt.NDArray[Any],
        indices: npt.NDArray[np.int64],
        batch: int,
        learning_rate: float,
    ) -> list[tuple[float, float]]:
        """Train on the rows that the indices name; return each batch's mean loss and accuracy."""
        if weights.assignments != self._assignments:
            self.push()
        results = self.session.train_steps(x, y, indices, batch, learning_rate)
        self.steps += len(results)
        return results

    def test_step(
        self, x: npt.NDArray[Any], y: npt.NDArray[Any], start: int, stop: int
    ) -> tuple[float, float]:
        """Return the mean loss and accuracy of rows start to stop - 1."""
        if weights.assignments != self._assignments:
            self.push()
        return self.session.test_step(x, y, start, stop)

    def predict(self, x: npt.NDArray[Any], start: int, stop: int) -> npt.NDArray[Any]:
        """Return the outputs of rows start to stop - 1."""
        if weights.assignments != self._assignments:
            self.push()
        return self.session.predict(x, start, stop)
