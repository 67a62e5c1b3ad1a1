"""Nodes that a host computes: the engine's own numbers, and steps that a host breaks off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from graphs import Chain
from numpy.typing import NDArray
from problems import real_data
from sessions import ADAM, weights

from galago import engine
from galago.errors import EngineError
from galago.graph import Graph, Node, Parameter

Array = NDArray[Any]

#: What the engine computes too, as NumPy has it: forward of the inputs and parameters, and backward
#: of the output's gradient besides, which gives the gradients of both.
FORWARD: dict[str, Callable[[list[Array], list[Array], Node], Array]] = {
    "activation": lambda x, _, node: np.maximum(x[0], 0),
    "add": lambda x, _, node: sum(x[1:], x[0]),
    "subtract": lambda x, _, node: x[0] - x[1],
    "flatten": lambda x, _, node: x[0].reshape(len(x[0]), *node.shape),
    "reshape": lambda x, _, node: x[0].reshape(len(x[0]), *node.shape),
    "dense": lambda x, weights, node: x[0] @ weights[0] + weights[1],
}
BACKWARD: dict[str, Callable[[list[Array], list[Array], Array], list[Array]]] = {
    "activation": lambda x, _, grad: [grad * (x[0] > 0)],
    "add": lambda x, _, grad: [grad] * len(x),
    "subtract": lambda x, _, grad: [grad, -grad],
    "flatten": lambda x, _, grad: [grad.reshape(x[0].shape)],
    "reshape": lambda x, _, grad: [grad.reshape(x[0].shape)],
    "dense": lambda x, weights, grad: [grad @ weights[0].T, x[0].T @ grad, grad.sum(0)],
}


class NumPyHost:
    """Computes the nodes of a graph whose ops the engine was not told."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.calls: list[tuple[str, bool, bool]] = []
        self.kept: list[Array] = []
        self.before: Callable[[], object] = lambda: None

    def __call__(
        self, place: int, training: bool, inputs: list[Array], own: list[Array], grad: Array | None
    ) -> list[Array | None]:
        node = self.graph.nodes[place]
        self.calls.append((node.name, training, grad is not None))
        self.kept += inputs
        self.before()
        shapes = [self.graph.nodes[i].shape for i in node.inputs]
        x = [array.reshape(len(array), *s) for array, s in zip(inputs, shapes, strict=True)]
        parameters = [
            array.reshape(self.graph.parameters[p].shape)
            for array, p in zip(own, node.parameters, strict=True)
        ]
        if grad is None:
            found = [FORWARD[node.op](x, parameters, node)]
        else:
            found = BACKWARD[node.op](x, parameters, grad.reshape(len(grad), *node.shape))
        return [np.ascontiguousarray(array, inputs[0].dtype) for array in found]


def hosted(graph: Graph, *ops: str) -> Graph:
    """The graph with nodes of some operations left to the host."""
    nodes = [replace(n, op="host", attributes=()) if n.op in ops else n for n in graph.nodes]
    return replace(graph, nodes=tuple(nodes))


def opened(
    graph: Graph,
    parameters: list[Array],
    *ops: str,
    dtype: str = "float64",
    trainable: list[bool] | None = None,
) -> tuple[engine.Session, NumPyHost]:
    """A session ready to train in which the host computes some operations."""
    host = NumPyHost(graph)
    session = engine.Session(hosted(graph, *ops), dtype=dtype, host=host)
    for index, value in enumerate(parameters):
        session.set_parameter(index, value)
    loss = engine.OutputLoss("mean_squared_error")
    session.compile(loss, optimizer=ADAM, trainable=trainable)
    return session, host


def branching() -> Graph:
    """Convolutions whose halos differ, a pool, a batch norm, sums of maps, and dense layers."""
    chain = Chain(9, 7, 3).conv(5, (3, 3), padding="same").activation("relu")
    start = chain.place()
    return (
        chain.conv(5, (3, 3), padding="same")
        .activation("relu")
        .add(start)
        .batch_norm()
        .conv(17, (3, 3), strides=(2, 2))
        .activation("relu")
        .max_pool((2, 2))
        .flatten()
        .dense(6)
        .activation("relu")
        .dense(2)
        .graph()
    )


def problem(seed: int = 0, count: int = 6) -> tuple[Graph, list[Array], Array, Array]:
    made = branching()
    parameters, x = real_data(made, seed, count)
    return made, list(parameters), x, np.random.default_rng(seed).random((count, 2))


