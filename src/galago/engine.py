"""The border: the only file that knows the extension module.

A graph crosses once, when a Session is made. After that a call a batch goes over, with arrays that
are read where they lie and a few numbers coming back.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from galago import _core
from galago.errors import EngineError
from galago.graph import Graph, Node

Array: TypeAlias = npt.NDArray[Any]

_core.set_error_class(EngineError)
atexit.register(_core.close)


class ProfileLine(NamedTuple):
    """All calls of one kernel for one layer: `seconds` over all threads; on paper, the rest."""

    stage: str  # "weights", "images", "batch" or "update"
    kernel: str
    unit: str  # the layer, or layers, it works for; the parameter of an update
    calls: int
    seconds: float
    multiply_adds: float
    bytes: float


class Session:
    """A graph with weights and an optimizer in the engine.

    `dtype` is "float32" or "float64". `isa` names the instruction set ("avx512", "avx2", "neon",
    "scalar", or "reference" for the naive loops); by default the fastest one, or what GALAGO_ISA
    says. Whatever it is, and with any number of threads, the results are the same to the last bit.
    Raises EngineError.
    """

    def __init__(self, graph: Graph, *, dtype: str = "float32", isa: str | None = None) -> None:
        if dtype not in ("float32", "float64"):
            raise EngineError(f"dtype must be 'float32' or 'float64'. Received: {dtype!r}.")
        for node in graph.nodes:
            _require_countable(node)
        self.graph = graph
        self.dtype = np.dtype(dtype)
        self._session = _core.Session(
            [
                (
                    n.op,
                    n.name,
                    list(n.inputs),
                    list(n.shape),
                    dict(n.attributes),
                    list(n.parameters),
                )
                for n in graph.nodes
            ],
            [(p.name, list(p.shape)) for p in graph.parameters],
            list(graph.outputs),
            dtype == "float64",
            _wanted_isa() if isa is None else isa,
        )

    @property
    def isa(self) -> str:
        """The instruction set that this session's kernels use."""
        return str(self._session.isa)

    def _empty(self, shape: tuple[int, ...]) -> Array:
        return np.empty(shape, self.dtype)

    def get_parameter(self, index: int) -> Array:
        """Return a copy of a parameter in Keras's layout."""
        value = self._empty(self.graph.parameters[index].shape)
        self._session.get_parameter(index, value)
        return value

    def set_parameter(self, index: int, value: Array) -> None:
        """Copy a value of the parameter's shape in."""
        self._session.set_parameter(index, self._like_parameter(index, value))

    def _like_parameter(self, index: int, value: Array) -> Array:
        parameter = self.graph.parameters[index]
        if np.shape(value) != parameter.shape:
            raise EngineError(
                f"{parameter.name} has shape {parameter.shape}. Received: {np.shape(value)}."
            )
        return np.ascontiguousarray(value, self.dtype)

    def compile(
        self,
        *,
        loss: str | None,
        from_logits: bool = False,
        loss_options: Mapping[str, float] | None = None,
        reduction: str = "sum_over_batch_size",
        optimizer: tuple[str, dict[str, float]] | None = None,
        accuracy: str | None = None,
        trainable: Sequence[bool] | None = None,
    ) -> None:
        """Say what to minimize, how, and which parameters may change. The optimizer starts anew.

        `loss_options` are those of the loss: label_smoothing, delta, alpha, gamma,
        apply_class_balancing, ignore_class. `reduction` says what the sum of the losses is divided
        by: "sum_over_batch_size", "sum" (nothing) or "mean_with_sample_weight".
        """
        kind, options = optimizer or ("", {})
        on = [True] * len(self.graph.parameters) if trainable is None else list(trainable)
        self._session.compile(
            loss or "",
            from_logits,
            dict(loss_options or {}),
            reduction,
            accuracy or "",
            kind,
            options,
            on,
        )

    def train_step(
        self,
        x: Array,
        y: Array,
        indices: npt.NDArray[np.int64],
        learning_rate: float,
        weights: Array | None = None,
    ) -> tuple[float, float]:
        """Train on the rows that `indices` names; return the batch's loss and mean accuracy.

        x (rows, *input shape) is uint8, float32 or float64; y is int64 labels (rows,), or float
        targets (rows, outputs). Of a map every place is a row of the loss. `weights` (rows,), or
        (rows, *places) of a map, say how much each loss counts, in float32 or float64. The
        accuracy knows no weights, and is NaN where compile() named none.
        """
        return self.train_steps(x, y, indices, len(indices), learning_rate, weights)[0]

    def train_steps(
        self,
        x: Array,
        y: Array,
        indices: npt.NDArray[np.int64],
        batch: int,
        learning_rate: float,
        weights: Array | None = None,
    ) -> list[tuple[float, float]]:
        """Train on one batch after the other of the rows that `indices` names, the last one short.

        The same as several calls of train_step(), and faster where a step takes a millisecond or
        less: Python's own code and objects are not pushed out of the caches by every step.
        """
        return self._session.train_steps(x, y, indices, batch, learning_rate, weights)

    def test_step(
        self, x: Array, y: Array, start: int, stop: int, weights: Array | None = None
    ) -> tuple[float, float]:
        """Return the loss and mean accuracy of rows start to stop - 1, as train_step()."""
        loss, accuracy = self._session.test_step(x, y, start, stop, weights)
        return loss, accuracy

    def predict(self, x: Array, start: int, stop: int) -> Array:
        """Return the outputs of rows start to stop - 1; a row never depends on the others."""
        out = self._empty((stop - start, *self._output_shape))
        self._session.predict(x, start, stop, out)
        return out

    def last_outputs(self) -> Array:
        """Return the outputs of the last step, as the weights were before it."""
        out = self._empty((self._session.last_count, *self._output_shape))
        self._session.last_outputs(out)
        return out

    def gradients(self, x: Array, y: Array, weights: Array | None = None) -> list[Array]:
        """Return the gradient of the loss of all rows for every parameter; zeros if frozen."""
        out = [np.zeros(p.shape, self.dtype) for p in self.graph.parameters]
        self._session.gradients(x, y, out, weights)
        return out

    def plan(self, mode: str = "train") -> str:
        """Return the plan of a "train", "test" or "predict" step, a line a kernel."""
        return str(self._session.plan(mode))

    def profile(
        self, mode: str, x: Array, y: Array | None, repeats: int
    ) -> tuple[float, int, list[ProfileLine]]:
        """Clock every kernel over `repeats` steps on all rows of x.

        Returns the seconds from start to end, the threads, and a line for each kernel of the plan.
        Weights and optimizer stay as they are. y may be None for "predict".
        """
        targets = np.zeros((len(x), 1), self.dtype) if y is None else y
        seconds, threads, lines = self._session.profile(mode, x, targets, 0, len(x), repeats)
        return seconds, threads, [ProfileLine(*line) for line in lines]

    @property
    def _output_shape(self) -> tuple[int, ...]:
        return self.graph.nodes[-1].shape

    @property
    def iterations(self) -> int:
        """Train steps since compile()."""
        return int(self._session.iterations)

    def get_optimizer_state(self) -> dict[str, Any]:
        """Return the step count and the moments, one list of arrays a moment."""
        moments = []
        for moment in range(self._session.moments):
            arrays = [self._empty(p.shape) for p in self.graph.parameters]
            for index, array in enumerate(arrays):
                self._session.get_moment(moment, index, array)
            moments.append(arrays)
        return {"iterations": self.iterations, "moments": moments}

    def set_optimizer_state(self, state: dict[str, Any]) -> None:
        """Take over what get_optimizer_state() returned."""
        moments = state["moments"]
        if len(moments) != self._session.moments:
            raise EngineError(
                f"this optimizer keeps {self._session.moments} moments. Received: {len(moments)}."
            )
        values = [
            [self._like_parameter(index, array) for index, array in enumerate(arrays)]
            for arrays in moments
        ]
        if any(len(arrays) != len(self.graph.parameters) for arrays in values):
            raise EngineError("every moment must have an array for every parameter.")
        for moment, arrays in enumerate(values):
            for index, array in enumerate(arrays):
                self._session.set_moment(moment, index, array)
        self._session.iterations = int(state["iterations"])


