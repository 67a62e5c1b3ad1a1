"""Gradient descent, and Lion, which takes of a gradient its sign."""

from __future__ import annotations

from typing import Unpack

from galago.checks import flag, real
from galago.optimizers.base import BELOW_ONE, Optimizer, OptimizerOptions
from galago.optimizers.schedules import LearningRateSchedule


class SGD(Optimizer):
    """Gradient descent: w += v, with v = momentum * v - lr * gradient.

    Arguments:
        learning_rate: a number or a schedule, lr above
        momentum: how much of v stays in a step, from 0 to 1
        nesterov: whether the step looks ahead: w += momentum * v - lr * gradient
    Raises ArgumentError.

    >>> SGD(0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False)
    """

    kind = "sgd"

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = real(momentum, "momentum", "SGD", low=0.0, high=1.0)
        self.nesterov = flag(nesterov, "nesterov", "SGD")

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return the momentum, if there is one."""
        return (("momentum",),) if self.momentum else ()


class Lion(Optimizer):
    """Steps of one size: w -= lr * sign(beta_1 * m + (1 - beta_1) * gradient).

    After it m = beta_2 * m + (1 - beta_2) * gradient.

    Arguments:
        learning_rate: a number or a schedule, lr above; commonly three to ten times smaller than
            Adam's
        beta_1, beta_2: how much of m counts, and how much of it stays, from 0 to less than 1
    Raises ArgumentError.

    Source: Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023.

    >>> Lion(1e-4)
    Lion(learning_rate=0.0001, beta_1=0.9, beta_2=0.99)
    """

    kind = "lion"

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        # With 0 it would be the sign of the gradient alone, which Keras refuses too.
        self.beta_1 = real(beta_1, "beta_1", "Lion", low=1.0 - BELOW_ONE, high=1.0)
        self.beta_2 = real(beta_2, "beta_2", "Lion", low=0.0, high=BELOW_ONE)

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return the momentum."""
        return (("momentum",),)
