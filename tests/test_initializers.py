"""Starting values of weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import galago
from galago import initializers
from galago.errors import ArgumentError, UnknownNameError


@pytest.mark.parametrize(
    ("shape", "limit"),
    [
        ((3, 3, 1, 64), 0.1012739),
        ((3, 3, 64, 64), 0.0721688),
        ((1600, 128), 0.0589256),
        ((128, 10), 0.2085144),
    ],
)
def test_glorot_limits_count_the_taps(shape: tuple[int, ...], limit: float) -> None:
    values = initializers.GlorotUniform()(shape)
    assert initializers.GlorotUniform().limit(shape) == pytest.approx(limit, abs=5e-8)
    assert values.dtype == np.float32
    assert 0.95 * limit < np.abs(values).max() <= np.float32(limit) * (1 + 1e-6)
    assert abs(values.mean()) < limit / math.sqrt(values.size) * 3
    assert values.std() == pytest.approx(limit / math.sqrt(3), rel=0.1)


def test_limits_by_input_only() -> None:
    assert initializers.HeUniform().limit((3, 3, 2, 7)) == pytest.approx(math.sqrt(6 / 18))
    assert initializers.LecunUniform().limit((5, 7)) == pytest.approx(math.sqrt(3 / 5))


def test_constants() -> None:
    assert initializers.get("zeros")((2, 3)).tolist() == [[0.0] * 3] * 2
    assert initializers.get("ones")((2,), "float64").dtype == np.float64
    assert initializers.Constant(2.5)((2,)).tolist() == [2.5, 2.5]


def test_a_seed_of_its_own_repeats() -> None:
    one, other = initializers.GlorotUniform(seed=1), initializers.GlorotUniform(seed=2)
    assert (one((4, 4)) == one((4, 4))).all()
    assert (one((4, 4)) != other((4, 4))).any()


def test_the_global_seed_counts_on() -> None:
    draw = initializers.GlorotUniform()
    galago.set_seed(0)
    first, second = draw((4, 4)), draw((4, 4))
    galago.set_seed(0)
    assert (draw((4, 4)) == first).all()
    assert (first != second).any()


def test_the_bits_are_fixed_for_good() -> None:
    galago.set_seed(0)
    values = initializers.GlorotUniform()((3, 3, 1, 2)).ravel()[:4]
    expected = [0.4338638, 0.30098158, -0.22550975, -0.4211537]
    assert values.tolist() == np.array(expected, dtype=np.float32).tolist()


def test_float64_is_not_rounded_to_float32() -> None:
    values = initializers.RandomUniform(seed=1)((100,), "float64")
    assert (values != values.astype(np.float32)).any()


@pytest.mark.parametrize("name", ["glorot_uniform", "GlorotUniform"])
def test_get_by_name(name: str) -> None:
    assert isinstance(initializers.get(name), initializers.GlorotUniform)


def test_get_by_object_and_configuration() -> None:
    constant = initializers.Constant(3.0)
    assert initializers.get(constant) is constant
    stored = {"class_name": "Constant", "config": {"value": 3.0}}
    assert initializers.get(stored).get_config() == {"value": 3.0}


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError) as caught:
        initializers.get("glorot_unifrom", owner="Dense 'd'")
    assert str(caught.value) == (
        "Dense 'd': expected a known initializer, received 'glorot_unifrom'. Did you mean "
        "'glorot_uniform'? Known: glorot_uniform, he_uniform, lecun_uniform, random_uniform, "
        "zeros, ones, constant."
    )
    with pytest.raises(UnknownNameError, match="expected a known initializer, received 'Evil'"):
        initializers.get({"class_name": "Evil", "config": {}})


def test_wrong_settings() -> None:
    with pytest.raises(ArgumentError) as caught:
        initializers.GlorotUniform()((3,))
    assert str(caught.value) == (
        "GlorotUniform: expected the shape of a kernel (two axes or more), received (3,). "
        "Use 'zeros' or 'random_uniform' for a bias."
    )
    with pytest.raises(ArgumentError, match="RandomUniform: maxval must be a finite number of"):
        initializers.RandomUniform(1.0, 0.0)
    with pytest.raises(ArgumentError, match="HeUniform: seed must be a whole number of at least 0"):
        initializers.HeUniform(seed=-1)
