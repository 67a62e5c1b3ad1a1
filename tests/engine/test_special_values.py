"""NaN, infinities and subnormals: the same on every ISA, and a NaN reaches all that read it."""

from __future__ import annotations

import re

import naive_graph
import numpy as np
import pytest
from graphs import Chain
from naive import Array
from problems import FAMILIES, graph, numbers, real_data, targets
from sessions import ALL, ISAS, bits, open_session

from galago.graph import Graph

SPECIAL = {
    "nan": [np.nan],
    "infinite": [np.inf, -np.inf],
    "subnormal": [1e-40, -3e-42, 1.4e-45, -0.0],
    "huge": [3e38, -3e38, 1e30],
    "all": [np.nan, np.inf, -np.inf, 1e-40, -0.0, 3e38],
}


def with_special(x: Array, values: list[float], seed: int) -> Array:
    """A copy with about one element in thirty replaced, at least one."""
    rng = np.random.default_rng(seed)
    flat = x.copy().ravel()
    places = rng.choice(flat.size, max(1, flat.size // 30), replace=False)
    flat[places] = rng.choice(values, places.size)
    return flat.reshape(x.shape)


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("family", FAMILIES)
def test_isas_agree(family: str, kind: str) -> None:
    for number in numbers(2000, 2002 if family == "large" else 2010):
        made = graph(family, number)
        parameters, x = real_data(made, number, 5)
        x = with_special(x, SPECIAL[kind], number).astype(np.float32)
        y = targets(made, number, 5).astype(np.float32)
        found = []
        for isa in ISAS:
            session = open_session(made, parameters, isa=isa)
            arrays = [session.predict(x, 0, 5), *session.gradients(x, y)]
            found.append([bits(a) for a in arrays])
        assert all(f == found[0] for f in found), f"{family} {number}\n{made}"


def tiled_graphs() -> list[Graph]:
    """Graphs that run by Winograd's algorithm, in tiles of 2, 4 and 5 outputs."""
    large = Chain(12, 12, 16).conv(16, (3, 3)).activation("relu")
    same = Chain(9, 16, 17).conv(33, (3, 3), padding="same")
    return [
        Chain(4, 4, 16).conv(16, (3, 3)).activation("relu").graph(),
        large.graph(),
        large.max_pool((2, 2)).graph(),
        same.graph(),
        same.activation("relu").max_pool((2, 2)).graph(),
        Chain(13, 12, 16).conv(17, (5, 5)).activation("relu").max_pool((2, 2)).graph(),
    ]


def spreading_graphs() -> list[Graph]:
    """Graphs in which all that is computed from a NaN has to be NaN, and nothing else."""
    same = Chain(9, 8, 3).conv(17, (3, 3), padding="same").activation("relu")
    wide = Chain(7, 7, 17).conv(16, (3, 3)).activation("relu").max_pool((2, 2))
    return [
        same.graph(),
        same.max_pool((2, 2)).graph(),
        wide.graph(),
        wide.conv(33, (1, 1)).activation("relu").max_pool((2, 2)).graph(),
        Chain(9, 9, 1).conv(5, (2, 2)).activation("relu").max_pool((2, 2)).graph(),
        Chain(9, 9, 2).conv(5, (3, 3), (2, 2)).max_pool((3, 3), (1, 1), "same").graph(),
        Chain(9, 9, 16).max_pool((3, 3), (2, 2), "same").graph(),
        Chain(9, 9, 3).average_pool((2, 3), (2, 2), "same").graph(),
        Chain(8, 8, 4).conv(8, (3, 3), dilation=(2, 2), groups=2).activation("relu6").graph(),
        Chain(20).dense(17).activation("relu").dense(3).activation("softmax").graph(),
        *(Chain(20).activation(kind, 0.1).graph() for kind in ("leaky_relu", "elu", "selu")),
        *(Chain(20).activation(kind).graph() for kind in ("tanh", "sigmoid", "hard_sigmoid")),
        *(Chain(20).activation(kind).graph() for kind in ("gelu", "silu", "softplus", "softsign")),
        *(Chain(20).activation(kind).graph() for kind in ("exponential", "softmax", "relu")),
    ]


@pytest.mark.parametrize("isa", ALL)
def test_a_nan_reaches_all_that_read_it_and_nothing_else(isa: str) -> None:
    for seed, made in enumerate(spreading_graphs()):
        parameters, x = real_data(made, seed, 6)
        rng = np.random.default_rng(seed)
        for image in x[:5]:
            image[tuple(rng.integers(0, extent) for extent in image.shape)] = np.nan
        truth = np.isnan(naive_graph.predict(made, parameters, x))
        session = open_session(made, parameters, isa=isa, loss=None)
        found = np.isnan(session.predict(x.astype(np.float32), 0, 6))
        assert truth.any() and not truth.all()
        assert np.array_equal(found, truth), str(made)


@pytest.mark.parametrize("isa", ALL)
def test_a_nan_reaches_all_that_read_it_and_at_most_its_tiles(isa: str) -> None:
    for made in tiled_graphs():
        parameters, _ = real_data(made, 0, 1)
        session = open_session(made, parameters, isa=isa, loss=None)
        size, taps = map(int, re.findall(r"F\((\d)x\d,(\d)x", session.plan("predict"))[0])
        rows, cols, channels = made.nodes[0].shape
        x = np.random.default_rng(0).random((rows * cols, rows, cols, channels))
        for place in range(rows * cols):
            x[place, place // cols, place % cols, place % channels] = np.nan
        truth = np.isnan(naive_graph.predict(made, parameters, x))
        found = np.isnan(session.predict(x.astype(np.float32), 0, len(x)))
        assert found[truth].all(), str(made)
        most = -(-(size + taps - 1) // size) * size  # outputs of all tiles that read one element
        if made.nodes[-1].op == "max_pool":
            most = most // 2 + size % 2
        for axis in (1, 2):
            reached = found.any(axis=tuple({1, 2, 3} - {axis}))
            assert max(np.ptp(np.flatnonzero(r)) + 1 for r in reached if r.any()) <= most, str(made)


@pytest.mark.parametrize("isa", ALL)
def test_a_nan_in_every_place_of_a_pool_window_wins(isa: str) -> None:
    made = Chain(6, 6, 16).conv(16, (1, 1), bias=False).activation("relu").max_pool((2, 2)).graph()
    session = open_session(made, [np.eye(16).reshape(1, 1, 16, 16)], isa=isa, loss=None)
    x = np.random.default_rng(0).random((36, 6, 6, 16), dtype=np.float32)
    for place in range(36):
        x[place, place // 6, place % 6, place % 16] = np.nan
    expected = np.zeros((36, 3, 3, 16), dtype=bool)
    for place in range(36):
        expected[place, place // 12, place % 6 // 2] = True  # 0 * NaN is NaN: all channels
    assert np.array_equal(np.isnan(session.predict(x, 0, 36)), expected)


@pytest.mark.parametrize("isa", ALL)
def test_subnormals_are_kept(isa: str) -> None:
    made = Chain(3).dense(2, bias=False).graph()
    session = open_session(made, [np.array([[1.0, 0], [0, 1], [1, 1]])], isa=isa, loss=None)
    x = np.array([[1e-40, 2e-41, 3e-45]], dtype=np.float32)
    expected = np.array([[x[0, 0] + x[0, 2], x[0, 1] + x[0, 2]]])
    assert bits(session.predict(x, 0, 1)) == bits(expected)
