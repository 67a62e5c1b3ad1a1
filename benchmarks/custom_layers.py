"""What a layer with code of its own costs, next to the engine's own that computes the same.

    python benchmarks/custom_layers.py
    python benchmarks/custom_layers.py --rounds 9 --seconds 0.5 --batch 256

Models that differ in one layer take turns; a ratio is the time with the layer in NumPy over the
time with the engine's, within a round. "identity" hands its input on: what being asked costs alone,
next to a model without it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import galago as gl

layers = gl.layers


class OwnIdentity(layers.Layer):
    """The input."""

    def call(self, inputs: Any) -> Any:
        """The input."""
        return inputs

    def gradient(self, inputs: Any, grad: Any) -> Any:
        """The output's."""
        return grad


class OwnReLU(layers.Layer):
    """ReLU."""

    def call(self, inputs: Any) -> Any:
        """What is above zero."""
        return np.maximum(inputs, 0)

    def gradient(self, inputs: Any, grad: Any) -> Any:
        """Where the input is above zero."""
        return grad * (inputs > 0)


class OwnDense(layers.Layer):
    """Dense."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")
        self.bias = self.add_weight((self.units,), "zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        """The product."""
        return inputs @ self.kernel + self.bias

    def gradient(self, inputs: Any, grad: Any) -> Any:
        """Of the input, the kernel and the bias."""
        return grad @ self.kernel.numpy().T, inputs.T @ grad, grad.sum(axis=0)


class OwnScale(layers.Layer):
    """A trained number for each channel of a map, times the map."""

    def build(self, input_shape: Any) -> None:
        """Make the numbers."""
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        """The product."""
        return inputs * self.scale

    def gradient(self, inputs: Any, grad: Any) -> Any:
        """Of the map and the numbers."""
        return grad * self.scale, (grad * inputs).sum(axis=(0, 1, 2))


def image_model(*own: layers.Layer) -> gl.Model:
    """The layers behind the first convolution of a small network."""
    return gl.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3),
            *own,
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def dense_model(layer: layers.Layer) -> gl.Model:
    """The layer between two of its kind."""
    return gl.Sequential([layers.Input((784,)), layers.Dense(128), layer, layers.Dense(10)])


PAIRS: dict[str, tuple[Callable[[], gl.Model], Callable[[], gl.Model]]] = {
    "identity, 26x26x32": (lambda: image_model(OwnIdentity()), image_model),
    "ReLU, 26x26x32": (lambda: image_model(OwnReLU()), lambda: image_model(layers.ReLU())),
    "scale, 26x26x32": (
        lambda: image_model(OwnScale()),
        lambda: image_model(layers.DepthwiseConv2D(1, use_bias=False)),
    ),
    "Dense, 128 to 128": (
        lambda: dense_model(OwnDense(128)),
        lambda: dense_model(layers.Dense(128)),
    ),
}


def steps(model: gl.Model, batch: int, training: bool) -> Callable[[], object]:
    """One train step or prediction of a batch."""
    rng = np.random.default_rng(0)
    x = rng.random((batch, *model.input_shape[1:]), np.float32)
    y = rng.random((batch, 10), np.float32)
    model.compile("sgd", "mse")
    return (lambda: model.train_on_batch(x, y)) if training else lambda: model.predict_on_batch(x)


def seconds_each(call: Callable[[], object], seconds: float) -> float:
    """How long a call takes, over so many seconds of them."""
    start, calls = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        call()
        calls += 1
    return (time.perf_counter() - start) / calls


def measure(batch: int, training: bool, rounds: int, seconds: float) -> list[str]:
    """A line of the table for each pair."""
    lines = []
    for name, makes in PAIRS.items():
        own, engine = (steps(make(), batch, training) for make in makes)
        own(), engine()
        taken = [(seconds_each(own, seconds), seconds_each(engine, seconds)) for _ in range(rounds)]
        ratio = statistics.median(a / b for a, b in taken)
        in_numpy, in_engine = (statistics.median(times) * 1e6 for times in zip(*taken, strict=True))
        task = "train" if training else "predict"
        lines.append(
            f"| {name} | {task} {batch} | {in_numpy:,.0f} | {in_engine:,.0f} | {ratio:.1f} |"
        )
    return lines


def main() -> None:
    """Print a table: microseconds a step, and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=64, help="examples of a step")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each pair")
    parser.add_argument("--seconds", type=float, default=0.3, help="of a turn")
    options = parser.parse_args()
    print("| layer | step | in NumPy, us | in the engine, us | ratio |\n|---|---|---|---|---|")
    for training, batch in ((True, options.batch), (False, options.batch), (False, 1)):
        print("\n".join(measure(batch, training, options.rounds, options.seconds)), flush=True)


if __name__ == "__main__":
    main()
