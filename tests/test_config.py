"""Settings of the process."""

from __future__ import annotations

import pytest

import galago
from galago import config
from galago.errors import ArgumentError, UnknownNameError
from galago.layers import Dense


def test_floatx_is_the_type_of_layers_made_later() -> None:
    before = Dense(1)
    config.set_floatx("float64")
    after = Dense(1)
    for layer in (before, after):
        layer.build((None, 3))
    assert (before.kernel.dtype, after.kernel.dtype) == ("float32", "float64")


def test_unknown_floatx() -> None:
    with pytest.raises(UnknownNameError) as caught:
        config.set_floatx("float16")
    assert str(caught.value) == (
        "expected a known number type, received 'float16'. Did you mean 'float64'? "
        "Known: float32, float64."
    )


def test_layers_of_two_types_make_no_model() -> None:
    first = Dense(3, name="first")
    config.set_floatx("float64")
    with pytest.raises(ArgumentError) as caught:
        galago.Sequential([first])
    assert str(caught.value) == (
        "Sequential 'sequential': expected layers of float64, received Dense 'first' of float32. "
        "Call galago.config.set_floatx() before the model is made."
    )


@pytest.mark.parametrize(("value", "expected"), [("0", False), ("1", True)])
def test_check_inputs_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: bool
) -> None:
    monkeypatch.setattr(config, "_check_inputs", None)
    monkeypatch.setenv("GALAGO_CHECK_INPUTS", value)
    assert config.check_inputs() is expected


def test_bad_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_check_inputs", None)
    monkeypatch.setenv("GALAGO_CHECK_INPUTS", "yes")
    with pytest.raises(ArgumentError) as caught:
        config.check_inputs()
    assert str(caught.value) == (
        "GALAGO_CHECK_INPUTS: expected 0 or 1, received 'yes'. Set it to 1 to search the inputs "
        "for NaN, or unset it."
    )


def test_set_check_inputs_wins_and_takes_bools_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAGO_CHECK_INPUTS", "1")
    config.set_check_inputs(False)
    assert config.check_inputs() is False
    with pytest.raises(ArgumentError) as caught:
        config.set_check_inputs(1)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "set_check_inputs(): expected True or False, received 1. Pass one of them."
    )
