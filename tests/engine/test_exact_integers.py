"""Every kernel on every ISA against naive.py, on whole numbers: equal, not close.

Winograd's larger tiles divide by numbers that are no powers of two. Graphs with such tiles are
compared on real numbers in float64, where rounding cannot hide anything; that float32 does the
same operations is what test_bits.py shows.
"""

from __future__ import annotations

from typing import Any

import naive_graph
import numpy as np
import pytest
from numpy.typing import NDArray
from problems import FAMILIES, Problem, numbers, problem, real_problem
from sessions import ALL, is_exact, open_session

PROBLEMS = dict.fromkeys(FAMILIES, 200) | {"large": 8}
PROBLEMS |= dict.fromkeys(
    ("pooled_edges", "flattened", "thin", "merges", "rearranged", "resized"), 64
)
CLOSE = 1e-11
FEWER = 8  # of the reference, which is slow and only the same loops in C++, and of float64


def assert_equal(found: NDArray[Any], truth: NDArray[Any], what: str, case: Problem) -> None:
    """Fail with the graph and the first elements that differ."""
    if np.array_equal(found, truth):
        return
    places = np.argwhere(found != truth) if found.shape == truth.shape else np.empty((0, 0))
    first = [f"{p}: {found[p]}, expected {truth[p]}" for p in map(tuple, places[:5].tolist())]
    shapes = f"shape {found.shape}, expected {truth.shape}, batch {len(case.x)}"
    pytest.fail("\n".join([f"{what}: {len(places)} differ; {shapes}", str(case.graph), *first]))


def assert_close(found: NDArray[Any], truth: NDArray[Any], what: str, case: Problem) -> None:
    """Fail where elements differ by more than float64 rounds, next to the largest of them."""
    error, size = np.abs(found - truth).max(), np.abs(truth).max()
    assert error <= CLOSE * size, f"{what}: {error} next to {size}\n{case.graph}"


def check(family: str, number: int, isa: str, dtype: str, poisoned: bool = False) -> None:
    """Compare outputs and all gradients of one problem."""
    name, compare = f"{family} {number}", assert_equal
    case = problem(family, number)
    session = open_session(case.graph, case.parameters, isa=isa, dtype=dtype)
    if not is_exact(session):
        case, compare, dtype = real_problem(family, number), assert_close, "float64"
        session = open_session(case.graph, case.parameters, isa=isa, dtype=dtype)
    x, y = case.x.astype(dtype), case.y.astype(dtype)
    if poisoned:
        session.gradients(
            np.full((11, *x.shape[1:]), np.nan, dtype), np.resize(y, (11, y.shape[1]))
        )
    compare(session.predict(x, 0, len(x)), case.outputs, f"{name} outputs", case)
    for place, gradient in enumerate(session.gradients(x, y)):
        what = f"{name} gradient of {case.graph.parameters[place].name}"
        compare(gradient, case.gradients[place], what, case)


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("family", FAMILIES)
def test_outputs_and_gradients_are_exact(family: str, isa: str) -> None:
    for number in numbers(0, PROBLEMS[family], FEWER if isa == "reference" else 1):
        check(family, number, isa, "float32")


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("family", FAMILIES)
def test_float64_is_exact(family: str, isa: str) -> None:
    for number in numbers(1, PROBLEMS[family], FEWER):
        check(family, number, isa, "float64")


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_left_of_the_batch_before(family: str, isa: str) -> None:
    for number in numbers(2, PROBLEMS[family], FEWER):
        check(family, number, isa, "float32", poisoned=True)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("isa", ALL)
def test_every_type_of_input_is_exact(isa: str, dtype: str) -> None:
    for family in FAMILIES:
        for number in numbers(0, PROBLEMS[family], 20):
            case = problem(family, number)
            session = open_session(case.graph, case.parameters, isa=isa)
            if not is_exact(session):
                continue  # what loads the input does not depend on what follows
            x = np.abs(case.x).astype(dtype)
            truth = naive_graph.predict(case.graph, case.parameters, x)
            assert_equal(session.predict(x, 0, len(x)), truth, f"{family} {number}", case)
