"""Tables of names: what they find, when, and what they answer to a wrong one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from galago import activations, utils
from galago.tf.namespace import Namespace

NN = {"relu": "galago.activations:relu", "tanh": "galago.activations:tanh"}


def test_names_are_found() -> None:
    inner = Namespace("outer.inner", "galago.utils")
    outer = Namespace("outer", {"nn": Namespace("outer.nn", NN), "inner": inner, "number": 3})
    assert outer.nn.relu is activations.relu
    assert outer.inner.to_categorical is utils.to_categorical
    assert outer.number == 3
    assert dir(outer) == ["inner", "nn", "number"]
    assert dir(inner) == sorted(utils.__all__)
    assert repr(outer.nn) == "<outer.nn of galago.tf>"


def test_a_module_has_its_public_names_only() -> None:
    assert not hasattr(Namespace("u", "galago.utils"), "np")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("rellu", "nn has no 'rellu'. Did you mean 'relu'? galago.tf has the names of TensorFlow "),
        ("conv2d", "nn has no 'conv2d'. galago.tf has the names of TensorFlow that courses on "),
        ("Variable", "nn has no 'Variable'. Galago computes with NumPy arrays: use NumPy for "),
        ("train", "nn has no 'train'. Optimizers are in tf.keras.optimizers, such as tf.keras."),
        ("applications", "nn has no 'applications'. Galago.applications has small networks"),
    ],
)
def test_an_unknown_name(name: str, answer: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(Namespace("nn", NN), name)
    assert str(caught.value).startswith(answer)
    assert str(caught.value).endswith(" with Galago behind them; docs/tf.md lists them.")


def test_modules_are_loaded_at_the_first_use() -> None:
    code = (
        "import sys; from galago import tf; from galago.tf import keras; keras.layers;"
        "print('galago.layers' in sys.modules); keras.layers.Dense;"
        "print('galago.layers' in sys.modules, 'tensorflow' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True", "False"]
