"""Starting values that are drawn, each by itself.

Glorot: Glorot and Bengio, AISTATS 2010; He: He et al., ICCV 2015; LeCun: Efficient BackProp, 1998.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from galago.checks import real
from galago.errors import ArgumentError
from galago.initializers.base import RandomInitializer, fans, require_kernel
from galago.registry import look_up
from galago.shapes import Shape

#: The deviation of a standard normal number that lies within two of its deviations.
_TRUNCATED_DEVIATION = 0.87962566103423978


class RandomUniform(RandomInitializer):
    """Even between two limits, minval and maxval. Raises ArgumentError.

    >>> float(np.abs(RandomUniform(-0.1, 0.1, seed=1)((100,))).max()) <= 0.1
    True
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        self.minval = real(minval, "minval", "RandomUniform")
        self.maxval = real(maxval, "maxval", "RandomUniform", low=self.minval)
        super().__init__(seed)

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return random values from minval to maxval."""
        return self.uniform(shape, self.minval, self.maxval)


class RandomNormal(RandomInitializer):
    """Normal numbers of a mean and a standard deviation. Raises ArgumentError.

    >>> RandomNormal(mean=3.0, stddev=0.0)((2,)).tolist()
    [3.0, 3.0]
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = real(mean, "mean", "RandomNormal")
        self.stddev = real(stddev, "stddev", "RandomNormal", low=0.0)
        super().__init__(seed)

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return random values."""
        return self.mean + self.stddev * self.normal(shape)


class TruncatedNormal(RandomInitializer):
    """Normal numbers, of which those beyond two deviations are left out.

    Arguments:
        mean, stddev: middle and deviation before that
        seed: that of a RandomInitializer
    Raises ArgumentError.

    >>> float(np.abs(TruncatedNormal(stddev=0.1, seed=1)((1000,))).max()) <= 0.2
    True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = real(mean, "mean", "TruncatedNormal")
        self.stddev = real(stddev, "stddev", "TruncatedNormal", low=0.0)
        super().__init__(seed)

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return random values within two deviations of the mean."""
        return self.mean + self.stddev * self.normal(shape, truncated=True)


class _Scaled(RandomInitializer):
    """Base: a variance of scale / fan, where the fan is that of the kernel's inputs, outputs or
    their mean.
    """

    scale: float
    mode: str
    distribution: str

    def fan(self, shape: Shape) -> float:
        """Return what the variance is divided by."""
        fan_in, fan_out = fans(shape)
        return {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]

    def limit(self, shape: Shape) -> float:
        """Return the largest absolute value of the even distribution."""
        return math.sqrt(3.0 * self.scale / self.fan(shape))

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return random values of the wanted variance."""
        require_kernel(shape, type(self).__name__)
        if self.distribution == "uniform":
            limit = self.limit(shape)
            return self.uniform(shape, -limit, limit)
        deviation = math.sqrt(self.scale / self.fan(shape))
        if self.distribution == "untruncated_normal":
            return deviation * self.normal(shape)
        return deviation / _TRUNCATED_DEVIATION * self.normal(shape, truncated=True)


class VarianceScaling(_Scaled):
    """A variance of scale / fan, of kernels of any size.

    Arguments:
        scale: more than 0
        mode: what the fan is, "fan_in", "fan_out" or their mean "fan_avg"
        distribution: "truncated_normal", "untruncated_normal" or "uniform"
        seed: that of a RandomInitializer
    Raises ArgumentError.

    >>> VarianceScaling(6.0, "fan_in", "uniform").limit((3, 3, 2, 7))
    1.0
    """

    _MODES: ClassVar = {name: name for name in ("fan_in", "fan_out", "fan_avg")}
    _DISTRIBUTIONS: ClassVar = {
        "truncated_normal": "truncated_normal",
        "untruncated_normal": "untruncated_normal",
        "uniform": "uniform",
        "normal": "truncated_normal",
    }

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        owner = "VarianceScaling"
        self.scale = real(scale, "scale", owner, low=0.0)
        if self.scale == 0.0:
            raise ArgumentError(
                f"{owner}: scale must be greater than 0, received {scale!r}. Use 'zeros'."
            )
        self.mode = look_up(self._MODES, mode, kind="mode", owner=owner)
        self.distribution = look_up(
            self._DISTRIBUTIONS, distribution, kind="distribution", owner=owner
        )
        super().__init__(seed)


class GlorotUniform(_Scaled):
    """Limit sqrt(6 / (fan_in + fan_out)): Keras's choice for every kernel.

    >>> round(GlorotUniform().limit((3, 3, 1, 64)), 7)
    0.1012739
    """

    scale, mode, distribution = 1.0, "fan_avg", "uniform"


class GlorotNormal(_Scaled):
    """Variance 2 / (fan_in + fan_out), normal within two deviations.

    >>> round(float(GlorotNormal(seed=1)((100, 100)).std()), 2)
    0.1
    """

    scale, mode, distribution = 1.0, "fan_avg", "truncated_normal"


class HeUniform(_Scaled):
    """Limit sqrt(6 / fan_in), made for ReLU.

    >>> HeUniform(seed=1).limit((600, 10))
    0.1
    """

    scale, mode, distribution = 2.0, "fan_in", "uniform"


class HeNormal(_Scaled):
    """Variance 2 / fan_in, normal within two deviations; made for ReLU.

    >>> round(float(HeNormal(seed=1)((200, 100)).std()), 2)
    0.1
    """

    scale, mode, distribution = 2.0, "fan_in", "truncated_normal"


class LecunUniform(_Scaled):
    """Limit sqrt(3 / fan_in), made for SELU.

    >>> LecunUniform(seed=1).limit((300, 10))
    0.1
    """

    scale, mode, distribution = 1.0, "fan_in", "uniform"


class LecunNormal(_Scaled):
    """Variance 1 / fan_in, normal within two deviations; made for SELU.

    >>> round(float(LecunNormal(seed=1)((100, 100)).std()), 2)
    0.1
    """

    scale, mode, distribution = 1.0, "fan_in", "truncated_normal"
