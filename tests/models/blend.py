"""The layers of tools/make_keras_custom.py, in NumPy."""

from __future__ import annotations

from typing import Any

import galago as gl


class Blend(gl.layers.Layer):
    """rate * x + (1 - rate) * (x @ mix), and a count that is not trained."""

    def __init__(self, rate: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate

    def build(self, input_shape: Any) -> None:
        """Make the weights, not in the order of the file."""
        self.count = self.add_weight((), "ones", trainable=False, name="count")
        self.mix = self.add_weight((input_shape[-1], input_shape[-1]), name="mix")

    def call(self, inputs: Any) -> Any:
        """The blend."""
        return self.rate * inputs + (1 - self.rate) * self.count.numpy() * (inputs @ self.mix)

    def gradient(self, inputs: Any, grad: Any) -> Any:
        """Of the inputs and the mix."""
        mixed = (1 - self.rate) * self.count.numpy() * grad
        return self.rate * grad + mixed @ self.mix.numpy().T, inputs.T @ mixed


class Both(gl.layers.Layer):
    """The product of two inputs."""

    def call(self, inputs: Any) -> Any:
        """The product."""
        return inputs[0] * inputs[1]

    def gradient(self, inputs: Any, grad: Any) -> Any:
        """Of both."""
        return [grad * inputs[1], grad * inputs[0]]


OWN = {"Blend": Blend, "Both": Both}


def blend_model() -> gl.Model:
    """A model of both layers, one of them called on two tensors."""
    start = gl.Input((6,))
    first = Blend(0.25)(gl.layers.Dense(4)(start))
    return gl.Model(start, gl.layers.Dense(3)(Both()([first, Blend()(first)])))
