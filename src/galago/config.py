"""Settings of the process: the default number type and the check of inputs."""

from __future__ import annotations

import os

from galago.errors import ArgumentError
from galago.registry import look_up

__all__ = [
    "check_inputs",
    "floatx",
    "set_check_inputs",
    "set_floatx",
]

_FLOAT_TYPES = {"float32": 4, "float64": 8}
_SWITCH = {"0": False, "1": True}

_floatx = "float32"
_check_inputs: bool | None = None


def floatx() -> str:
    """Return the number type of layers made from now on.

    >>> floatx()
    'float32'
    """
    return _floatx


def set_floatx(dtype: str) -> None:
    """Set the number type of layers made from now on.

    float64 is for checks: it is slower, and the layers that exist already keep their type.

    Arguments:
        dtype: "float32" or "float64"
    Raises UnknownNameError for any other name.

    >>> set_floatx("float64")
    >>> floatx()
    'float64'
    >>> set_floatx("float32")
    """
    global _floatx
    look_up(_FLOAT_TYPES, dtype, kind="number type")
    _floatx = dtype


def check_inputs() -> bool:
    """Tell whether fit, evaluate and predict look for NaN and infinity in their input first.

    Raises ArgumentError if GALAGO_CHECK_INPUTS is neither 0 nor 1.

    >>> check_inputs()
    False
    """
    global _check_inputs
    if (
        _check_inputs is None
    ):  # the environment is read once: it takes a tenth of a small prediction
        setting = os.environ.get("GALAGO_CHECK_INPUTS", "0")
        if setting not in _SWITCH:
            raise ArgumentError(
                f"GALAGO_CHECK_INPUTS: expected 0 or 1, received {setting!r}. Set it to 1 to "
                "search the inputs for NaN, or unset it."
            )
        _check_inputs = _SWITCH[setting]
    return _check_inputs


def set_check_inputs(check: bool) -> None:
    """Turn the search for NaN and infinity in inputs on or off (off costs nothing).

    The environment variable GALAGO_CHECK_INPUTS=1 does the same from outside.

    Arguments:
        check: True or False
    Raises ArgumentError.

    >>> set_check_inputs(True)
    >>> check_inputs()
    True
    >>> set_check_inputs(False)
    """
    global _check_inputs
    if not isinstance(check, bool):
        raise ArgumentError(
            f"set_check_inputs(): expected True or False, received {check!r}. Pass one of them."
        )
    _check_inputs = check