def _require_countable(node: Node) -> None:
    """Raise EngineError if a number of an operation does not fit the engine's 64 bits."""
    for name, value in (("shape", node.shape), *node.attributes):
        low, high = (0, 2**64) if name == "seed" else (-(2**63), 2**63)
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int) and not low <= number < high:
                raise EngineError(f"{node.name}: {name} {number} does not fit 64 bits.")


def set_threads(threads: int) -> None:
    """Use this many threads, 1 to 256, from the next step on. The results do not change.

    >>> set_threads(2)
    >>> get_threads()
    2
    """
    _core.set_threads(threads)


def get_threads() -> int:
    """Return how many threads the engine uses: GALAGO_THREADS, or else the usable cores."""
    return int(_core.get_threads())


def peak() -> float:
    """Measure the most float32 multiply-adds a second that the threads reach; takes some 0.05 s."""
    return float(_core.peak(_wanted_isa()))


def available_isas() -> tuple[str, ...]:
    """Return the instruction sets that run here, the fastest first; without the reference."""
    return tuple(name for name in _core.isas() if name != "reference")


def isa() -> str:
    """Return the instruction set that new sessions use. Raises EngineError."""
    return str(_core.isa(_wanted_isa()))


def _wanted_isa() -> str:
    return os.environ.get("GALAGO_ISA", "")


def cpu_info() -> dict[str, Any]:
    """Return what the engine knows of this CPU; caches in bytes, 0 where unknown."""
    return {
        **_core.cpu_info(),
        "isa": isa(),
        "isas": available_isas(),
        "threads": get_threads(),
    }
