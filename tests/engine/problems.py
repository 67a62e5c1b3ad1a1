"""Generated graphs around block remainders, with data whose sums are exact in float32.

A problem is made of a family and a number alone: `problem("pooled", 17)` is always the same.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, replace

import naive_graph
import numpy as np
from families import FAMILIES, Generator, pick
from naive import Array

from galago.graph import Graph, Parameter

BATCHES = (1, 2, 5, 9)
BATCHES_OF = {"dense": (*BATCHES, 17, 33), "large": (1, 3, 66)}
# Winograd's transforms of weights have quarters and its sums are up to nine times the direct ones.
LARGEST = 2**24 / 36
#: Emulated CPUs take fifty times as long: they are given every n-th problem.
EVERY = int(os.environ.get("GALAGO_TEST_EVERY", "1"))


@dataclass(frozen=True)
class Problem:
    """A graph that ends in a flat layer, whole-number data, and what comes out.

    Attributes:
        y: Targets for the mean squared error, such that every gradient is a whole number.
        gradients: Of the parameters, in their order.
    """

    graph: Graph
    parameters: list[Array]
    x: Array
    y: Array
    outputs: Array
    gradients: list[Array]


def numbers(start: int, stop: int, step: int = 1) -> range:
    """The numbers of the problems to test; fewer of them on an emulated CPU."""
    return range(start, stop, step * EVERY)


def graph(family: str, number: int) -> Graph:
    """The graph of a problem."""
    return FAMILIES[family](_generator(family, number)).graph()


def _generator(family: str, number: int) -> Generator:
    return np.random.default_rng([list(FAMILIES).index(family), number])


@functools.lru_cache(maxsize=1024)
def problem(family: str, number: int) -> Problem:
    """The graph of a problem, its data and its results."""
    made = graph(family, number)
    rng = np.random.default_rng([100 + list(FAMILIES).index(family), number])
    batch = pick(rng, BATCHES_OF.get(family, BATCHES))
    for density in (10_000, 100, 24, 8, 3, 1):
        parameters = [_parameter(rng, p, density) for p in made.parameters]
        x = rng.integers(-3, 4, (batch, *made.nodes[0].shape)).astype(np.float64)
        found = _solve(made, parameters, x, rng)
        if found is not None:
            return found
    raise ValueError(f"Expected sums of at most {LARGEST:.0f}; received larger ones:\n{made}")


@functools.lru_cache(maxsize=1024)
def real_problem(family: str, number: int) -> Problem:
    """The graph of a problem with data as a network has it, whose sums are not exact."""
    made = graph(family, number)
    batch = pick(np.random.default_rng([200, number]), BATCHES_OF.get(family, BATCHES))
    parameters, x = real_data(made, number, batch)
    results = naive_graph.values(made, parameters, x, training=True)
    y = targets(made, number, batch)
    grad = (results[made.outputs[0]] - y) * 2 / y.size
    outputs = naive_graph.predict(made, parameters, x)
    return Problem(
        made, parameters, x, y, outputs, naive_graph.backward(made, parameters, results, grad)
    )


def _parameter(rng: Generator, parameter: Parameter, density: int) -> Array:
    """Whole numbers; a variance is what makes the divisor of a batch norm 1."""
    if parameter.name.endswith("moving_variance"):
        return np.full(parameter.shape, 1 - 2.0**-10)
    return _whole(rng, parameter.shape, density)


def _absolute(parameter: Parameter, value: Array) -> Array:
    """The value that makes sums largest; a batch norm takes its mean away."""
    return -np.abs(value) if parameter.name.endswith("moving_mean") else np.abs(value)


def _whole(rng: Generator, shape: tuple[int, ...], density: int) -> Array:
    """Whole numbers of -2..2; a kernel has about `density` that are not zero for every output."""
    values = rng.integers(-2, 3, shape)
    share = density * shape[-1] / values.size if len(shape) > 1 else 1.0
    return (values * (rng.random(shape) < share)).astype(np.float64)


def _bounding(made: Graph) -> Graph:
    """The graph with sums where a difference or a choice could make less of absolute values."""
    chooses = ("subtract", "maximum", "minimum")
    nodes = (replace(node, op="add") if node.op in chooses else node for node in made.nodes)
    return replace(made, nodes=tuple(nodes))


def _solve(made: Graph, parameters: list[Array], x: Array, rng: Generator) -> Problem | None:
    """The problem, or None where a sum might not be exact."""
    results = naive_graph.values(made, parameters, x, training=True)
    trained = results[made.outputs[0]]
    batch, n = trained.shape
    grad = rng.integers(-2, 3, trained.shape).astype(np.float64)
    y = trained - grad * batch * n / 2  # the error's gradient is 2 / (batch * n) * (outputs - y)
    outputs = naive_graph.predict(made, parameters, x)
    bounding = _bounding(made)
    absolute = [_absolute(p, v) for p, v in zip(made.parameters, parameters, strict=True)]
    bounds = naive_graph.values(bounding, absolute, np.abs(x), training=True)
    bound_gradients = naive_graph.backward(bounding, absolute, bounds, np.abs(grad))
    if max(float(b.max()) for b in [*bounds, *bound_gradients, np.abs(y)]) > LARGEST:
        return None
    gradients = naive_graph.backward(made, parameters, results, grad)
    return Problem(made, parameters, x, y, outputs, gradients)


def real_data(made: Graph, seed: int, batch: int) -> tuple[list[Array], Array]:
    """Parameters and inputs as a network has them: normal, scaled by the fan of each output."""
    rng = np.random.default_rng(seed)
    parameters = []
    for parameter in made.parameters:
        if parameter.name.endswith("moving_variance"):
            parameters.append(rng.uniform(0.5, 2, parameter.shape))
            continue
        fan = np.prod(parameter.shape[:-1]) if len(parameter.shape) > 1 else 4
        parameters.append(rng.normal(size=parameter.shape) / np.sqrt(fan))
    return parameters, rng.normal(size=(batch, *made.nodes[0].shape))


def targets(made: Graph, seed: int, batch: int) -> Array:
    """Random targets of [0, 1) for a graph's output."""
    size = made.nodes[made.outputs[0]].shape[0]
    return np.random.default_rng(seed).random((batch, size))
