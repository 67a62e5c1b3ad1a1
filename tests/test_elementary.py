"""Functions with the same bits everywhere, against the C library's."""

from __future__ import annotations

import hashlib
import math
import statistics

import numpy as np
import pytest

from galago.elementary import cos_pi, log, power
from galago.quantile import normal_quantile

SHARES = np.concatenate([np.linspace(0.0005, 0.9995, 2001), np.ldexp(1.0, np.arange(-54, 0))])


def test_logarithm() -> None:
    x = np.concatenate([SHARES, np.linspace(0.5, 30.0, 1001), [1e-300, 1e300, 1.0]])
    np.testing.assert_allclose(log(x), np.log(x), rtol=4e-16, atol=4e-16)
    assert log(np.array([1.0]))[0] == 0.0


def test_cosine() -> None:
    for x in np.linspace(0.0, 1.0, 401).tolist():
        assert cos_pi(x) == pytest.approx(math.cos(math.pi * x), abs=6e-16)


@pytest.mark.parametrize("base", [0.0, 1e-3, 0.5, 0.96, 1.0, 1.5, 1e6])
@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 3.0, 17.25])
def test_power(base: float, exponent: float) -> None:
    assert power(base, exponent) == pytest.approx(base**exponent, rel=4e-16)


def test_a_power_that_is_too_large_is_infinite() -> None:
    assert power(10.0, 400.0) == math.inf
    assert power(0.1, 400.0) == 0.0


def test_quantiles_are_the_standard_librarys() -> None:
    expected = [statistics.NormalDist().inv_cdf(share) for share in SHARES.tolist()]
    np.testing.assert_allclose(normal_quantile(SHARES), expected, rtol=2e-15, atol=1e-16)


def test_the_bits_are_fixed_for_good() -> None:
    values = [normal_quantile(SHARES), log(SHARES), [cos_pi(s) for s in SHARES.tolist()]]
    digest = hashlib.sha256(np.concatenate(values).tobytes()).hexdigest()
    assert digest[:16] == "1edc8c532d8cfef1"
