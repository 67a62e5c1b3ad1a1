"""Optimizers that divide each gradient by the size of its like before."""

from __future__ import annotations

from typing import Unpack

from galago.checks import flag, real
from galago.optimizers.base import BELOW_ONE, Optimizer, OptimizerOptions
from galago.optimizers.schedules import LearningRateSchedule


class RMSprop(Optimizer):
    """w -= lr * gradient / sqrt(v + epsilon), with v = rho * v + (1 - rho) * gradient^2.

    Arguments:
        learning_rate: a number or a schedule, lr above
        rho: how much of v stays in a step, from 0 to less than 1
        momentum: with one, m = momentum * m + that step, and w -= m
        epsilon: a little more than 0
        centered: whether the moving variance of gradients takes the place of their moving square
    Raises ArgumentError.

    Source: Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012.

    >>> RMSprop(rho=0.95)
    RMSprop(learning_rate=0.001, rho=0.95, momentum=0.0, epsilon=1e-07, centered=False)
    """

    kind = "rmsprop"

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = real(rho, "rho", "RMSprop", low=0.0, high=BELOW_ONE)
        self.momentum = real(momentum, "momentum", "RMSprop", low=0.0, high=1.0)
        self.epsilon = real(epsilon, "epsilon", "RMSprop", low=0.0)
        self.centered = flag(centered, "centered", "RMSprop")

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return v, the momentum if there is one, and the mean gradient of the centered form."""
        known = (("velocity",),)
        momentum = (("momentum",),) if self.momentum else ()
        return (*known, *momentum, *((("average_gradient",),) if self.centered else ()))


class Adagrad(Optimizer):
    """w -= lr * gradient / sqrt(v + epsilon), with v the sum of all squared gradients so far.

    Arguments:
        learning_rate: a number or a schedule, lr above
        initial_accumulator_value: what v starts with
        epsilon: a little more than 0
    Raises ArgumentError.

    Source: Duchi et al., JMLR 2011.

    >>> Adagrad(0.01)
    Adagrad(learning_rate=0.01, initial_accumulator_value=0.1, epsilon=1e-07)
    """

    kind = "adagrad"

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = real(
            initial_accumulator_value, "initial_accumulator_value", "Adagrad", low=0.0
        )
        self.epsilon = real(epsilon, "epsilon", "Adagrad", low=0.0)

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return v."""
        return (("accumulator",),)


class Adadelta(Optimizer):
    """w -= lr * s, with s = gradient * sqrt(d + epsilon) / sqrt(v + epsilon).

    v and d are moving means of gradient^2 and s^2.

    Arguments:
        learning_rate: a number or a schedule, lr above; that of its authors is 1.0
        rho: how much of v and d stays in a step, from 0 to less than 1
        epsilon: a little more than 0
    Raises ArgumentError.

    Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012.

    >>> Adadelta(1.0)
    Adadelta(learning_rate=1.0, rho=0.95, epsilon=1e-07)
    """

    kind = "adadelta"

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = real(rho, "rho", "Adadelta", low=0.0, high=BELOW_ONE)
        self.epsilon = real(epsilon, "epsilon", "Adadelta", low=0.0)

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return v and d."""
        return (("accumulated_grad", "accumulated_delta_var"),)
