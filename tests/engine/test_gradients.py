"""Gradient checks in float64 by central differences: every layer with every option, every loss."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import naive
import numpy as np
import pytest
from differences import worst_error
from graphs import Chain, Padding, layer_normed_graphs
from naive import ACTIVATIONS, Array
from numpy.typing import NDArray
from problems import real_data, targets
from sessions import open_session

from galago.engine import OutputLoss
from galago.graph import Graph
from galago.layers.resizing import INTERPOLATIONS

TOLERANCE = 1e-6
PADDINGS: tuple[Padding, ...] = ("valid", "same", (2, 0, 1, 3))
SPARSE, CATEGORICAL = "sparse_categorical_crossentropy", "categorical_crossentropy"
BINARY, SQUARED = "binary_crossentropy", "mean_squared_error"


def conv_graphs() -> Iterable[Graph]:
    """Convolutions of all options behind one that receives their input's gradient."""
    options = itertools.product(
        ((1, 1), (3, 3), (2, 4), (5, 1)),
        ((1, 1), (2, 1), (3, 2)),
        ((1, 1), (2, 2)),
        PADDINGS,
        (1, 2, 4),
    )
    for number, (kernel, strides, dilation, padding, groups) in enumerate(options):
        chain = Chain(10, 11, 2).conv(4, (1, 1)).activation("tanh")
        bias = number % 3 > 0
        chain = chain.conv((8, 20)[number % 2], kernel, strides, dilation, padding, groups, bias)
        yield chain.activation("tanh").flatten().dense(3).graph()


def fused_graphs() -> Iterable[Graph]:
    """Convolution, ReLU and 2x2 max pool, thin and wide, twice."""
    kernels = ((3, 3), (1, 1), (2, 3), (5, 5))
    for channels, kernel, padding in itertools.product((1, 3, 17), kernels, PADDINGS):
        chain = Chain(11, 12, channels).conv(18, kernel, padding=padding).activation("relu")
        chain = chain.max_pool((2, 2)).conv(17, (3, 3), padding="same").activation("relu")
        yield chain.max_pool((2, 2)).flatten().dense(3).graph()


def pool_graphs(kind: str) -> Iterable[Graph]:
    """Pools of any window, stride and padding."""
    sizes = ((2, 2), (3, 3), (1, 2), (3, 2), (4, 4))
    for pool, strides, padding in itertools.product(sizes, (None, (1, 1), (2, 1)), PADDINGS):
        if padding == (2, 0, 1, 3) and (pool[0] < 3 or pool[1] < 4):
            continue  # a window of nothing but padding has no mean
        chain = Chain(9, 8, 2).conv(5, (2, 2)).activation("tanh")
        add = chain.max_pool if kind == "max" else chain.average_pool
        yield add(pool, strides, padding).conv(3, (1, 1)).flatten().dense(3).graph()


def dense_graphs() -> Iterable[Graph]:
    """Dense layers of sizes around a block, with and without bias, also pointwise on maps."""
    for first, second in itertools.product((1, 15, 16, 17, 70), repeat=2):
        chain = Chain(7).dense(first, first != 16).activation("tanh")
        yield chain.dense(second, second != 17).activation("sigmoid").dense(3).graph()
        chain = Chain(3, 2, first).dense(second).activation("tanh").flatten()
        yield chain.dense(3).graph()


def activation_graphs() -> Iterable[Graph]:
    """Every activation behind a convolution, behind a dense layer and as the output."""
    for kind, alpha in itertools.product((*ACTIVATIONS, "softmax"), (0.1, 0.7)):
        yield Chain(5, 4, 2).conv(17, (2, 2)).activation(kind, alpha).flatten().dense(3).graph()
        yield Chain(9).dense(18).activation(kind, alpha).dense(3).graph()
        yield Chain(9).dense(33).activation(kind, alpha).graph()


def merge_graphs() -> Iterable[Graph]:
    """Every merge of two maps, of a map and one position, and with itself."""
    ops = ("add", "subtract", "multiply", "maximum", "minimum")
    for op, first, channels in itertools.product(ops, (True, False), (3, 17)):
        chain = Chain(5, 4, 2).conv(channels, (2, 2)).activation("tanh")
        fork = chain.place()
        whole = chain.conv(channels, (1, 1)).merge(op, fork, first).activation("tanh").place()
        chain = chain.back_to(fork).max_pool((4, 3)).conv(channels, (1, 1))
        chain = chain.merge(op, whole, first)
        yield chain.merge("multiply", chain.place()).flatten().dense(3).graph()


