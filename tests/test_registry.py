"""Tables of names, and answers to wrong ones."""

from __future__ import annotations

import pytest

from galago.errors import UnknownNameError
from galago.registry import ACTIVATIONS, look_up, nearest


def test_activation_kinds_are_the_engines() -> None:
    assert {kind for kind, _ in ACTIVATIONS.values()} == {
        *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "softplus", "softsign", "silu"),
        *("gelu", "tanh", "sigmoid", "hard_sigmoid", "exponential", "softmax"),
    }


def test_keras_slopes() -> None:
    assert ACTIVATIONS["leaky_relu"] == ("leaky_relu", 0.2)
    assert ACTIVATIONS["elu"] == ("elu", 1.0)
    assert ACTIVATIONS["swish"] == ACTIVATIONS["silu"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rellu", " Did you mean 'relu'?"),
        ("ReLU", " Did you mean 'relu'?"),
        ("soft_max", " Did you mean 'softmax'?"),
        ("xyzzy", ""),
        (None, ""),
        (3, ""),
    ],
)
def test_nearest(name: object, hint: str) -> None:
    assert nearest(name, ACTIVATIONS) == hint


def test_look_up_says_what_is_known() -> None:
    with pytest.raises(UnknownNameError) as caught:
        look_up({"valid": 1, "same": 2}, 7, kind="padding")
    assert str(caught.value) == "expected a known padding, received 7. Known: valid, same."
    with pytest.raises(UnknownNameError, match="received \\['valid'\\]"):
        look_up({"valid": 1}, ["valid"], kind="padding")
