"""Layers with code of their own, as a user would write them: some that the engine has too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galago import config, layers

Array = NDArray[Any]


class OwnDense(layers.Layer):
    """Dense in NumPy."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias."""
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="kernel"
        )
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.built = True

    def call(self, inputs: Array) -> Array:
        """The product."""
        return inputs @ self.kernel + self.bias

    def gradient(self, inputs: Array, grad: Array) -> tuple[Array, ...]:
        """Of the input, the kernel and the bias."""
        return grad @ self.kernel.numpy().T, inputs.T @ grad, grad.sum(axis=0)


class OwnReLU(layers.Layer):
    """ReLU in NumPy, for inputs of any shape."""

    def call(self, inputs: Array) -> Array:
        """What is above zero."""
        return np.maximum(inputs, 0)

    def gradient(self, inputs: Array, grad: Array) -> Array:
        """Where the input is above zero."""
        return grad * (inputs > 0)


class OwnMean(layers.Layer):
    """The mean of several inputs."""

    def call(self, inputs: list[Array]) -> Array:
        """The mean."""
        return sum(inputs[1:], inputs[0]) / len(inputs)

    def gradient(self, inputs: list[Array], grad: Array) -> list[Array]:
        """The same for each."""
        return [grad / len(inputs) for _ in inputs]


class SqueezeAndExcite(layers.Layer):
    """Each channel of a map times a number from 0 to 1 that all channels' means decide."""

    def __init__(self, ratio: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of two dense layers."""
        channels = int(input_shape[-1] or 0)
        self.down = self.add_weight(shape=(channels, channels // self.ratio), name="down")
        self.up = self.add_weight(shape=(channels // self.ratio, channels), name="up")

    def _gates(self, inputs: Array) -> tuple[Array, Array, Array]:
        means = inputs.mean(axis=(1, 2))
        hidden = np.maximum(means @ self.down, 0)
        return means, hidden, 1 / (1 + np.exp(-(hidden @ self.up)))

    def call(self, inputs: Array) -> Array:
        """The map times its gates."""
        return inputs * self._gates(inputs)[2][:, None, None]

    def gradient(self, inputs: Array, grad: Array) -> tuple[Array, Array, Array]:
        """Of the input, of down and of up."""
        means, hidden, gates = self._gates(inputs)
        grad_logits = (grad * inputs).sum(axis=(1, 2)) * gates * (1 - gates)
        grad_hidden = grad_logits @ self.up.numpy().T * (hidden > 0)
        grad_means = grad_hidden @ self.down.numpy().T
        pixels = inputs.shape[1] * inputs.shape[2]
        grad_inputs = grad * gates[:, None, None] + (grad_means / pixels)[:, None, None]
        return grad_inputs, means.T @ grad_hidden, hidden.T @ grad_logits


class Counter(layers.Layer):
    """Adds a trained bias; counts its training batches in a weight that no optimizer changes."""

    def build(self, input_shape: Any) -> None:
        """Make the count, and the bias after it."""
        self.seen = self.add_weight((), "zeros", trainable=False, name="seen")
        self.bias = self.add_weight((input_shape[-1],), "zeros", name="bias")

    def call(self, inputs: Array, training: bool) -> Array:
        """The sum."""
        if training:
            self.seen.assign(self.seen.numpy() + 1)
        return inputs + self.bias

    def gradient(self, inputs: Array, grad: Array) -> tuple[Array, Array]:
        """Of the input and the bias."""
        return grad, grad.reshape(-1, grad.shape[-1]).sum(axis=0)


def returning(
    output: Callable[[Any], Any] = lambda x: x, gradient: Callable[..., Any] = lambda x, grad: grad
) -> layers.Layer:
    """A layer that returns what the functions make."""

    class Returning(layers.Layer):
        def call(self, inputs: Any) -> Any:
            """What the test wants."""
            return output(inputs)

        def compute_output_shape(self, input_shape: Any) -> Any:
            """As the input is."""
            return input_shape

        def gradient(self, inputs: Any, grad: Array) -> Any:
            """What the test wants."""
            return gradient(inputs, grad)

    return Returning(name="returning")


def data(count: int = 40, features: int = 6, outputs: int = 3) -> tuple[Array, Array]:
    """Random inputs and targets."""
    rng = np.random.default_rng(count)
    dtype = config.floatx()
    x, y = rng.normal(size=(count, features)), rng.random((count, outputs))
    return x.astype(dtype), y.astype(dtype)