OPS = [
    ("activation",),
    ("add",),
    ("dense",),
    ("flatten",),
    ("activation", "add", "flatten", "dense"),
]


@pytest.mark.parametrize("ops", OPS, ids="+".join)
@pytest.mark.parametrize("count", [1, 2, 19])
def test_gradients_and_outputs_are_the_engines_own(ops: tuple[str, ...], count: int) -> None:
    made, parameters, x, y = problem(count, count)
    own, other = opened(made, parameters)[0], opened(made, parameters, *ops)[0]
    np.testing.assert_allclose(other.predict(x, 0, count), own.predict(x, 0, count), rtol=1e-12)
    for found, exact in zip(other.gradients(x, y), own.gradients(x, y), strict=True):
        np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("ops", OPS, ids="+".join)
def test_training_is_the_engines_own(ops: tuple[str, ...]) -> None:
    made, parameters, x, y = problem()
    own, other = opened(made, parameters)[0], opened(made, parameters, *ops)[0]
    order = np.arange(len(x))
    for _ in range(5):
        losses = [s.train_step(x, y, order, 0.01)[0] for s in (own, other)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    for found, exact in zip(weights(other, made), weights(own, made), strict=True):
        np.testing.assert_allclose(found, exact, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bits_do_not_depend_on_threads(dtype: str) -> None:
    made, parameters, x, y = problem(3, 40)
    found = []
    before = engine.get_threads()
    try:
        for threads in (1, 3):
            engine.set_threads(threads)
            session, _ = opened(made, parameters, "activation", "add", "flatten", dtype=dtype)
            for step in range(4):
                session.train_step(x, y, np.arange(40)[step:], 0.01)
            outputs = session.predict(x, 0, 40)
            found.append([a.tobytes() for a in (*weights(session, made), outputs)])
    finally:
        engine.set_threads(before)
    assert found[0] == found[1]


def test_layers_that_do_not_learn_get_no_gradient() -> None:
    made, parameters, x, y = problem()
    learns = [p.name.startswith("dense") for p in made.parameters]
    assert any(learns)
    session, host = opened(made, parameters, "activation", trainable=learns)
    session.train_step(x, y, np.arange(6), 0.01)
    backward = [name for name, _, back in host.calls if back]
    forward = [name for name, _, back in host.calls if not back]
    assert len(forward) == 4
    assert len(backward) == 1  # behind the first dense layer


def test_what_the_host_is_told() -> None:
    made, parameters, x, y = problem()
    session, host = opened(made, parameters, "add")
    session.predict(x, 0, 6)
    session.test_step(x, y, 0, 6)
    session.train_step(x, y, np.arange(6), 0.01)
    told = [(training, backward) for _, training, backward in host.calls]
    assert told == [(False, False), (False, False), (True, False), (True, True)]


def test_arrays_may_be_kept() -> None:
    made, parameters, x, _ = problem()
    session, host = opened(made, parameters, "activation")
    session.predict(x, 0, 6)
    first = [array.copy() for array in host.kept]
    session.predict(x[::-1].copy(), 0, 6)
    assert all((a == b).all() for a, b in zip(first, host.kept, strict=False))


def test_a_layer_in_two_places_has_one_weight() -> None:
    nodes = (
        Node("input", "input", (), (4,)),
        Node("host", "dense", (0,), (4,), (), (0, 1)),
        Node("host", "dense", (1,), (4,), (), (0, 1)),
    )
    graph = Graph(nodes, (Parameter("kernel", (4, 4)), Parameter("bias", (4,))), (2,))
    as_dense = replace(
        graph, nodes=tuple(replace(n, op=n.op.replace("host", "dense")) for n in nodes)
    )
    rng = np.random.default_rng(0)
    parameters, x, y = [rng.random((4, 4)), rng.random(4)], rng.random((5, 4)), rng.random((5, 4))
    own = opened(as_dense, parameters)[0].gradients(x, y)
    for found, exact in zip(
        opened(as_dense, parameters, "dense")[0].gradients(x, y), own, strict=True
    ):
        np.testing.assert_allclose(found, exact, rtol=1e-12)


class Stop(Exception):
    """The host's own."""


@pytest.mark.parametrize("call", range(1, 15))
def test_an_exception_comes_through_and_changes_nothing(call: int) -> None:
    """In each of the host's calls in turn: seven forward and seven backward, of a train step."""
    made, parameters, x, y = problem()
    ops = ("activation", "add", "dense")
    session, host = opened(made, parameters, *ops)
    same, _ = opened(made, parameters, *ops)

    def stop() -> None:
        if len(host.calls) == call:
            raise Stop(call)

    host.before = stop
    with pytest.raises(Stop) as raised:
        session.train_step(x, y, np.arange(6), 0.01)
    assert raised.value.args == (call,)
    assert len(session.last_outputs()) == 0
    assert session.iterations == 0
    host.before = lambda: None
    for s in (session, same):
        s.train_step(x, y, np.arange(6), 0.01)
    for found, exact in zip(weights(session, made), weights(same, made), strict=True):
        assert found.tobytes() == exact.tobytes()


def test_a_profile_that_a_host_breaks_off_leaves_all_as_it_was() -> None:
    made, parameters, x, y = problem()
    session, host = opened(made, parameters, "activation")

    def stop() -> None:
        if len(host.calls) == 20:
            raise Stop

    host.before = stop
    with pytest.raises(Stop):
        session.profile("train", x, y, 3)
    for found, exact in zip(weights(session, made), parameters, strict=True):
        assert (found == exact).all()
    host.before = lambda: None
    _, _, lines = session.profile("train", x, y, 3)
    calls = [(line.kernel, line.calls) for line in lines if line.kernel.startswith("host")]
    assert calls == [("host_forward", 3)] * 4 + [("host_backward", 3)] * 4


def test_a_plan_names_the_host() -> None:
    made, parameters, _, _ = problem()
    plan = opened(made, parameters, "add", "dense")[0].plan()
    assert "stage batch\n  host_forward add" in plan
    assert plan.count("host_backward") == 3
    assert all(
        line.endswith("weights") for line in plan.splitlines() if "host_backward dense" in line
    )


def test_a_host_may_use_other_sessions() -> None:
    made, parameters, x, y = problem(0, 40)
    inner, _ = opened(made, parameters)
    expected = inner.predict(x, 0, 40)
    outer, host = opened(made, parameters, "activation")
    host.before = lambda: np.testing.assert_array_equal(inner.predict(x, 0, 40), expected)
    assert outer.train_step(x, y, np.arange(40), 0.01)[0] > 0


def test_a_host_cannot_use_the_session_it_works_for() -> None:
    made, parameters, x, _ = problem()
    session, host = opened(made, parameters, "activation")
    host.before = lambda: session.predict(x, 0, 6)
    with pytest.raises(EngineError, match="in the middle of a step"):
        session.predict(x, 0, 6)
    host.before = lambda: None
    assert len(session.predict(x, 0, 6)) == 6


def test_other_threads_wait_for_the_step_and_not_for_each_other() -> None:
    """The host needs the GIL, which nobody may hold while waiting for the session."""
    made, parameters, x, y = problem()
    session, host = opened(made, parameters, "activation")
    inside, counts = threading.Event(), []
    host.before = lambda: (inside.set(), threading.Event().wait(0.02))

    def ask() -> None:
        inside.wait()
        counts.append((session.iterations, len(session.last_outputs()), session.get_parameter(0)))

    asking = threading.Thread(target=ask)
    asking.start()
    session.train_step(x, y, np.arange(6), 0.01)
    asking.join(10)
    assert not asking.is_alive()
    assert counts[0][:2] in ((0, 0), (1, 6))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], "another number of arrays"),
        ([np.zeros((6, 5))], "another size or type"),
        ([np.zeros((6, 9 * 7 * 5), np.float32)], "another size or type"),
    ],
)
def test_results_of_another_kind_are_refused(found: list[Array], message: str) -> None:
    made, _, x, _ = problem()
    session = engine.Session(hosted(made, "activation"), dtype="float64", host=lambda *_: [*found])
    with pytest.raises(EngineError, match=message):
        session.predict(x, 0, 6)


def test_nodes_for_a_host_need_one() -> None:
    with pytest.raises(EngineError, match="this graph needs a host for its 'host' nodes"):
        engine.Session(hosted(branching(), "add"))


def test_a_host_node_needs_an_input() -> None:
    nodes = (Node("input", "input", (), (4,)), Node("host", "own", (), (4,)))
    with pytest.raises(EngineError, match=r"it takes one input or more\. Received: 0"):
        engine.Session(Graph(nodes, (), (1,)), host=lambda *_: [])
