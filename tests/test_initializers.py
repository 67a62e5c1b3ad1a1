"""Starting values of weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import galago
from galago import initializers, random
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


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("glorot_normal", 2 / (18 + 9 * 512)),
        ("he_normal", 2 / 18),
        ("lecun_normal", 1 / 18),
        ("glorot_uniform", 2 / (18 + 9 * 512)),
        ("he_uniform", 2 / 18),
        ("lecun_uniform", 1 / 18),
        ("variance_scaling", 1 / 18),
        ("random_normal", 0.05**2),
        ("truncated_normal", (0.05 * 0.8796256610342398) ** 2),
    ],
)
def test_variances(name: str, variance: float) -> None:
    values = initializers.get(name)((3, 3, 2, 512), "float64")
    assert abs(values.mean()) < 4 * math.sqrt(variance / values.size)
    assert values.var() == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize(
    ("mode", "fan"), [("fan_in", 9 * 32), ("fan_out", 9), ("fan_avg", 9 * 33 / 2)]
)
def test_a_depthwise_kernel_counts_as_keras_counts_it(mode: str, fan: float) -> None:
    scaling = initializers.VarianceScaling(mode=mode, distribution="uniform")
    assert scaling.limit((3, 3, 32, 1)) == pytest.approx(math.sqrt(3 / fan))


def test_distributions() -> None:
    shape = (100, 300)
    normal = initializers.RandomNormal(1.0, 2.0, seed=3)(shape, "float64")
    truncated = initializers.TruncatedNormal(1.0, 2.0, seed=3)(shape, "float64")
    assert np.abs(truncated - 1.0).max() <= 4.0 < np.abs(normal - 1.0).max()
    # A normal distribution has 68.27 % within one deviation, a truncated one 71.52 %.
    assert (np.abs(normal - 1.0) < 2.0).mean() == pytest.approx(0.6827, abs=0.01)
    assert (np.abs(truncated - 1.0) < 2.0).mean() == pytest.approx(0.7152, abs=0.01)
    scaled = initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal", seed=3)
    np.testing.assert_allclose(scaled(shape, "float64"), (normal - 1.0) / 2.0 / 10.0, rtol=1e-9)
    same = initializers.VarianceScaling(distribution="normal").get_config()
    assert same["distribution"] == "truncated_normal"


@pytest.mark.parametrize("shape", [(3, 3, 4, 8), (8, 8), (2, 2, 2, 30)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    matrix = initializers.Orthogonal(2.0, seed=1)(shape, "float64").reshape(-1, shape[-1])
    product = matrix.T @ matrix if matrix.shape[0] >= shape[-1] else matrix @ matrix.T
    np.testing.assert_allclose(product, 4.0 * np.eye(len(product)), atol=1e-14)


def test_orthogonal_is_the_q_of_a_normal_matrix() -> None:
    normal = random.normal((6, 4), random.WEIGHTS, 0, seed=1)
    q, r = np.linalg.qr(normal)
    found = initializers.Orthogonal(seed=1)((6, 4), "float64")
    np.testing.assert_allclose(found, q * np.sign(np.diag(r)), atol=1e-13)


def test_identity() -> None:
    assert initializers.Identity()((2, 2)).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    with pytest.raises(ArgumentError) as caught:
        initializers.Identity()((2,))
    assert str(caught.value) == (
        "Identity: expected the shape of a matrix (two axes), received (2,). Use 'orthogonal' for "
        "other kernels."
    )


@pytest.mark.parametrize("name", sorted({*initializers.INITIALIZERS} - {"KnownGood"}))
def test_configurations_are_those_of_keras_3_0(name: str) -> None:
    made = initializers.get(name)
    keys = {
        "Zeros": set(),
        "Ones": set(),
        "Constant": {"value"},
        "Identity": {"gain"},
        "Orthogonal": {"gain", "seed"},
        "RandomUniform": {"minval", "maxval", "seed"},
        "RandomNormal": {"mean", "stddev", "seed"},
        "TruncatedNormal": {"mean", "stddev", "seed"},
        "VarianceScaling": {"scale", "mode", "distribution", "seed"},
    }
    assert set(made.get_config()) == keys.get(name, {"seed"})
    again = initializers.get({"class_name": name, "config": made.get_config()})
    assert again.get_config() == made.get_config()


def test_normal_bits_are_fixed_for_good() -> None:
    values = initializers.HeNormal(seed=5)((3, 3, 1, 2)).ravel()[:4]
    assert (
        values.tolist()
        == np.array([0.29309887, -0.11350455, 0.36124828, 0.69356734], dtype=np.float32).tolist()
    )
    kernel = initializers.Orthogonal(seed=5)((3, 2)).ravel()
    assert (
        kernel.tolist()
        == np.array(
            [0.4775686, -0.7050087, 0.59038216, 0.6994493, -0.65067434, 0.11718981],
            dtype=np.float32,
        ).tolist()
    )


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
        "'glorot_uniform'? Known: glorot_uniform, glorot_normal, he_uniform, he_normal, "
        "lecun_uniform, lecun_normal, random_uniform, random_normal, truncated_normal, "
        "variance_scaling, orthogonal, identity, known_good, zeros, ones, constant."
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
    with pytest.raises(ArgumentError, match="VarianceScaling: scale must be greater than 0"):
        initializers.VarianceScaling(0.0)
    with pytest.raises(UnknownNameError, match="VarianceScaling: expected a known mode, received"):
        initializers.VarianceScaling(mode="fan")
    with pytest.raises(UnknownNameError, match="VarianceScaling: expected a known distribution"):
        initializers.VarianceScaling(distribution="gamma")
    with pytest.raises(ArgumentError, match="HeUniform: seed must be a whole number of at least 0"):
        initializers.HeUniform(seed=-1)
