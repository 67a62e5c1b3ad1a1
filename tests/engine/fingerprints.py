"""Fingerprints of what this CPU computes, one a line, to compare with another CPU's.

    python tests/engine/fingerprints.py > mine.txt
    GALAGO_ISA=scalar python tests/engine/fingerprints.py

The first line names the instruction set in use and all that run here; the others are SHA-256 and
name. Data are whole numbers over powers of two, so no library of this machine has a part in them.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from graphs import (
    Chain,
    dense_baseline,
    layer_normed_graphs,
    noisy_graphs,
    normed_graphs,
    reference_model,
)
from naive import ACTIVATIONS
from numpy.typing import NDArray
from pictures import real_results
from problems import FAMILIES, graph
from random_graphs import random_graphs
from sessions import ADAM, bits, open_session, weights

import galago
from galago import engine
from galago.engine import OutputLoss
from galago.graph import Graph

SGD = ("sgd", {"momentum": 0.9, "nesterov": True})
#: The optimizers besides Adam and SGD, and all that may stand around an optimizer's rule.
OTHERS: tuple[tuple[str, dict[str, float]], ...] = (
    ("adam", {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7, "amsgrad": 1, "clipnorm": 0.125}),
    ("rmsprop", {"rho": 0.9, "epsilon": 1e-7, "momentum": 0.5, "centered": 1, "use_ema": 1}),
    ("nadam", {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7, "global_clipnorm": 0.25}),
    ("adamax", {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7, "weight_decay": 0.125}),
    ("adadelta", {"rho": 0.9, "epsilon": 1e-7, "clipvalue": 0.0625}),
    ("adagrad", {"initial_accumulator_value": 0.125, "epsilon": 1e-7}),
    ("lion", {"beta_1": 0.9, "beta_2": 0.99, "weight_decay": 0.125}),
)
#: Loss and what the model ends in, which is not what the loss would be joined to; None for logits.
LOSSES = (
    ("mean_squared_error", "linear"),
    ("binary_crossentropy", None),
    ("binary_crossentropy", "hard_sigmoid"),
    ("categorical_crossentropy", None),
    ("categorical_crossentropy", "sigmoid"),
    ("sparse_categorical_crossentropy", None),
    ("sparse_categorical_crossentropy", "sigmoid"),
)

#: The others, with their options; each with weights, behind a sigmoid.
MORE_LOSSES: dict[str, dict[str, float]] = {
    "mean_absolute_error": {},
    "mean_absolute_percentage_error": {},
    "mean_squared_logarithmic_error": {},
    "huber": {"delta": 0.25},
    "log_cosh": {},
    "poisson": {},
    "hinge": {},
    "squared_hinge": {},
    "kl_divergence": {},
    "categorical_hinge": {},
    "cosine_similarity": {},
    "binary_focal_crossentropy": {"alpha": 0.25, "gamma": 1.5, "apply_class_balancing": 1},
    "categorical_focal_crossentropy": {"alpha": 0.25, "gamma": 2, "label_smoothing": 0.25},
}


def every_kernel() -> dict[str, list[Graph]]:
    """Graphs whose plans name all of kernels.def, which test_plan_coverage checks."""
    found = {family: [graph(family, number) for number in range(6)] for family in FAMILIES}
    found["large"] = found["large"][:2]
    found["models"] = [reference_model(), dense_baseline()]
    found["batch_norm"] = normed_graphs()
    found["layer_norm"] = layer_normed_graphs()
    found["noise"] = noisy_graphs()
    found["pictures"] = random_graphs()
    found["activations"] = [
        *(Chain(5).dense(4).activation(kind, 0.1).graph() for kind in ACTIVATIONS),
        Chain(5).dense(4).activation("softmax").dense(3).graph(),
    ]
    return found


def uniform(rng: np.random.Generator, shape: Sequence[int]) -> NDArray[np.float64]:
    """Numbers from -1/2 to 1/2, exact in float32."""
    return rng.integers(-(2**23), 2**23, shape) / 2**24


def parameters_of(made: Graph, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Weights small enough for values to stay near 1: divided by a power of two near the root."""
    found = []
    for parameter in made.parameters:
        fan = int(np.prod(parameter.shape[:-1])) if len(parameter.shape) > 1 else 4
        found.append(uniform(rng, parameter.shape) * 4 / 2 ** (fan.bit_length() // 2))
    return found


def step_bits(made: Graph, dtype: str, optimizer: Any) -> list[bytes]:
    """Predictions, gradients, losses of two steps and the weights after them."""
    rng = np.random.default_rng(11)
    parameters, batch = parameters_of(made, rng), 5
    x = uniform(rng, (batch, *made.nodes[0].shape)).astype(dtype)
    y = uniform(rng, (batch, *made.nodes[made.outputs[0]].shape)).astype(dtype)
    session = open_session(made, parameters, dtype=dtype, optimizer=optimizer)
    found = [session.predict(x, 0, batch), *session.gradients(x, y)]
    for indices in (np.arange(batch), np.array([3, 1, 4, 1])):
        found.append(np.array(session.train_step(x, y, indices, 0.01)[0]))
    return [bits(array) for array in (*found, *weights(session, made))]


def loss_bits(loss: str, activation: str | None) -> list[bytes]:
    """Losses and weights of a small classifier over three steps."""
    rng = np.random.default_rng(12)
    chain = Chain(20).dense(17).activation("tanh").dense(5)
    made = chain.activation(activation or "linear").graph()
    x = uniform(rng, (40, 20)).astype(np.float32)
    labels = rng.integers(0, 5, 40)
    y = labels if loss.startswith("sparse") else np.eye(5, dtype=np.float32)[labels]
    session = open_session(
        made,
        parameters_of(made, rng),
        loss=loss,
        from_logits=activation is None,
        optimizer=ADAM,
    )
    losses = [session.train_step(x, y, np.arange(i, i + 33), 0.01)[0] for i in range(3)]
    return [bits(np.array(losses)), *(bits(array) for array in weights(session, made))]


def weighted_bits(loss: str, options: dict[str, float]) -> list[bytes]:
    """Losses and weights over three steps with weights of examples."""
    rng = np.random.default_rng(13)
    made = Chain(20).dense(17).activation("tanh").dense(5).activation("hard_sigmoid").graph()
    x = uniform(rng, (40, 20)).astype(np.float32)
    y, w = np.eye(5, dtype=np.float32)[rng.integers(0, 5, 40)], uniform(rng, (40,)) + 1
    session = open_session(made, parameters_of(made, rng), loss=None)
    session.compile(OutputLoss(loss, options=options), optimizer=ADAM)
    losses = [session.train_step(x, y, np.arange(i, i + 33), 0.01, w)[0] for i in range(3)]
    return [bits(np.array(losses)), *(bits(array) for array in weights(session, made))]


def course_bits(filters: int, steps: int) -> list[bytes]:
    """Weights of the course's model after `fit` on real images, seed and all by galago alone."""
    galago.set_seed(7)
    (images, labels), _ = galago.datasets.fashion_mnist.load_data(subset=True)
    model = galago.applications.reference(filters)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    images, labels = images[: 32 * steps, ..., None] / 255.0, labels[: 32 * steps]
    model.fit(images, labels, epochs=1, verbose=0)
    return [array.tobytes() for array in model.get_weights()]


def fingerprints() -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each part."""
    for name, found in every_kernel().items():
        yield f"{name}, float32", combined(step_bits(made, "float32", ADAM) for made in found)
        if name != "models":  # too large for a CPU whose double has no FMA
            few = found[::3]
            yield f"{name}, float64", combined(step_bits(made, "float64", ADAM) for made in few)
    momentum = (step_bits(made, "float32", SGD) for made in every_kernel()["dense"])
    yield "dense, momentum", combined(momentum)
    few = every_kernel()["dense"][:2]
    for other in OTHERS:
        yield f"dense, {other[0]}", combined(step_bits(made, "float32", other) for made in few)
    for loss, activation in LOSSES:
        yield f"{loss} of {activation or 'logits'}", combined([loss_bits(loss, activation)])
    for loss, options in MORE_LOSSES.items():
        yield f"{loss} with weights", combined([weighted_bits(loss, options)])
    for dtype in ("float32", "float64"):
        yield f"pictures, {dtype}", combined([real_results(None, dtype)])
    yield "the course's model, 3 steps", combined([course_bits(64, 3)])
    yield "the course's model with 6 filters, 40 steps", combined([course_bits(6, 40)])


def combined(parts: Iterable[list[bytes]]) -> str:
    """SHA-256 of all bytes in order."""
    return hashlib.sha256(b"".join(itertools.chain.from_iterable(parts))).hexdigest()


def main() -> None:
    """Print all lines."""
    print(f"# {engine.isa()} in use, of {', '.join(engine.available_isas())}", flush=True)
    for name, value in fingerprints():
        print(value, name, flush=True)


if __name__ == "__main__":
    main()
