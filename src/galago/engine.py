"""The border: the only file that knows the extension module.

A graph crosses once, when a Session is made. After that a call a batch goes over, with arrays that
are read where they lie and a few numbers coming back.
"""

from __future__ import annotations

import atexit
import math
import os
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from galago import _core
from galago.errors import EngineError
from galago.graph import Graph, Node
from galago.shapes import Pair

Array: TypeAlias = npt.NDArray[Any]
#: An array, or one for each of several inputs or outputs.
Arrays: TypeAlias = Array | Sequence[Array]
#: Of the examples, for each of several outputs, or None.
Weights: TypeAlias = Array | Sequence[Array | None] | None
#: What compile() may say of one parameter.
Rule: TypeAlias = Mapping[str, float | Sequence[int]]

#: What computes the nodes of op "host": called with the node's place, whether this is training, the
#: inputs (rows, size), the parameters (1, size), and the output's gradient or None on the way
#: forward. It returns the output, or the gradients of all inputs and then of all parameters; None
#: for a parameter that does not learn. Arrays are of the session's type; those given may be kept.
Host: TypeAlias = Callable[[int, bool, list[Array], list[Array], Array | None], list[Array | None]]

_core.set_error_class(EngineError)
atexit.register(_core.close)


class OutputLoss(NamedTuple):
    """What an output is measured by; a name of "" leaves it out of the loss."""

    name: str
    from_logits: bool = False
    accuracy: str = ""
    weight: float = 1.0  # of its loss in the sum that is minimized
    #: label_smoothing, delta, alpha, gamma, apply_class_balancing, ignore_class
    options: Mapping[str, float] = MappingProxyType({})
    #: What the sum of the losses is divided by; "sum": nothing; or "mean_with_sample_weight".
    reduction: str = "sum_over_batch_size"


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
    Graphs of several inputs take a list of arrays for x, graphs of several outputs for y; their
    results are lists too. A `host` computes nodes of op "host", in the thread of the call; what it
    raises ends the step, which has then changed nothing. Raises EngineError.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        dtype: str = "float32",
        isa: str | None = None,
        host: Host | None = None,
    ) -> None:
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
            host,
        )
        self._output_shapes = [graph.nodes[place].shape for place in graph.outputs]

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
        *losses: OutputLoss,
        optimizer: tuple[str, dict[str, float]] | None = None,
        trainable: Sequence[bool] | None = None,
        rules: Sequence[Rule] | None = None,
    ) -> None:
        """Say what to minimize, how, and which parameters may change. The optimizer starts anew.

        There is a loss for each output of the graph. A rule says of a parameter: its penalties
        "l1" and "l2"; "decays", 0 where weight decay leaves it out; "axes", "low", "high" and
        "rate" of its norm after each step, or "non_negative".
        """
        kind, options = optimizer or ("", {})
        count = len(self.graph.parameters)
        on = [True] * count if trainable is None else list(trainable)
        given: list[dict[str, Any]] = [{}] * count if rules is None else [dict(r) for r in rules]
        specs = [
            (a.name, a.from_logits, dict(a.options), a.reduction, a.accuracy, a.weight)
            for a in losses
        ]
        self._session.compile(specs, kind, options, on, given)

    def train_step(
        self,
        x: Arrays,
        y: Arrays,
        indices: npt.NDArray[np.int64],
        learning_rate: float,
        weights: Weights = None,
    ) -> tuple[float, ...]:
        """Train on the rows that `indices` names; return the batch's loss and mean accuracy.

        x (rows, *input shape) is uint8, float32 or float64; y is int64 labels (rows,), or float
        targets (rows, outputs). Of a map every place is a row of the loss. `weights` (rows,), or
        (rows, *places) of a map, say how much each loss counts, in float32 or float64; the
        accuracy knows none. Of several outputs the sum of losses comes first, then the loss and
        accuracy of each. They are NaN where compile() named none.
        """
        return self.train_steps(x, y, indices, len(indices), learning_rate, weights)[0]

    def train_steps(
        self,
        x: Arrays,
        y: Arrays,
        indices: npt.NDArray[np.int64],
        batch: int,
        learning_rate: float | Sequence[float],
        weights: Weights = None,
    ) -> list[tuple[float, ...]]:
        """Train on one batch after the other of the rows that `indices` names, the last one short.

        The same as several calls of train_step(), and faster where a step takes a millisecond or
        less: Python's own code and objects are not pushed out of the caches by every step. The
        learning rate is one for all steps, or one for each.
        """
        steps = -(-len(indices) // batch) if batch > 0 else 0
        if isinstance(learning_rate, Sequence):
            rates = list(learning_rate)
        else:
            rates = [learning_rate] * steps
        of = _weights(weights)
        return self._session.train_steps(_listed(x), _listed(y), indices, batch, rates, of)

    def finish_training(self) -> None:
        """Make the weights their moving average, if the optimizer keeps one."""
        self._session.finish_training()

    def test_step(
        self, x: Arrays, y: Arrays, start: int, stop: int, weights: Weights = None
    ) -> tuple[float, ...]:
        """Return the loss and mean accuracy of rows start to stop - 1, as train_step()."""
        return self._session.test_step(_listed(x), _listed(y), start, stop, _weights(weights))

    def predict(self, x: Arrays, start: int, stop: int) -> Any:
        """Return the outputs of rows start to stop - 1; a row never depends on the others."""
        out = self._empty_outputs(stop - start)
        self._session.predict(_listed(x), start, stop, out)
        return out if len(out) > 1 else out[0]

    def last_outputs(self) -> Any:
        """Return the outputs of the last step, as the weights were before it."""
        out = self._empty_outputs(self._session.last_count)
        self._session.last_outputs(out)
        return out if len(out) > 1 else out[0]

    def gradients(self, x: Arrays, y: Arrays, weights: Weights = None) -> list[Array]:
        """Return the gradient of the loss of all rows for every parameter; zeros if frozen."""
        out = [np.zeros(p.shape, self.dtype) for p in self.graph.parameters]
        self._session.gradients(_listed(x), _listed(y), out, _weights(weights))
        return out

    def plan(self, mode: str = "train") -> str:
        """Return the plan of a "train", "test" or "predict" step, a line a kernel."""
        return str(self._session.plan(mode))

    def profile(
        self, mode: str, x: Arrays, y: Arrays | None, repeats: int
    ) -> tuple[float, int, list[ProfileLine]]:
        """Clock every kernel over `repeats` steps on all rows of x.

        Returns the seconds from start to end, the threads, and a line for each kernel of the plan.
        Weights and optimizer stay as they are. y may be None for "predict".
        """
        listed, targets = _listed(x), [] if y is None else _listed(y)
        rows = len(listed[0])
        seconds, threads, lines = self._session.profile(mode, listed, targets, 0, rows, repeats)
        return seconds, threads, [ProfileLine(*line) for line in lines]

    def _empty_outputs(self, rows: int) -> list[Array]:
        return [self._empty((rows, *shape)) for shape in self._output_shapes]

    @property
    def iterations(self) -> int:
        """Train steps since compile()."""
        return int(self._session.iterations)

    def get_optimizer_state(self) -> dict[str, Any]:
        """Return the step count, the moments, one list of arrays each, and Nadam's product."""
        moments = []
        for moment in range(self._session.moments):
            arrays = [self._empty(p.shape) for p in self.graph.parameters]
            for index, array in enumerate(arrays):
                self._session.get_moment(moment, index, array)
            moments.append(arrays)
        product = float(self._session.product)
        return {"iterations": self.iterations, "moments": moments, "product": product}

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
        self._session.product = float(state["product"])


class Window(NamedTuple):
    """What filter_image() makes of each window of a picture."""

    size: Pair
    #: "sum", "maximum" or "minimum".
    kind: str = "sum"
    #: Of a sum, row by row, one for each place of the window.
    weights: Sequence[float] = ()
    strides: Pair = (1, 1)
    #: What lies around the picture, "valid" (nothing), "zero" or "reflect" ...
    border: str = "valid"
    #: ... and how many rows and columns of it the first window takes in.
    before: Pair = (0, 0)
    #: A sum is multiplied by it, or divided.
    scale: float = 1.0
    divide: bool = False
    #: What all results are limited to.
    limits: tuple[float, float] = (-math.inf, math.inf)


def filter_image(image: Array, out: Array, window: Window, *, isa: str | None = None) -> None:
    """Fill `out` (rows, columns, channels) with the results for each channel by itself.

    image is uint8, float32 or float64, without gaps. out is of its floating type, float32 for
    uint8, or uint8, which cuts off what stands behind the point; its rows may lie apart. Sums are
    chains of multiply-adds, row by row of the window from 0 on. Raises EngineError.
    """
    _core.filter_image(
        image,
        out,
        window.kind,
        window.size,
        [float(weight) for weight in window.weights],
        window.border,
        window.before,
        window.strides,
        window.scale,
        window.divide,
        window.limits,
        _wanted_isa() if isa is None else isa,
    )


def _listed(arrays: Arrays) -> Sequence[Array]:
    return [arrays] if isinstance(arrays, np.ndarray) else arrays


def _weights(given: Weights) -> Sequence[Array | None]:
    if given is None:
        return []
    return [given] if isinstance(given, np.ndarray) else given


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
    """Return how many threads the engine uses: GALAGO_THREADS, or else the usable cores.

    >>> get_threads() >= 1
    True
    """
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
