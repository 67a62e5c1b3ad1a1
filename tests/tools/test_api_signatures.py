"""Calls as text, and what stands behind `**options`."""

from __future__ import annotations

from typing import Any

import api_signatures

from galago import layers, losses, optimizers


def brew(leaves: str = "green", *, size: tuple[int, int] = (1, 1), **more: Any) -> None:
    raise NotImplementedError


def test_types_are_left_out() -> None:
    text = 'brew(leaves="green", *, size=(1, 1), **more)'
    assert api_signatures.call_text("brew", brew) == text


def test_methods_without_self() -> None:
    text = api_signatures.call_text("call", losses.Loss.call, bound=True)
    assert text == "call(y_true, y_pred)"


def test_long_calls_have_several_lines_and_whole_defaults() -> None:
    lines = api_signatures.call_text("x" * 50 + "Conv2D", layers.Conv2D).splitlines()
    assert lines[1].startswith("    filters, kernel_size, strides=(1, 1), padding=")
    assert max(map(len, lines[1:])) <= api_signatures.WIDTH
    assert lines[-1] == ")"


def test_parameters_are_those_with_names_of_their_own() -> None:
    assert api_signatures.parameters(brew) == ["leaves", "size", "more"]
    assert "options" not in api_signatures.parameters(layers.Dense)


def test_options_are_those_that_fit() -> None:
    dense = api_signatures.shared_options(layers.Dense)
    assert {"name", "input_shape", "kernel_constraint"} <= set(dense)
    assert not {"gamma_constraint", "depthwise_regularizer"} & set(dense)
    plain = ["name", "trainable", "input_shape", "data_format", "activity_regularizer"]
    assert api_signatures.shared_options(layers.Flatten) == plain
    assert "weight_decay" in api_signatures.shared_options(optimizers.Adam)
    assert "weight_decay" not in api_signatures.shared_options(optimizers.AdamW)
    assert api_signatures.shared_options(losses.Huber) == []
    assert api_signatures.options(brew) is None
