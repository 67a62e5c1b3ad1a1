"""Graphs, arrays and settings that the engine refuses before any work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from graphs import reference_model
from problems import real_data
from sessions import ADAM, open_session

from galago.engine import OutputLoss, Session
from galago.errors import EngineError
from galago.graph import Graph, Node, Parameter

WINDOW = {"kernel": (3, 3), "strides": (1, 1), "dilation": (1, 1), "groups": 1}


def conv(shape: tuple[int, ...], outputs: tuple[int, ...], **changes: Any) -> Graph:
    """A graph of one 3x3 convolution, as it stands or spoilt."""
    attributes = {**WINDOW, "padding": (0, 0, 0, 0), **changes}
    kernel = Parameter("conv/kernel", (3, 3, shape[2], outputs[2]))
    nodes = (
        Node("input", "input", (), shape),
        Node("conv", "conv", (0,), outputs, tuple(sorted(attributes.items())), (0,)),
    )
    return Graph(nodes, (kernel,), (1,))


INPUT = Node("input", "input", (), (4,))
KERNEL, BIAS = Parameter("kernel", (4, 4)), Parameter("bias", (4,))


def dense(name: str, shape: tuple[int, int], *parameters: int) -> Node:
    """A dense layer that reads the input, with a kernel of this shape."""
    return Node("dense", name, (0,), (shape[1],), (), parameters)


def one(op: str, shape: tuple[int, ...], out: tuple[int, ...], **attributes: Any) -> Graph:
    """A graph of one operation."""
    nodes = (
        Node("input", "input", (), shape),
        Node(op, op, (0,), out, tuple(sorted(attributes.items()))),
    )
    return Graph(nodes, (), (1,))


def merged(op: str, *shapes: tuple[int, ...]) -> Graph:
    """A graph of one operation on maps of these shapes, reshaped from one input."""
    size = int(np.prod(shapes[0]))
    reshaped = (Node("reshape", "reshape", (0,), shape) for shape in shapes)
    nodes = [Node("input", "input", (), (size,)), *reshaped]
    places = tuple(range(1, len(nodes)))
    return Graph((*nodes, Node(op, op, places, shapes[0])), (), (len(nodes),))


RESIZE: dict[str, Any] = {"interpolation": "bilinear", "antialias": 0, "fill": 0.0}

WARP: dict[str, Any] = {
    "kind": "rotation",
    "ranges": (0.0, 0.5),
    "fill_mode": "constant",
    "interpolation": "bilinear",
    "fill": 0.0,
    "seed": 1,
}
TONE: dict[str, Any] = {"kind": "contrast", "range": (0.5, 1.5), "limits": (0.0, 1.0), "seed": 1}

REFUSED = {
    "too wide": (conv((2, 2, 1), (1, 1, 1)), "window of 3 is larger than its padded input of 2"),
    "wrong shape": (conv((5, 5, 1), (5, 5, 1)), "shape must be 3x3x1. Received: 5x5x1"),
    "padding": (
        Graph(
            (
                Node("input", "input", (), (2, 2, 1)),
                Node(
                    "max_pool",
                    "pool",
                    (0,),
                    (3, 3, 1),
                    (("padding", (2, 0, 2, 0)), ("pool", (2, 2)), ("strides", (1, 1))),
                ),
            ),
            (),
            (1,),
        ),
        "padding must be smaller than its window",
    ),
    "too large": (conv((5, 5, 1), (3, 3, 1), dilation=(2**63, 1)), "does not fit 64 bits"),
    "stride": (conv((5, 5, 1), (3, 3, 1), strides=(0, 1)), "from 1 to 65535. Received: 0"),
    "groups": (conv((5, 5, 2), (3, 3, 3), groups=2), "groups must divide"),
    "halo": (
        conv((1, 1, 1), (1, 1, 1), dilation=(20000, 20000), padding=(20000,) * 4),
        "with its padding has too many elements",
    ),
    "conv after flatten": (
        Graph(
            (
                Node("input", "input", (), (2, 2, 1)),
                Node("flatten", "flatten", (0,), (4,)),
                Node(
                    "conv",
                    "conv",
                    (1,),
                    (1, 1, 1),
                    tuple(sorted({**WINDOW, "kernel": (1, 1), "padding": (0,) * 4}.items())),
                    (0,),
                ),
            ),
            (Parameter("kernel", (1, 1, 4, 1)),),
            (2,),
        ),
        "behind a dense or flatten node needs a reshape in between",
    ),
    "all cropped": (
        one("crop", (3, 4, 1), (0, 4, 1), padding=(1, 2, 0, 0)),
        "must have no empty axis",
    ),
    "cropping": (one("crop", (3, 4, 1), (1, 4, 1), padding=(1, 2, 0, 0)), "must be 0x4x1"),
    "negative cropping": (
        one("crop", (3, 4, 1), (4, 4, 1), padding=(-1, 0, 0, 0)),
        "cropping must be from 0 to 65535. Received: -1",
    ),
    "penalty": (
        one("activity", (3, 4, 1), (3, 4, 1), l1=-1.0, l2=0.0),
        "l1 and l2 must be finite and not negative. Received: -1",
    ),
    "endless penalty": (
        one("activity", (3, 4, 1), (3, 4, 1), l1=0.0, l2=float("inf")),
        "l1 and l2 must be finite and not negative. Received: inf",
    ),
    "penalty of another shape": (
        one("activity", (3, 4, 1), (3, 4, 2), l1=0.0, l2=1.0),
        "must be 3x4x1. Received: 3x4x2",
    ),
    "upsampling": (one("upsample", (3, 4, 1), (6, 4, 1), size=(2, 2)), "must be 6x8x1"),
    "no upsampling": (
        one("upsample", (3, 4, 1), (3, 4, 1), size=(0, 2)),
        "sizes must be from 1 to 65535. Received: 0",
    ),
    "dilation": (one("dilate", (3, 4, 1), (5, 8, 1), strides=(2, 2)), "must be 5x7x1"),
    "no dilation": (
        one("dilate", (3, 4, 1), (3, 4, 1), strides=(1, 0)),
        "strides must be from 1 to 65535. Received: 0",
    ),
    "resizing": (
        one("resize", (3, 4, 1), (6, 8, 2), **RESIZE, box=(0, 0, 3, 4)),
        "must be 6x8x1. Received: 6x8x2",
    ),
    "resizing of nothing": (
        one("resize", (3, 4, 1), (6, 8, 1), **RESIZE, box=(0, 0, 3, 0)),
        "its box must be a row, a column, and a height and a width of at least 1",
    ),
    "resizing of too much": (
        one("resize", (3, 4, 1), (6, 8, 1), **RESIZE, box=(0, -(2**23), 3, 2**24)),
        "its box may have at most 4194304 rows and columns. Received: -8388608",
    ),
    "resizing of what lies beside": (
        one("resize", (3, 4, 1), (6, 8, 1), **RESIZE, box=(-3, 0, 3, 4)),
        "its box must not lie beside its input, 3x4x1",
    ),
    "filled with infinity": (
        one("resize", (3, 4, 1), (6, 8, 1), **(RESIZE | {"fill": np.inf}), box=(0, 0, 3, 4)),
        "fill must be finite. Received: inf",
    ),
    "warp": (
        one("random_warp", (3, 4, 1), (3, 4, 1), **(WARP | {"ranges": (0.0, 2e6)})),
        "ranges must be from -1e6 to 1e6. Received: 2000000",
    ),
    "warp of three numbers": (
        one("random_warp", (3, 4, 1), (3, 4, 1), **(WARP | {"ranges": (0.0, 0.5, 0.5)})),
        "ranges must have 2 or 4 values",
    ),
    "warp filled with nothing": (
        one("random_warp", (3, 4, 1), (3, 4, 1), **(WARP | {"fill": np.nan})),
        "fill must be finite. Received: nan",
    ),
    "warp to another size": (
        one("random_warp", (3, 4, 1), (4, 3, 1), **WARP),
        "must be 3x4x1. Received: 4x3x1",
    ),
    "no such warp": (
        one("random_warp", (3, 4, 1), (3, 4, 1), **(WARP | {"kind": "shear"})),
        "unknown kind of warp 'shear'",
    ),
    "no such fill mode": (
        one("random_warp", (3, 4, 1), (3, 4, 1), **(WARP | {"fill_mode": "mirror"})),
        "unknown fill_mode 'mirror'",
    ),
    "crop of more": (
        one("random_crop", (3, 4, 1), (3, 5, 1), **RESIZE, box=(0, 0, 3, 4), seed=1),
        "must be no larger than its input, 3x4x1. Received: 3x5x1",
    ),
    "tone": (
        one("random_tone", (3, 4, 1), (3, 4, 1), **(TONE | {"limits": (0.0, np.inf)})),
        "its ranges must be finite. Received: inf",
    ),
    "tone of one number": (
        one("random_tone", (3, 4, 1), (3, 4, 1), **(TONE | {"range": (0.5,)})),
        "range and limits must have 2 values",
    ),
    "no such interpolation": (
        one("resize", (3, 4, 1), (6, 8, 1), **(RESIZE | {"interpolation": "mitchell"})),
        "unknown interpolation 'mitchell'",
    ),
    "reshaping": (one("reshape", (3, 4, 1), (5, 2)), "as many elements as its input, 3x4x1"),
    "order": (
        one("permute", (3, 4, 1), (3, 4, 1), order=(0, 1, 1)),
        "each of the axes 0, 1 and 2 once. Received: 1",
    ),
    "order of sizes": (one("permute", (3, 4, 1), (3, 4, 1), order=(1, 0, 2)), "must be 4x3x1"),
    "merged shapes": (
        merged("multiply", (3, 4, 2), (4, 3, 2)),
        "must have one shape, or one position. Received: 3x4x2 and 4x3x2",
    ),
    "three to subtract": (merged("subtract", (2,), (2,), (2,)), "takes two inputs. Received: 3"),
    "one to add": (merged("add", (2,)), "takes two inputs or more. Received: 1"),
    "noise": (
        one("gaussian_noise", (3,), (3,), deviation=0.0, seed=1),
        "deviation must be above 0",
    ),
    "layer norm": (
        one("layer_norm", (3,), (3,), epsilon=0.1, scale=1, center=0),
        "expected 1 parameters: gamma if scaled, beta if centered. Received: 0",
    ),
    "no epsilon": (
        one("layer_norm", (3,), (3,), epsilon=0.0, scale=0, center=0),
        "epsilon must be above 0",
    ),
    "transposed groups": (
        conv((5, 5, 2), (3, 3, 2), groups=2, padding=(0, 0, 0, 0), transposed=1),
        "a transposed convolution must have one group",
    ),
    "unused parameter": (
        Graph((Node("input", "input", (), (4,)),), (Parameter("spare", (4,)),), (0,)),
        "'spare' is not used",
    ),
    "no input": (Graph((), (), ()), "must start with an input node"),
    "no output": (Graph((INPUT,), (), ()), "must have an output"),
    "no such output": (Graph((INPUT,), (), (1,)), "Outputs must be nodes of the graph"),
    "output twice": (Graph((INPUT,), (), (0, 0)), "must be an output only once"),
    "no such parameter": (
        Graph((INPUT, Node("flatten", "flatten", (0,), (4,), (), (7,))), (), (1,)),
        "there is no parameter 7",
    ),
    "shared by layers of different kinds": (
        Graph((INPUT, dense("wide", (4, 4), 0), dense("narrow", (4, 2), 0)), (KERNEL,), (1, 2)),
        "parameter 'kernel' must have 8 elements",
    ),
    "shared in part": (
        Graph((INPUT, dense("a", (4, 4), 0), dense("b", (4, 4), 0, 1)), (KERNEL, BIAS), (1, 2)),
        "'b': it shares a parameter with 'a', which is another layer",
    ),
    "twice in one layer": (
        Graph(
            (Node("input", "input", (), (1,)), dense("a", (1, 1), 0, 0)),
            (Parameter("one", (1, 1)),),
            (1,),
        ),
        "it has the parameter 'one' twice",
    ),
    "rank": (Graph((Node("input", "input", (), (1, 2, 3, 4)),), (), (0,)), "1, 2 or 3 axes"),
    "op": (Graph((Node("matmul", "matmul", (), (4,)),), (), (0,)), "unknown op 'matmul'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_graphs(case: str) -> None:
    graph, words = REFUSED[case]
    with pytest.raises(EngineError, match=words):
        session = Session(graph)
        session.predict(np.zeros((1, *graph.nodes[0].shape), np.float32), 0, 1)


@pytest.fixture
def session() -> Session:
    graph = reference_model(filters=4)
    parameters, _ = real_data(graph, 0, 1)
    sparse = {"loss": "sparse_categorical_crossentropy", "accuracy": "sparse"}
    return open_session(graph, parameters, optimizer=ADAM, **sparse)  # type: ignore[arg-type]


X, Y = np.zeros((4, 28, 28, 1), np.float32), np.zeros(4, np.int64)
ROWS = np.arange(4)


@pytest.mark.parametrize(
    ("x", "y", "rows", "words"),
    [
        (np.zeros((4, 14, 28, 1), np.float32), Y, ROWS, "x must have rows of 784 elements"),
        (X.astype(np.int16), Y, ROWS, "x must be uint8, float32 or float64"),
        (np.zeros((2**60, 0), np.uint8), Y, ROWS, "size overflow"),
        (X, np.array(0), ROWS, "y must have an axis of rows"),
        (X, Y.astype(np.int32), ROWS, "y must be int64 labels, or float32 or float64 targets"),
        (X, np.zeros((4, 10)), ROWS, "takes int64 labels"),
        (X, Y + 10, ROWS, "label 10 of row 0 is outside the 10 classes"),
        (X, Y - 1, ROWS, "label -1 of row 0 is outside the 10 classes"),
        (X, Y, ROWS + 1, "row 4 is outside x or y, which have 4 rows"),
        (X, Y[:2], ROWS, "row 2 is outside x or y, which have 2 rows"),
        (X, Y, ROWS[:0], "at least one row"),
    ],
)
def test_arrays(session: Session, x: Any, y: Any, rows: Any, words: str) -> None:
    before = session.get_parameter(0)
    with pytest.raises(EngineError, match=words):
        session.train_step(x, y, rows, 0.1)
    assert np.array_equal(session.get_parameter(0), before)
    assert session.iterations == 0


def test_settings(session: Session) -> None:
    def refused(words: str, call: Callable[[], object]) -> None:
        with pytest.raises(EngineError, match=words):
            call()

    refused("has shape", lambda: session.set_parameter(0, np.zeros(3)))
    refused("rows 0 to 5 are not a part of x", lambda: session.predict(X, 0, 5))
    refused("rows must be given as", lambda: session.predict(X, -1, 1))
    refused(
        "sparse accuracy goes with",
        lambda: session.compile(OutputLoss("mean_squared_error", accuracy="sparse")),
    )
    none = OutputLoss("")
    refused("unknown loss 'hing'", lambda: session.compile(OutputLoss("hing")))
    refused("trainable must name every parameter", lambda: session.compile(none, trainable=[]))
    refused(
        "every output must have a loss: expected 1. Received: 2",
        lambda: session.compile(none, none),
    )
    refused("unknown mode 'fast'", lambda: session.plan("fast"))
    state = session.get_optimizer_state()
    refused(
        "iterations must be 0 or more",
        lambda: session.set_optimizer_state({**state, "iterations": -1}),
    )
    refused("and one in a batch", lambda: session.train_steps(X, Y, ROWS, 0, 0.1))
    refused("keeps 2 moments", lambda: session.set_optimizer_state({**state, "moments": []}))
    refused(
        "an array for every parameter",
        lambda: session.set_optimizer_state({**state, "moments": [[], []]}),
    )
    session.compile(none)
    refused("needs an optimizer", lambda: session.train_step(X, Y, ROWS, 0.1))
    refused("needs a loss", lambda: session.test_step(X, Y, 0, 4))


def test_a_window_that_only_sees_padding_gives_the_bias() -> None:
    graph = conv((1, 1, 1), (1, 1, 1), padding=(3, 0, 3, 0), strides=(9, 9))
    assert Session(graph).predict(np.ones((1, 1, 1, 1)), 0, 1) == 0


def test_dtype() -> None:
    with pytest.raises(EngineError, match="dtype must be 'float32' or 'float64'"):
        Session(reference_model(filters=4), dtype="float16")


def test_softmax_is_over_the_last_axis_of_two() -> None:
    graph = Graph(
        (
            Node("input", "input", (), (3, 4)),
            Node("activation", "softmax", (0,), (3, 4), (("alpha", 0.0), ("kind", "softmax"))),
        ),
        (),
        (1,),
    )
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    powers = np.exp(x)
    expected = powers / powers.sum(-1, keepdims=True)
    np.testing.assert_allclose(Session(graph).predict(x, 0, 2), expected, rtol=1e-6)
