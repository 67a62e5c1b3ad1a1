"""Learning rates that change from step to step.

A schedule is called with the number of steps done so far, 0 at the first, and returns the rate of
the next one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from galago.checks import flag, real, whole
from galago.configurable import Configurable
from galago.elementary import cos_pi, power
from galago.errors import ArgumentError
from galago.registry import look_up

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "get",
]


class LearningRateSchedule(Configurable):
    """Base: subclasses say `__call__`. Those that are Galago's go into files, others do not.

    All of Galago's have a name, which nothing depends on.

    >>> class Halved(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.1 if step < 100 else 0.05
    >>> from galago.optimizers import SGD
    >>> SGD(Halved()).learning_rate
    0.1
    """

    def __call__(self, step: int) -> float:
        """Return the learning rate after `step` steps."""
        raise NotImplementedError(f"{type(self).__name__} must say __call__(self, step).")


class _Decay(LearningRateSchedule):
    """Base: starts with a rate, and says after how many steps something is over."""

    def __init__(self, initial_learning_rate: float, decay_steps: int, name: str) -> None:
        owner = type(self).__name__
        self.initial_learning_rate = real(
            initial_learning_rate, "initial_learning_rate", owner, low=0.0
        )
        self.decay_steps = whole(decay_steps, "decay_steps", owner)
        self.name = name


class ExponentialDecay(_Decay):
    """initial_learning_rate * decay_rate^(step / decay_steps).

    With staircase=True the exponent is a whole number. Raises ArgumentError.

    >>> ExponentialDecay(0.1, decay_steps=100, decay_rate=0.5)(200)
    0.025
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        self.decay_rate = real(decay_rate, "decay_rate", "ExponentialDecay", low=0.0)
        self.staircase = flag(staircase, "staircase", "ExponentialDecay")

    def __call__(self, step: int) -> float:
        """Return the learning rate after `step` steps."""
        exponent = step // self.decay_steps if self.staircase else step / self.decay_steps
        return self.initial_learning_rate * power(self.decay_rate, float(exponent))


class InverseTimeDecay(_Decay):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps).

    With staircase=True step / decay_steps is a whole number. Raises ArgumentError.

    >>> InverseTimeDecay(0.1, decay_steps=100, decay_rate=1.0)(100)
    0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        self.decay_rate = real(decay_rate, "decay_rate", "InverseTimeDecay", low=0.0)
        self.staircase = flag(staircase, "staircase", "InverseTimeDecay")

    def __call__(self, step: int) -> float:
        """Return the learning rate after `step` steps."""
        times = step // self.decay_steps if self.staircase else step / self.decay_steps
        return self.initial_learning_rate / (1.0 + self.decay_rate * times)


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to step boundaries[0], then values[1] up to boundaries[1], and so on.

    There is a value more than there are boundaries, which ascend. Raises ArgumentError.

    >>> schedule = PiecewiseConstantDecay([100, 200], [0.1, 0.01, 0.001])
    >>> schedule(100), schedule(101), schedule(201)
    (0.1, 0.01, 0.001)
    """

    def __init__(
        self,
        boundaries: Sequence[int],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        owner = "PiecewiseConstantDecay"
        lists = isinstance(boundaries, Sequence) and isinstance(values, Sequence)
        if not lists or not boundaries or len(values) != len(boundaries) + 1:
            raise ArgumentError(
                f"{owner}: expected boundaries, and a value more than there are of them, received "
                f"boundaries={boundaries!r} and values={values!r}. Write for example "
                "boundaries=[100], values=[0.1, 0.01]."
            )
        self.boundaries = [whole(step, "boundaries", owner, minimum=0) for step in boundaries]
        if any(b <= a for a, b in zip(self.boundaries, self.boundaries[1:], strict=False)):
            raise ArgumentError(
                f"{owner}: expected boundaries that ascend, received {self.boundaries}. Sort them."
            )
        self.values = [real(value, "values", owner, low=0.0) for value in values]
        self.name = name

    def __call__(self, step: int) -> float:
        """Return the learning rate after `step` steps."""
        return self.values[sum(step > boundary for boundary in self.boundaries)]


class PolynomialDecay(_Decay):
    """From initial_learning_rate to end_learning_rate in decay_steps, along (1 - step share)^power.

    After that it stays, or with cycle=True starts again with two, three ... times decay_steps.
    Raises ArgumentError.

    >>> PolynomialDecay(0.5, decay_steps=100, end_learning_rate=0.25)(50)
    0.375
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        owner = "PolynomialDecay"
        self.end_learning_rate = real(end_learning_rate, "end_learning_rate", owner, low=0.0)
        self.power = real(power, "power", owner, low=0.0)
        self.cycle = flag(cycle, "cycle", owner)

    def __call__(self, step: int) -> float:
        """Return the learning rate after `step` steps."""
        steps = self.decay_steps
        if self.cycle:
            steps *= max(1, -(-step // steps))
        left = 1.0 - min(step, steps) / steps
        fall = self.initial_learning_rate - self.end_learning_rate
        return fall * power(left, self.power) + self.end_learning_rate


class CosineDecay(_Decay):
    """Half a cosine from initial_learning_rate to its part `alpha`, in decay_steps.

    With a warmup_target the rate first rises to it in a line, in warmup_steps, and then falls
    from there. Raises ArgumentError.

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017.

    >>> CosineDecay(0.5, decay_steps=100)(50)
    0.25
    >>> CosineDecay(0.0, 100, warmup_target=0.5, warmup_steps=10)(5)
    0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, name)
        owner = "CosineDecay"
        self.alpha = real(alpha, "alpha", owner, low=0.0)
        self.warmup_target = (
            None if warmup_target is None else real(warmup_target, "warmup_target", owner, low=0.0)
        )
        self.warmup_steps = whole(warmup_steps, "warmup_steps", owner, minimum=0)

    def __call__(self, step: int) -> float:
        """Return the learning rate after `step` steps."""
        highest = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                rise = self.warmup_target - highest
                return rise * (step / self.warmup_steps) + highest
            highest, step = self.warmup_target, step - self.warmup_steps
        share = min(step, self.decay_steps) / self.decay_steps
        return highest * _fallen(share, self.alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """Cosines one after the other, each t_mul times as long and m_mul times as high.

    The first takes first_decay_steps; `alpha` is the part of initial_learning_rate that none
    falls below. Raises ArgumentError.

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017.

    >>> schedule = CosineDecayRestarts(0.5, first_decay_steps=100)
    >>> schedule(50), schedule(100), schedule(200)
    (0.25, 0.5, 0.25)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        owner = "CosineDecayRestarts"
        self.initial_learning_rate = real(
            initial_learning_rate, "initial_learning_rate", owner, low=0.0
        )
        self.first_decay_steps = whole(first_decay_steps, "first_decay_steps", owner)
        self.t_mul = real(t_mul, "t_mul", owner, low=1.0)
        self.m_mul = real(m_mul, "m_mul", owner, low=0.0)
        self.alpha = real(alpha, "alpha", owner, low=0.0)
        self.name = name

    def __call__(self, step: int) -> float:
        """Return the learning rate after `step` steps."""
        left, height = step / self.first_decay_steps, 1.0
        if self.t_mul == 1.0:
            done = math.floor(left)
            left, height = left - done, power(self.m_mul, float(done))
        length = 1.0
        while left >= length:
            left, length, height = left - length, length * self.t_mul, height * self.m_mul
        return self.initial_learning_rate * _fallen(left / length, self.alpha, height)


def _fallen(share: float, alpha: float, height: float = 1.0) -> float:
    """What is left of a rate after a share of a cosine's steps."""
    cosine = 0.5 * height * (1.0 + cos_pi(share))
    return (1.0 - alpha) * cosine + alpha


#: Every schedule by its class name: what a stored configuration may name.
SCHEDULES: Mapping[str, type[LearningRateSchedule]] = {
    known.__name__: known
    for known in (
        ExponentialDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
        InverseTimeDecay,
        CosineDecay,
        CosineDecayRestarts,
    )
}


def get(identifier: Any) -> LearningRateSchedule:
    """Return a schedule from an identifier: its stored configuration, or itself.

    Raises UnknownNameError.

    >>> schedule = get({"class_name": "PolynomialDecay", "config": {"decay_steps": 9,
    ...     "initial_learning_rate": 1.0}})
    >>> schedule(0), schedule(9)
    (1.0, 0.0001)
    """
    if isinstance(identifier, LearningRateSchedule):
        return identifier
    stored = identifier if isinstance(identifier, Mapping) else {"class_name": identifier}
    name = stored.get("class_name")
    found = look_up(SCHEDULES, name, kind="learning rate schedule", owner="learning_rate")
    return found.from_config(stored.get("config", {}))