def rearranged_graphs() -> Iterable[Graph]:
    """Every order of the axes, and all else that moves values."""
    for order in itertools.permutations(range(3)):
        chain = Chain(5, 4, 2).conv(3, (2, 2)).activation("tanh").permute(*order)
        yield chain.conv(4, (2, 2), padding="same").flatten().dense(3).graph()

    def start() -> Chain:
        return Chain(4, 3, 2).conv(5, (2, 2)).activation("tanh")

    for chain in (
        start().upsample(2, 3).crop(1, 2, 0, 3),
        start().reshape(5, 3, 2).conv(3, (3, 3), padding="same"),
        start().flatten().dense(12).reshape(2, 3, 2).conv(17, (2, 2)),
        start().dilate(2, 3).conv_transposed(4, (3, 2), (2, 2, 1, 1)),
    ):
        yield chain.flatten().dense(3).graph()


def resized_graphs() -> Iterable[Graph]:
    """Every interpolation, larger and smaller, of parts of a map and of more than it."""

    def start() -> Chain:
        return Chain(6, 5, 2).conv(5, (2, 2)).activation("tanh")

    for how, antialias in itertools.product(INTERPOLATIONS, (False, True)):
        for size in ((9, 3), (2, 7), (1, 1)):
            for box in (None, (1, 1, 3, 2), (-2, -1, 9, 7)):
                chain = start().resize(*size, how, box, 0.5, antialias)
                yield chain.activation("sigmoid").flatten().dense(3).graph()


GRAPHS: dict[str, Callable[[], Iterable[Graph]]] = {
    "conv": conv_graphs,
    "conv_relu_maxpool": fused_graphs,
    "max_pool": lambda: pool_graphs("max"),
    "average_pool": lambda: pool_graphs("average"),
    "dense": dense_graphs,
    "activation": activation_graphs,
    "merges": merge_graphs,
    "rearranged": rearranged_graphs,
    "resized": resized_graphs,
    "layer_norm": layer_normed_graphs,
}
LOSSES = {
    "squared": (SQUARED, False, "linear"),
    "binary_probabilities": (BINARY, False, "sigmoid"),
    "binary_logits": (BINARY, True, "linear"),
    "sparse_softmax": (SPARSE, False, "softmax"),
    "sparse_shares": (SPARSE, False, "sigmoid"),
    "sparse_logits": (SPARSE, True, "linear"),
    "categorical_softmax": (CATEGORICAL, False, "softmax"),
    "categorical_shares": (CATEGORICAL, False, "exponential"),
    "categorical_logits": (CATEGORICAL, True, "linear"),
}
#: The others, with options, what the model ends in, and the kind of labels.
MORE_LOSSES: dict[str, tuple[dict[str, float], bool, str, str]] = {
    "mean_absolute_error": ({}, False, "linear", "shares"),
    "mean_absolute_percentage_error": ({}, False, "linear", "shares"),
    "mean_squared_logarithmic_error": ({}, False, "softplus", "shares"),
    "huber": ({"delta": 0.5}, False, "linear", "shares"),
    "log_cosh": ({}, False, "linear", "shares"),
    "poisson": ({}, False, "softplus", "shares"),
    "hinge": ({}, False, "linear", "one_hot"),
    "squared_hinge": ({}, False, "linear", "one_hot"),
    "kl_divergence": ({}, False, "sigmoid", "shares"),
    "categorical_hinge": ({}, False, "linear", "one_hot"),
    "cosine_similarity": ({}, False, "linear", "shares"),
    "binary_focal_crossentropy": (
        {"alpha": 0.25, "gamma": 2.5, "apply_class_balancing": 1, "label_smoothing": 0.2},
        False,
        "sigmoid",
        "shares",
    ),
    "categorical_focal_crossentropy": ({"alpha": 0.5, "gamma": 2}, False, "softmax", "shares"),
    "binary_crossentropy": ({"label_smoothing": 0.25}, True, "linear", "one_hot"),
    "categorical_crossentropy": ({"label_smoothing": 0.25}, False, "softmax", "one_hot"),
}


