"""A session of the engine together with the variables it computes with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import variables as weights
from galago.engine import OutputLoss, Session
from galago.errors import ShapeError
from galago.graph import Graph, Hosted
from galago.optimizers import Optimizer
from galago.shapes import Shape
from galago.training.adapters import Examples
from galago.training.hosting import host_of
from galago.variables import Variable


class Binding:
    """Keeps a session and the variables of a model in step.

    Changed variables go to the session before its next step; trained values come back when
    somebody reads the variable. Layers may be shared: the other model then reads the same way.
    """

    def __init__(
        self,
        graph: Graph,
        variables: Sequence[Variable],
        dtype: str,
        hosted: Mapping[int, Hosted] | None = None,
    ) -> None:
        self.graph = graph
        #: The layers with code of their own behind nodes of the graph.
        self.hosted = hosted or {}
        self.session = Session(graph, dtype=dtype, host=host_of(self) if hosted else None)
        self.variables = list(variables)
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
        #: Variables that another session trains, with their places.
        self._elsewhere: list[tuple[int, Variable]] = []

    def compile(
        self,
        losses: Sequence[OutputLoss],
        optimizer: Optimizer,
        trained: Sequence[Variable],
        compiled_for: object,
    ) -> None:
        """Make the session ready to train and test; moments and the step count start anew.

        `trained` holds what the optimizer changes, in the order in which its state lists them.
        """
        ids = set(map(id, trained))
        trainable = [id(variable) in ids for variable in self.variables]
        self.session.compile(
            *losses,
            optimizer=(optimizer.kind, optimizer.settings()),
            trainable=trainable,
            rules=[
                known.rule() if optimizer.decays(known) else {**known.rule(), "decays": 0.0}
                for known in self.variables
            ],
        )
        optimizer.iterations = 0
        self._trained = list(trained)
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
        slots, numbers = self._optimizer.slots, len(self._stored_numbers())
        memory = sum(variable.nbytes for variable in self._trained)
        return slots * weights.count(self._trained) + numbers, slots * memory + 4 * numbers

    def _stored_numbers(self) -> list[str]:
        """The single numbers of the optimizer's state; all but the last stand before its arrays."""
        assert self._optimizer is not None
        rate = [] if self._optimizer.scheduled else ["learning_rate"]
        return ["iterations", *rate, *(["product"] if self._optimizer.has_product else [])]

    def _stored_arrays(self) -> list[tuple[int, Variable]]:
        """The engine's moment and the variable of each array of the state, in Keras's order."""
        assert self._optimizer is not None
        return [
            (moment, variable)
            for group in self._optimizer.stored_moments()
            for variable in self._trained
            for moment in group
        ]

    def get_optimizer_state(self) -> list[npt.NDArray[Any]]:
        """Return the steps so far, the learning rate unless a schedule says it, then the moments.

        Keras's order: the moving average of each trained variable, if there is one, then the
        optimizer's own numbers; Nadam's product of momenta last.
        """
        assert self._optimizer is not None
        state = self.session.get_optimizer_state()
        dtype = self.session.dtype
        numbers = {
            "iterations": np.array(state["iterations"], np.int64),
            "learning_rate": np.array(self._optimizer.learning_rate, np.float32),
            "product": np.array(state["product"], dtype),
        }
        stored = [numbers[name] for name in self._stored_numbers()]
        first = 1 if self._optimizer.scheduled else 2
        arrays = [
            state["moments"][moment][self._places[id(variable)]]
            for moment, variable in self._stored_arrays()
        ]
        return [*stored[:first], *arrays, *stored[first:]]

    def set_optimizer_state(self, values: Sequence[npt.ArrayLike]) -> None:
        """Take over what get_optimizer_state() returned. Raises ShapeError."""
        assert self._optimizer is not None
        arrays = [np.asarray(value) for value in values]
        names, places = self._stored_numbers(), self._stored_arrays()
        first = 1 if self._optimizer.scheduled else 2
        wanted: list[Shape] = [() for _ in names]
        wanted[first:first] = [variable.shape for _, variable in places]
        if wanted != [array.shape for array in arrays]:
            raise ShapeError(
                f"{type(self._optimizer).__name__}: expected a state of {len(wanted)} arrays, "
                f"{', '.join(names)} and {self._optimizer.slots} for each trained weight, received "
                f"shapes {[array.shape for array in arrays]}. Take that of an equal model."
            )
        state = self.session.get_optimizer_state()
        for (moment, variable), array in zip(places, arrays[first:], strict=False):
            state["moments"][moment][self._places[id(variable)]] = array
        numbers = dict(zip(names, [*arrays[:first], *arrays[first + len(places) :]], strict=True))
        rate = numbers.get("learning_rate")
        # Else it is known more exactly.
        if rate is not None and np.float32(self._optimizer.learning_rate) != rate:
            self._optimizer.learning_rate = float(rate)
        state["iterations"] = self._optimizer.iterations = int(numbers["iterations"])
        state["product"] = float(numbers.get("product", state["product"]))
        self.session.set_optimizer_state(state)

    def push(self) -> None:
        """Send the variables whose values are newer than the session's."""
        for place, variable in enumerate(self.variables):
            if variable.holder is not self:
                variable.refresh()
            if variable.version != self._sent[place]:
                self.session.set_parameter(place, variable.numpy())
                self._sent[place] = variable.version
        places = enumerate(self.variables)
        self._elsewhere = [(at, known) for at, known in places if known.held_by_other(self)]
        self._assignments = weights.assignments

    def _push_news(self) -> None:
        """Push if a value is newer than the session's; to find that out costs next to nothing."""
        if weights.assignments != self._assignments or self._elsewhere_is_newer():
            self.push()

    def _elsewhere_is_newer(self) -> bool:
        return bool(self._elsewhere) and any(
            variable.is_old or variable.version != self._sent[place]
            for place, variable in self._elsewhere
        )

    def begin_training(self) -> None:
        """Send the newest values and take over the variables that are going to change."""
        self.push()
        if self._optimizer is not None:  # which may have trained another model since
            self._optimizer.iterations = self.session.iterations
        for variable in self._changing:
            if variable.holder is not self:
                variable.hold(self)

    def read(self, variable: Variable) -> npt.NDArray[Any]:
        """Return the session's value of a variable, whose version this becomes."""
        place = self._places[id(variable)]
        self._sent[place] = variable.version
        return self.session.get_parameter(place)

    def show(self, place: int, value: npt.NDArray[Any]) -> None:
        """Let a variable have the value that a step under way computes with."""
        variable = self.variables[place]
        if variable.holder is self and variable.version == self._sent[place]:
            variable.show(value)

    def train_steps(
        self,
        examples: Examples,
        indices: npt.NDArray[np.int64],
        batch: int,
        learning_rate: float | Sequence[float],
    ) -> list[tuple[float, ...]]:
        """Train on the rows that the indices name; return each batch's loss and mean accuracy.

        The learning rate is one for all steps, or one for each.
        """
        self._push_news()
        x, y, counts = examples
        before = self.session.iterations
        try:
            return self.session.train_steps(x, y, indices, batch, learning_rate, counts)
        finally:  # a layer's own code may break off, some steps on
            self.steps += self.session.iterations - before
            if self._optimizer is not None:
                self._optimizer.iterations = self.session.iterations

    def finish_training(self) -> None:
        """Make the trained variables their moving average, if the optimizer keeps one."""
        if self._optimizer is not None and self._optimizer.use_ema:
            self.session.finish_training()
            self.steps += 1  # their values are new

    def test_step(self, examples: Examples, start: int, stop: int) -> tuple[float, ...]:
        """Return the loss and mean accuracy of rows start to stop - 1."""
        self._push_news()
        return self.session.test_step(examples.x, examples.y, start, stop, examples.weights)

    def predict(
        self, x: Sequence[npt.NDArray[Any]], start: int, stop: int
    ) -> list[npt.NDArray[Any]]:
        """Return each output for rows start to stop - 1."""
        self._push_news()
        found = self.session.predict(x, start, stop)
        return found if isinstance(found, list) else [found]
