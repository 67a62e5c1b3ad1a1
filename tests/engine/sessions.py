"""Sessions of the engine as the tests need them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galago import engine
from galago.graph import Graph

ISAS = engine.available_isas()
ALL = ("reference", *ISAS)
ADAM = ("adam", {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7})


def open_session(
    graph: Graph,
    parameters: Sequence[NDArray[Any]],
    *,
    isa: str | None = None,
    dtype: str = "float32",
    loss: str | None = "mean_squared_error",
    from_logits: bool = False,
    optimizer: tuple[str, dict[str, float]] | None = None,
    accuracy: str | None = None,
    rules: Sequence[engine.Rule] | None = None,
) -> engine.Session:
    """A compiled session that holds the parameters; isa None means the best of this CPU."""
    session = engine.Session(graph, dtype=dtype, isa=isa)
    for index, value in enumerate(parameters):
        session.set_parameter(index, np.asarray(value, dtype))
    spec = engine.OutputLoss(loss or "", from_logits, accuracy or "")
    session.compile(spec, optimizer=optimizer, rules=rules)
    return session


def training_outputs(
    graph: Graph, x: NDArray[Any], step: int = 0, isa: str | None = None
) -> NDArray[Any]:
    """What a graph without parameters gives in training, in the given step."""
    session = open_session(
        graph, [], isa=isa, dtype=x.dtype.name, optimizer=("sgd", {"momentum": 0, "nesterov": 0})
    )
    session.set_optimizer_state({"iterations": step, "moments": [], "product": 1.0})
    session.gradients(x, np.zeros((len(x), *graph.nodes[-1].shape), x.dtype))
    return np.asarray(session.last_outputs())


def is_exact(session: engine.Session) -> bool:
    """Whether sums of whole numbers stay exact: not in Winograd's tiles but F(2x2,3x3)."""
    tiles = re.findall(r"F\(\S+\)", session.plan() + session.plan("predict"))
    return set(tiles) <= {"F(2x2,3x3)"}


def weights(session: engine.Session, graph: Graph) -> list[NDArray[Any]]:
    """All parameters of a session."""
    return [session.get_parameter(i) for i in range(len(graph.parameters))]


def bits(array: NDArray[Any]) -> bytes:
    """The bits of an array, every NaN made the same one: there is no promise which NaN it is."""
    return np.where(np.isnan(array), np.nan, array).astype(array.dtype).tobytes()
