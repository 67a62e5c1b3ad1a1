"""Each activation as operators of ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from galago.saving.onnx_messages import Attribute

#: An operator, its inputs, its attributes. Inputs: "x", a constant, "%0" for the first operator.
Operator: TypeAlias = tuple[str, tuple[str | float, ...], dict[str, Attribute]]


def _one(op: str, **attributes: Attribute) -> list[Operator]:
    return [(op, ("x",), attributes)]


def _clipped_relu(alpha: float, beta: float, limit: float = math.inf) -> list[Operator]:
    return [
        ("Sub", ("x", beta), {}),
        ("Mul", ("%0", alpha), {}),
        ("Min", ("x", limit), {}),
        ("Greater", ("x", beta), {}),
        ("Where", ("%3", "%2", "%1"), {}),
    ]


#: By Galago's name, a function of alpha, and of beta and limit where an activation has them; the
#: last operator's output is the result.
ACTIVATIONS: dict[str, Callable[..., list[Operator]]] = {
    "clipped_relu": _clipped_relu,
    "elu": lambda alpha: _one("Elu", alpha=alpha),
    "exponential": lambda _: _one("Exp"),
    "gelu": lambda _: [
        ("Mul", ("x", math.sqrt(0.5)), {}),
        ("Erf", ("%0",), {}),
        ("Add", ("%1", 1.0), {}),
        ("Mul", ("x", 0.5), {}),
        ("Mul", ("%3", "%2"), {}),
    ],
    "hard_sigmoid": lambda _: _one("HardSigmoid", alpha=1 / 6, beta=0.5),
    "leaky_relu": lambda alpha: _one("LeakyRelu", alpha=alpha),
    "linear": lambda _: _one("Identity"),
    "relu": lambda _: _one("Relu"),
    "relu6": lambda _: [("Clip", ("x", 0.0, 6.0), {})],
    "rescale": lambda alpha, beta: [("Mul", ("x", alpha), {}), ("Add", ("%0", beta), {})],
    "selu": lambda _: _one("Selu"),
    "sigmoid": lambda _: _one("Sigmoid"),
    "silu": lambda _: [("Sigmoid", ("x",), {}), ("Mul", ("x", "%0"), {})],
    "softplus": lambda _: _one("Softplus"),
    "softsign": lambda _: _one("Softsign"),
    "tanh": lambda _: _one("Tanh"),
}
