"""What layers with code of their own get from a session, and which weights they see."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galago.engine import OutputLoss
from galago.graph import GraphBuilder
from galago.optimizers import SGD
from galago.training.adapters import Examples
from galago.training.binding import Binding
from galago.variables import Variable

Array = NDArray[Any]


class Times:
    """x * weight, with all it was given."""

    def __init__(self) -> None:
        self.weight = Variable("own/weight", np.full((3, 2), 2.0))
        self.seen: list[Array] = []
        self.shapes: list[tuple[tuple[int, ...], ...]] = []

    def forward(self, inputs: list[Array], training: bool) -> Array:
        self.shapes.append(tuple(array.shape for array in inputs))
        self.seen.append(self.weight.numpy())
        return np.ascontiguousarray(inputs[0] * self.weight)

    def backward(self, inputs: list[Array], grad: Array, training: bool) -> list[Array | None]:
        self.shapes.append((inputs[0].shape, grad.shape))
        self.seen.append(self.weight.numpy())
        return [np.ascontiguousarray(grad * self.weight), (grad * inputs[0]).sum(axis=0)]


def bound() -> tuple[Binding, Times]:
    layer, builder = Times(), GraphBuilder()
    source = builder.add("input", "input", (), (3, 2))
    place = builder.add("host", "own", (source,), (3, 2), {}, [layer.weight])
    binding = Binding(builder.finish(place), [layer.weight], "float64", {place: layer})
    binding.compile([OutputLoss("mean_squared_error")], SGD(0.5), [layer.weight], object())
    return binding, layer


def examples(count: int) -> Examples:
    rng = np.random.default_rng(0)
    x, y = rng.random((count, 3, 2)), rng.random((count, 3, 2))
    return Examples((x,), (y,))


def test_arrays_have_the_shapes_of_the_graph() -> None:
    binding, layer = bound()
    binding.push()
    binding.predict(examples(5).x, 0, 5)
    binding.begin_training()
    binding.train_steps(examples(5), np.arange(5), 5, 0.1)
    assert layer.shapes == [((5, 3, 2),), ((5, 3, 2),), ((5, 3, 2), (5, 3, 2))]


def test_each_step_of_a_burst_sees_its_own_weights() -> None:
    binding, layer = bound()
    binding.begin_training()
    binding.train_steps(examples(9), np.arange(9), 3, 0.5)
    forward, backward = layer.seen[::2], layer.seen[1::2]
    assert all((a == b).all() for a, b in zip(forward, backward, strict=True))
    assert len({array.tobytes() for array in [*forward, layer.weight.numpy()]}) == 4
    binding.predict(examples(2).x, 0, 2)
    np.testing.assert_array_equal(layer.seen[-1], layer.weight.numpy())


def test_a_weight_that_was_assigned_is_seen() -> None:
    binding, layer = bound()
    binding.begin_training()
    binding.train_steps(examples(3), np.arange(3), 3, 0.5)
    layer.weight.assign(np.full((3, 2), 7.0))
    binding.predict(examples(2).x, 0, 2)
    np.testing.assert_array_equal(layer.seen[-1], np.full((3, 2), 7.0))


def test_a_binding_that_nobody_needs_goes() -> None:
    binding, layer = bound()
    binding.begin_training()
    binding.train_steps(examples(3), np.arange(3), 3, 0.5)
    gone = weakref.ref(binding)
    del binding, layer
    gc.collect()
    assert gone() is None