def labels(loss: str, made: Graph, seed: int, batch: int) -> NDArray[Any]:
    """Labels as a loss wants them."""
    y = targets(made, seed, batch)
    if loss == SPARSE:
        return np.asarray(y.argmax(axis=1))
    return naive.one_hot(y.argmax(axis=1), y.shape[1]) if loss == CATEGORICAL else y


def error(made: Graph, loss: str, from_logits: bool, seed: int, batch: int) -> float:
    """The worst error of a session's gradients."""
    parameters, x = real_data(made, seed, batch)
    y = labels(loss, made, seed, batch)
    session = open_session(made, parameters, dtype="float64", loss=loss, from_logits=from_logits)

    def loss_at(values: Sequence[Array]) -> float:
        for place, value in enumerate(values):
            session.set_parameter(place, value)
        return session.test_step(x, y, 0, batch)[0]

    return worst_error(loss_at, session.gradients(x, y), parameters, seed)


@pytest.mark.parametrize("name", GRAPHS)
def test_layers(name: str) -> None:
    for number, made in enumerate(GRAPHS[name]()):
        found = error(made, SQUARED, False, number, batch=3)
        assert found < TOLERANCE, f"{name} {number}: {found:.2e}\n{made}"


def weighted_error(name: str, from_logits: bool, seed: int, reduction: str) -> float:
    """The worst error of the gradients of a loss whose rows have weights."""
    options, logits, kind, sort = MORE_LOSSES[name]
    units, batch = (3, 17, 2)[seed % 3], (3, 18, 1)[seed % 3]
    made = Chain(6).dense(9).activation("tanh").dense(units).activation(kind).graph()
    if from_logits:
        made, logits = Chain(6).dense(9).activation("tanh").dense(units).graph(), True
    parameters, x = real_data(made, seed, batch)
    y = targets(made, seed, batch)
    y = naive.one_hot(y.argmax(axis=1), units) if sort == "one_hot" else y
    weights = np.random.default_rng(seed).random(batch) + 0.25
    session = open_session(made, parameters, dtype="float64", loss=None)
    session.compile(OutputLoss(name, logits, options=options, reduction=reduction))

    def loss_at(values: Sequence[Array]) -> float:
        for place, value in enumerate(values):
            session.set_parameter(place, value)
        return session.test_step(x, y, 0, batch, weights)[0]

    return worst_error(loss_at, session.gradients(x, y, weights), parameters, seed)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("name", MORE_LOSSES)
def test_losses_with_options_and_weights(name: str, reduction: str) -> None:
    for seed in range(3):
        for from_logits in {False, "focal" in name}:
            found = weighted_error(name, from_logits, seed, reduction)
            assert found < TOLERANCE, f"{name} {seed} {from_logits}: {found:.2e}"


@pytest.mark.parametrize("loss", [SQUARED, SPARSE, "cosine_similarity"])
def test_losses_of_maps(loss: str) -> None:
    for seed, filters in enumerate((1, 3, 18)):
        if filters == 1 and loss != SQUARED:
            continue
        kind = "softmax" if loss == SPARSE else "linear"
        made = (
            Chain(5, 6, 2).conv(4, (2, 2)).activation("tanh").conv(filters, (2, 3), padding="same")
        )
        made_graph = made.activation(kind).graph()
        parameters, x = real_data(made_graph, seed, 3)
        rng = np.random.default_rng(seed)
        y = rng.random((3, 4, 5, filters))
        labels_of = y.argmax(axis=-1) if loss == SPARSE else y
        weights = rng.random((3, 4, 5))
        session = open_session(made_graph, parameters, dtype="float64", loss=loss)

        def loss_at(values: Sequence[Array]) -> float:
            for place, value in enumerate(values):
                session.set_parameter(place, value)  # noqa: B023
            return session.test_step(x, labels_of, 0, 3, weights)[0]  # noqa: B023

        found = worst_error(loss_at, session.gradients(x, labels_of, weights), parameters, seed)
        assert found < TOLERANCE


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    loss, from_logits, kind = LOSSES[name]
    for number, (units, batch) in enumerate(itertools.product((1, 2, 10, 16, 17, 40), (1, 3, 17))):
        if units == 1 and loss in (SPARSE, CATEGORICAL):
            continue  # one class has probability 1 and no gradient
        made = Chain(6).dense(9).activation("tanh").dense(units).activation(kind).graph()
        found = error(made, loss, from_logits, number, batch)
        assert found < TOLERANCE, f"{name} {number}: {found:.2e}\n{made}"
