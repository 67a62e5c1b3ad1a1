"""check_gradient(): right layers pass, and messages say what is wrong with the others."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from own_layers import Counter, OwnDense, OwnMean, OwnReLU, SqueezeAndExcite, returning

import galago as gl
from galago.errors import ArgumentError, GradientError
from galago.layers import Dense, Input, Layer

RIGHT: list[tuple[Layer, Any, set[str]]] = [
    (OwnDense(3), (None, 5), {"input", "kernel", "bias"}),
    (OwnReLU(), (None, 4, 4, 2), {"input"}),
    (OwnMean(), [(None, 3), (None, 3)], {"input 0", "input 1"}),
    (SqueezeAndExcite(), (None, 4, 5, 6), {"input", "down", "up"}),
    (Counter(), (None, 3), {"input", "bias"}),
]


@pytest.mark.parametrize(("layer", "shape", "names"), RIGHT)
def test_right_gradients(layer: Layer, shape: Any, names: set[str]) -> None:
    errors = gl.utils.check_gradient(layer, shape)
    assert set(errors) == names
    assert max(errors.values()) < 1e-8
    assert not layer.built


def test_a_layer_with_weights_is_checked_with_them_and_stays_as_it_is() -> None:
    layer = SqueezeAndExcite()
    layer(Input((3, 3, 4)))
    before = layer.get_weights()
    gl.utils.check_gradient(layer, (None, 3, 3, 4))
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert layer.down.dtype == "float32"  # type: ignore[attr-defined]


def test_training_is_said() -> None:
    layer = Counter()
    layer(Input((3,)))
    gl.utils.check_gradient(layer, (None, 3), training=True)
    assert float(layer.seen.numpy()) == 0  # type: ignore[attr-defined]


def wrong(gradient: Any) -> Layer:
    return returning(lambda x: np.tanh(x) * np.arange(1, 4), gradient)


def right(x: Any, grad: Any) -> Any:
    return grad * (1 - np.tanh(x) ** 2) * np.arange(1, 4)


WRONG: list[tuple[Any, str]] = [
    (lambda x, g: 2 * right(x, g), "All are 2 times what they should be: look for a factor"),
    (lambda x, g: -right(x, g), "All have the wrong sign"),
    (lambda x, g: 0 * g, "All are zero: look for a term"),
    (lambda x, g: right(x, g) / 0.0, "Some are not finite"),
    (lambda x, g: right(x, g)[::-1].copy(), "in other places: look for a transposed axis"),
    (lambda x, g: right(x, g) + 1e-3, "6 of 6 entries looked at are wrong by more than 1e-06"),
    (lambda x, g: right(x, g) + (x == x.max()), "1 of 6 entries .* Check that every way"),
]


@pytest.mark.parametrize(("gradient", "hint"), WRONG)
def test_wrong_gradients(gradient: Any, hint: str) -> None:
    with np.errstate(divide="ignore"), pytest.raises(GradientError) as raised:
        gl.utils.check_gradient(wrong(gradient), (None, 3))
    message = str(raised.value)
    assert message.startswith("Returning 'returning': expected the gradient of the input at [")
    assert re.search(hint, message), message


def test_the_entry_and_its_number_are_named() -> None:
    class Off(OwnDense):
        def gradient(self, inputs: Any, grad: Any) -> Any:
            of_input, of_kernel, of_bias = super().gradient(inputs, grad)
            of_kernel[3, 1] += 0.25
            return of_input, of_kernel, of_bias

    with pytest.raises(GradientError, match=r"weight 'kernel' at \[3, 1\] to be") as raised:
        gl.utils.check_gradient(Off(2), (None, 5))
    words = str(raised.value).split()
    wanted, given = (
        float(words[words.index("be") + 1].strip(",")),
        float(words[words.index("returned") + 1].strip(".")),
    )
    assert given - wanted == pytest.approx(0.25, abs=1e-4)


def test_large_arrays_are_looked_at_in_part() -> None:
    with pytest.raises(GradientError, match="of 300 entries looked at"):
        gl.utils.check_gradient(returning(gradient=lambda x, grad: 3 * grad), (None, 1000))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Dense(3), (None, 3)), "a layer with a call.. of its own, received <Dense"),
        ((OwnReLU(), (None, None)), "every size of input_shape must be known"),
    ],
)
def test_wrong_calls(arguments: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gl.utils.check_gradient(*arguments)


def test_wrong_options() -> None:
    for options in ({"batch_size": 0}, {"tolerance": -1.0}, {"training": 1}, {"seed": -1}):
        with pytest.raises(ArgumentError, match=next(iter(options))):
            gl.utils.check_gradient(OwnReLU(), (None, 3), **options)  # type: ignore[arg-type]
