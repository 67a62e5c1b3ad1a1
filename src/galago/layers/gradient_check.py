"""A layer's gradient() against what a small step of each number changes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from galago.checks import flag, real, whole
from galago.errors import ArgumentError, GradientError
from galago.layers.custom import CustomLayer

Array = npt.NDArray[Any]
#: What a number is of, the array that holds it, and what has to happen when it has changed.
_Watched: TypeAlias = tuple[str, Array, Callable[[], object]]

#: A central difference is wrong by its step squared and by roundings divided by it: least for the
#: cube root of float64's last place.
_STEP = float(np.finfo(np.float64).eps) ** (1 / 3)
#: Numbers of one array that are looked at; a layer runs twice for each.
_MOST = 300


def check_gradient(
    layer: Any,
    input_shape: Any,
    *,
    batch_size: int = 2,
    training: bool = False,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> dict[str, float]:
    """Compare the gradient() of a layer of your own with central differences, in float64.

    Returns the largest error for the input and each weight. The layer stays as it is.

    Arguments:
        layer: one with a call() of its own
        input_shape: with the batch axis in front, (None, 8, 8, 3), or a list of such
        batch_size: how many random examples
        training: what call() gets as `training`
        tolerance: the largest error, as a share of the array's largest gradient
        seed: of the random numbers
    Raises GradientError, which says where the gradient is wrong, and ArgumentError.

    >>> import numpy as np, galago as gl
    >>> class Square(gl.layers.Layer):
    ...     def call(self, x): return x ** 2
    ...     def gradient(self, x, grad): return 2 * x * grad
    >>> check_gradient(Square(), (None, 3))["input"] < 1e-8
    True
    """
    if not isinstance(layer, CustomLayer):
        raise ArgumentError(
            f"check_gradient(): expected a layer with a call() of its own, received {layer!r}. The "
            "engine's own layers are checked by its tests."
        )
    rows = whole(batch_size, "batch_size", "check_gradient()")
    most = real(tolerance, "tolerance", "check_gradient()", low=0.0)
    flag(training, "training", "check_gradient()")
    shapes = layer.input_shapes(input_shape)
    rng = np.random.default_rng(whole(seed, "seed", "check_gradient()", minimum=0))
    known = layer.in_float64(shapes)
    inputs = [rng.normal(size=(rows, *shape)) for shape in shapes]
    grad = rng.normal(size=known.forward([x.copy() for x in inputs], training).shape)
    found = known.backward([x.copy() for x in inputs], grad.copy(), training)

    def loss() -> float:
        """A number whose gradient for the output is `grad`."""
        return float(np.sum(grad * known.forward([x.copy() for x in inputs], training)))

    names = ["input"] if len(inputs) == 1 else [f"input {place}" for place in range(len(inputs))]
    watched: list[_Watched] = [
        (name, array, lambda: None) for name, array in zip(names, inputs, strict=True)
    ]
    for weight in known.weights:
        value = weight.numpy()
        watched.append((weight.name, value, functools.partial(weight.assign, value)))
    errors: dict[str, float] = {}
    for (name, array, put), given in zip(watched, found, strict=True):
        if given is None:  # of a weight that does not learn
            continue
        compared = _Compared(given, *_slopes(array, put, loss, rng))
        errors[name] = compared.error
        if not compared.error <= most:
            raise GradientError(compared.told(layer.label, name, most))
    return errors


def _slopes(
    array: Array, put: Callable[[], object], loss: Callable[[], float], rng: np.random.Generator
) -> tuple[Array, Array]:
    """Flat places of an array, and how much the loss grows for each unit of what is there."""
    places = np.arange(array.size)
    if array.size > _MOST:
        places = np.sort(rng.choice(places, _MOST, replace=False))
    flat, slopes = array.reshape(-1), np.empty(len(places))

    def loss_with(place: int, value: float) -> float:
        flat[place] = value
        put()
        return loss()

    for number, place in enumerate(places.tolist()):
        value = float(flat[place])
        high, low = value + _STEP * max(1.0, abs(value)), value - _STEP * max(1.0, abs(value))
        slopes[number] = (loss_with(place, high) - loss_with(place, low)) / (high - low)
        loss_with(place, value)
    return places, slopes


class _Compared(NamedTuple):
    """A gradient and differences at some flat places of it."""

    gradient: Array
    places: Array
    slopes: Array

    @property
    def given(self) -> Array:
        return np.asarray(self.gradient.reshape(-1)[self.places])

    @property
    def scale(self) -> float:
        return max(float(np.abs(self.slopes).max(initial=0.0)), 1e-3)

    @property
    def wrong_by(self) -> Array:
        apart = np.abs(self.given - self.slopes)
        return np.where(np.isnan(apart), np.inf, apart)

    @property
    def error(self) -> float:
        return float(self.wrong_by.max(initial=0.0)) / self.scale

    def told(self, owner: str, name: str, tolerance: float) -> str:
        """The message of the error: which entry is farthest off, and what it looks like."""
        worst = int(np.argmax(self.wrong_by))
        entry = tuple(int(i) for i in np.unravel_index(self.places[worst], self.gradient.shape))
        place = ", ".join(map(str, entry))
        count = int((self.wrong_by > tolerance * self.scale).sum())
        what = "the " + name if name.startswith("input") else f"weight {name!r}"
        return (
            f"{owner}: expected the gradient of {what} at [{place}] to be "
            f"{self.slopes[worst]:.6g}, by which the loss changes for each unit there, but "
            f"gradient() returned {self.given[worst]:.6g}. {count} of {len(self.places)} entries "
            f"looked at are wrong by more than {tolerance:g} of the largest. {self._hint()}"
        )

    def _hint(self) -> str:
        given, slopes = self.given, self.slopes
        if not np.isfinite(given).all():
            return "Some are not finite: look for a division by zero, a logarithm or a root."
        if not given.any():
            return "All are zero: look for a term that was left out."
        big = np.abs(slopes) > 1e-3 * self.scale
        ratios = given[big] / slopes[big]
        if big.any() and np.allclose(ratios, ratios[0], rtol=1e-4):
            if np.isclose(ratios[0], -1):
                return "All have the wrong sign."
            return f"All are {ratios[0]:.4g} times what they should be: look for a factor."
        if np.allclose(np.sort(given), np.sort(slopes), rtol=1e-4, atol=1e-9):
            return "The numbers are right but in other places: look for a transposed axis."
        return "Check that every way from it to the output counts, and sums go over all examples."
