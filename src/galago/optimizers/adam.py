"""Adam and its kin: steps of a moving mean over the root of a moving square."""

from __future__ import annotations

from typing import Unpack

from galago.checks import flag, real
from galago.errors import ArgumentError
from galago.optimizers.base import BELOW_ONE, Optimizer, OptimizerOptions, SharedOptions
from galago.optimizers.schedules import LearningRateSchedule


class _Moments(Optimizer):
    """Base: beta_1 is kept of the mean of gradients in a step, beta_2 of that of their size."""

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        owner = type(self).__name__
        self.beta_1 = real(beta_1, "beta_1", owner, low=0.0, high=BELOW_ONE)
        self.beta_2 = real(beta_2, "beta_2", owner, low=0.0, high=BELOW_ONE)
        self.epsilon = real(epsilon, "epsilon", owner, low=0.0)


class Adam(_Moments):
    """Steps of a moving mean of gradients, over the root of that of their squares.

        w -= m * lr * sqrt(1 - beta_2^t) / (1 - beta_1^t) / (sqrt(v) + epsilon)

    Arguments:
        learning_rate: a number or a schedule, lr above
        beta_1, beta_2: how much of m and v stays in a step, from 0 to less than 1
        epsilon: stands outside the root ("epsilon hat")
        amsgrad: whether the largest v so far takes the place of v
    Raises ArgumentError.

    Source: Kingma and Ba, ICLR 2015, the formula before section 2.1; Reddi et al., ICLR 2018.

    >>> Adam(learning_rate=1e-4)
    Adam(learning_rate=0.0001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False)
    """

    kind = "adam"

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad = flag(amsgrad, "amsgrad", type(self).__name__)

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return m and v, with amsgrad the largest v too."""
        pair = ("momentum", "velocity")
        return (pair, ("velocity_hat",)) if self.amsgrad else (pair,)


class AdamW(Adam):
    """Adam with weight decay, which it has from the start.

    Arguments:
        learning_rate, beta_1, beta_2, epsilon, amsgrad: those of Adam
        weight_decay: that of an Optimizer
    Raises ArgumentError.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.

    >>> AdamW(weight_decay=0.01).weight_decay
    0.01
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[SharedOptions],
    ) -> None:
        if weight_decay is None:
            raise ArgumentError(
                "AdamW: weight_decay must be a number, received None. Use Adam without one."
            )
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay=weight_decay,
            **options,
        )


class Adamax(_Moments):
    """Adam with the largest gradient, slowly forgotten, in place of the root.

        u = max(beta_2 * u, |gradient|)
        w -= m * lr / (1 - beta_1^t) / (u + epsilon)

    Arguments:
        learning_rate: a number or a schedule, lr above
        beta_1, beta_2: how much of m and u stays in a step, from 0 to less than 1
        epsilon: a little more than 0
    Raises ArgumentError.

    Source: Kingma and Ba, ICLR 2015, section 7.1.

    >>> Adamax()
    Adamax(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07)
    """

    kind = "adamax"

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return m and u."""
        return (("momentum", "norm"),)


class Nadam(_Moments):
    """Adam with Nesterov's look ahead.

    The momentum of step t is u_t = beta_1 * (1 - 0.96^t / 2), and U_t = u_1 * u_2 * ... * u_t:

        step = u_(t+1) * m / (1 - U_(t+1)) + (1 - u_t) * gradient / (1 - U_t)
        w -= lr * step / (sqrt(v / (1 - beta_2^t)) + epsilon)

    Arguments:
        learning_rate: a number or a schedule, lr above
        beta_1, beta_2: how much of m and v stays in a step, from 0 to less than 1
        epsilon: a little more than 0
    Raises ArgumentError.

    Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016.

    >>> Nadam()
    Nadam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07)
    """

    kind = "nadam"
    has_product = True

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return m and v."""
        return (("momentum", "velocity"),)
