"""Activations under Keras's names: for `activation=` of layers, and as functions of arrays.

In a model the engine computes them, with their gradients; layers keep the name only. Called, the
functions are NumPy: they take x, an array or what NumPy makes one of; float32 and float64 arrays
keep their type, others become floatx(). Raises ArgumentError for what holds no numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from galago import config
from galago.errors import ArgumentError, UnknownNameError
from galago.registry import look_up

Array: TypeAlias = npt.NDArray[Any]
#: What stands for an activation: its name, its function, or None for "linear".
ActivationLike: TypeAlias = str | Callable[..., Array] | None

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_erf = np.frompyfunc(math.erf, 1, 1)


def linear(x: Any) -> Array:
    """Return x as it is.

    >>> linear([-2.0, 3.0]).tolist()
    [-2.0, 3.0]
    """
    return _floats(x, "linear")


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Array:
    """Return x above a threshold, at most max_value, and negative_slope * (x - threshold) below.

    >>> relu([-2, 0, 3]).tolist()
    [0.0, 0.0, 3.0]
    """
    x = _floats(x, "relu")
    if not negative_slope and not threshold:
        above = np.asarray(np.maximum(x, 0))
    else:
        above = np.where(x > threshold, x, negative_slope * (x - threshold))
    return above if max_value is None else np.asarray(np.minimum(above, max_value))


def relu6(x: Any) -> Array:
    """Return relu(x), at most 6.

    >>> relu6([-2.0, 3.0, 8.0]).tolist()
    [0.0, 3.0, 6.0]
    """
    return relu(_floats(x, "relu6"), max_value=6)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Array:
    """Return x where it is positive, negative_slope * x elsewhere.

    >>> leaky_relu([-2.0, 3.0], negative_slope=0.5).tolist()
    [-1.0, 3.0]
    """
    x = _floats(x, "leaky_relu")
    return np.asarray(np.where(x > 0, x, negative_slope * x))


def elu(x: Any, alpha: float = 1.0) -> Array:
    """Return x where it is positive, alpha * (exp(x) - 1) elsewhere.

    >>> elu([-1000.0, 3.0]).tolist()
    [-1.0, 3.0]
    """
    x = _floats(x, "elu")
    return np.asarray(np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))))


def selu(x: Any) -> Array:
    """Return elu(x, alpha) times a scale that keeps mean 0 and variance 1 through layers.

    Source: Klambauer et al., "Self-Normalizing Neural Networks", 2017.

    >>> selu([0.0, 1.0]).round(4).tolist() == [0.0, np.float32(1.0507)]
    True
    """
    return np.asarray(_SELU_SCALE * elu(x, _SELU_ALPHA))


def gelu(x: Any, approximate: bool = False) -> Array:
    """Return x times the normal distribution's share below x; `approximate` is with tanh.

    Layers take the exact one only.

    >>> gelu([-1000.0, 0.0, 1000.0]).tolist()
    [-0.0, 0.0, 1000.0]
    """
    x = _floats(x, "gelu")
    if approximate:
        share = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))
    else:
        share = np.asarray(_erf(math.sqrt(0.5) * x)).astype(x.dtype)
    return np.asarray(0.5 * x * (1 + share))


def silu(x: Any) -> Array:
    """Return x * sigmoid(x), which is also called swish.

    >>> silu([-1000.0, 0.0, 1000.0]).tolist()
    [-0.0, 0.0, 1000.0]
    """
    return np.asarray(_floats(x, "silu") * sigmoid(x))


swish = silu


def softplus(x: Any) -> Array:
    """Return log(1 + exp(x)), without overflow.

    >>> softplus([-1000.0, 1000.0]).tolist()
    [0.0, 1000.0]
    """
    x = _floats(x, "softplus")
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def softsign(x: Any) -> Array:
    """Return x / (1 + |x|).

    >>> softsign([-1.0, 3.0]).tolist()
    [-0.5, 0.75]
    """
    x = _floats(x, "softsign")
    return np.asarray(x / (1 + np.abs(x)))


def tanh(x: Any) -> Array:
    """Return the hyperbolic tangent of x.

    >>> tanh([-1000.0, 0.0, 1000.0]).tolist()
    [-1.0, 0.0, 1.0]
    """
    return np.tanh(_floats(x, "tanh"))


def sigmoid(x: Any) -> Array:
    """Return 1 / (1 + exp(-x)), without overflow.

    >>> sigmoid([-1000, 0]).tolist()
    [0.0, 0.5]
    """
    x = _floats(x, "sigmoid")
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, small) / (1 + small))


def hard_sigmoid(x: Any) -> Array:
    """Return relu6(x + 3) / 6.

    >>> hard_sigmoid([-4.0, 0.0, 4.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(relu6(_floats(x, "hard_sigmoid") + 3) / 6)


def exponential(x: Any) -> Array:
    """Return exp(x); infinite where it is too large.

    >>> exponential([0.0, 1000.0]).tolist()
    [1.0, inf]
    """
    with np.errstate(over="ignore"):
        return np.exp(_floats(x, "exponential"))


def softmax(x: Any, axis: int = -1) -> Array:
    """Return exp(x) / sum(exp(x)) over an axis. Layers take the last one.

    >>> softmax([[1, 1], [0, 1000]]).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    x = _floats(x, "softmax")
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def _floats(x: Any, name: str) -> Array:
    """Return an array of floats. Raises ArgumentError for what holds no numbers."""
    array = np.asarray(x)
    if array.dtype.kind not in "buif":
        raise ArgumentError(
            f"activations.{name}(): expected an array of numbers, received {array.dtype} of shape "
            f"{array.shape}. Pass floats."
        )
    return array if array.dtype.name in ("float32", "float64") else array.astype(config.floatx())


#: Name of an activation -> its function, the engine's kind and its alpha (0.0 where it has none).
_KNOWN: Mapping[str, tuple[Callable[..., Array], str, float]] = {
    "linear": (linear, "linear", 0.0),
    "relu": (relu, "relu", 0.0),
    "softmax": (softmax, "softmax", 0.0),
    "sigmoid": (sigmoid, "sigmoid", 0.0),
    "tanh": (tanh, "tanh", 0.0),
    "relu6": (relu6, "relu6", 0.0),
    "leaky_relu": (leaky_relu, "leaky_relu", 0.2),
    "elu": (elu, "elu", 1.0),
    "selu": (selu, "selu", 0.0),
    "gelu": (gelu, "gelu", 0.0),
    "silu": (silu, "silu", 0.0),
    "swish": (swish, "silu", 0.0),
    "softplus": (softplus, "softplus", 0.0),
    "softsign": (softsign, "softsign", 0.0),
    "hard_sigmoid": (hard_sigmoid, "hard_sigmoid", 0.0),
    "exponential": (exponential, "exponential", 0.0),
}
#: Name of an activation -> the engine's kind and its alpha.
ACTIVATIONS: Mapping[str, tuple[str, float]] = {
    name: (kind, alpha) for name, (_, kind, alpha) in _KNOWN.items()
}


def name_of(activation: ActivationLike, owner: str = "") -> str:
    """Return the name that a layer keeps of an activation: "linear" for None.

    Arguments: a name, a function of this module or None, and who asks, for messages. Raises
    UnknownNameError; a function of the user's own has no gradient in the engine.

    >>> name_of(relu), name_of("tanh"), name_of(None)
    ('relu', 'tanh', 'linear')
    """
    if activation is None:
        return "linear"
    if not callable(activation):
        look_up(ACTIVATIONS, activation, kind="activation", owner=owner)
        return activation
    for name, (function, _, _) in _KNOWN.items():
        if function is activation:
            return name
    named = getattr(activation, "__name__", type(activation).__name__)
    raise UnknownNameError(
        f"{owner + ': ' if owner else ''}expected the name of an activation or a function of "
        f"galago.activations, received {named!r}, which the engine cannot differentiate. Known: "
        f"{', '.join(ACTIVATIONS)}. Layers such as LeakyReLU go behind, as layers of their own."
    )


def get(identifier: ActivationLike) -> Callable[..., Array]:
    """Return the function of an identifier, a name or None; a function stays as it is.

    Raises UnknownNameError.

    >>> get("relu") is relu, get(None) is linear
    (True, True)
    """
    return identifier if callable(identifier) else _KNOWN[name_of(identifier, "get()")][0]


def serialize(activation: ActivationLike) -> str:
    """Return the name that files have for an activation. Raises UnknownNameError.

    >>> serialize(softmax)
    'softmax'
    """
    return name_of(activation, "serialize()")


def deserialize(config: str) -> Callable[..., Array]:
    """Return the function of a config, what serialize() returned. Raises UnknownNameError.

    >>> deserialize("softmax") is softmax
    True
    """
    return _KNOWN[name_of(config, "deserialize()")][0]


__all__ = [
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "hard_sigmoid",
    "leaky_relu",
    "linear",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
]
