"""Logarithm, cosine and powers with the same bits everywhere.

The C library's functions, and NumPy's, differ in the last place from machine to machine. These are
made of operations that IEEE 754 rounds exactly, or of the standard library's decimal numbers.
"""

from __future__ import annotations

import decimal
import math

import numpy as np
import numpy.typing as npt

#: Digits of decimal numbers: a double has 17.
_DIGITS = 34
#: Terms of the series for log((1 + s) / (1 - s)): s**2 is at most 0.0295 there.
_LOG_TERMS = 12


def log(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the natural logarithm of positive numbers, to some 2e-16 of the larger of it and 1.

    >>> bool(abs(log(np.array([10.0]))[0] - 2.302585092994046) < 1e-15)
    True
    """
    mantissa, exponent = np.frexp(x)
    small = mantissa < math.sqrt(0.5)
    mantissa = np.where(small, 2.0 * mantissa, mantissa)
    exponent = exponent - small
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square, total = s * s, np.zeros_like(s)
    for term in range(_LOG_TERMS - 1, 0, -1):
        total = (total + 1.0 / (2 * term + 1)) * square
    return np.asarray(exponent * 0.6931471805599453 + 2.0 * (s + s * total))


def cos_pi(x: float) -> float:
    """Return the cosine of pi * x, for x from 0 to 1.

    >>> cos_pi(0.0), cos_pi(0.5), cos_pi(1.0), round(cos_pi(1 / 3), 15)
    (1.0, 0.0, -1.0, 0.5)
    """
    if x > 0.5:
        return -cos_pi(1.0 - x)
    # Up to pi / 4 its series, beyond it that of the sine: k! below counts on from 0 or from 1.
    angle = math.pi * min(x, 0.5 - x)
    order = 0 if x <= 0.25 else 1
    term = total = angle**order
    while abs(term) > 1e-20:
        term *= -angle * angle / ((order + 1) * (order + 2))
        total += term
        order += 2
    return total


def power(base: float, exponent: float) -> float:
    """Return base ** exponent for a base of at least 0; infinite where it is too large.

    >>> power(0.5, 2.0), power(2.0, 0.5) == 2.0**0.5, power(0.0, 0.0)
    (0.25, True, 1.0)
    """
    if base == 0.0 or exponent == 0.0:
        return 1.0 if exponent == 0.0 else 0.0
    with decimal.localcontext(decimal.Context(prec=_DIGITS, traps=[])):
        return float(decimal.Decimal(base) ** decimal.Decimal(exponent))


def exp(x: float) -> float:
    """Return e ** x; infinite where it is too large.

    >>> exp(0.0), round(exp(1.0), 12)
    (1.0, 2.718281828459)
    """
    with decimal.localcontext(decimal.Context(prec=_DIGITS, traps=[])):
        return float(decimal.Decimal(x).exp())


def cosine(degrees: float) -> float:
    """Return the cosine of any angle in degrees.

    >>> cosine(0), cosine(90), cosine(-180), round(cosine(300), 15)
    (1.0, 0.0, -1.0, 0.5)
    """
    turned = abs(math.fmod(degrees, 360.0))
    return cos_pi((360.0 - turned if turned > 180.0 else turned) / 180.0)
