"""Optimizers: what to tell the engine about the update, and the learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from galago.checks import flag, real
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.registry import look_up

#: Largest number below 1 that is a sensible share: 1 - 2**-24.
_BELOW_ONE = 1.0 - 2.0**-24


class Optimizer(Configurable):
    """Base. The learning rate is a plain number and may change between any two steps."""

    kind: ClassVar[str]
    #: Arrays of moments kept for each weight.
    slots: int

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> float:
        """Step size. Setting it takes effect at the next step; raises ArgumentError."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = real(value, "learning_rate", type(self).__name__, low=0.0)

    def settings(self) -> dict[str, float]:
        """Return the engine's settings: all arguments but the learning rate, as numbers."""
        names = (name for name in self.argument_names() if name != "learning_rate")
        return {name: float(getattr(self, name)) for name in names}


class Adam(Optimizer):
    """Adam with Keras's defaults; epsilon stands outside the root ("epsilon hat").

    w -= m * lr * sqrt(1 - beta_2^t) / (1 - beta_1^t) / (sqrt(v) + epsilon)

    Source: Kingma and Ba, ICLR 2015, the formula before section 2.1. Raises ArgumentError.

    >>> Adam(learning_rate=1e-4)
    Adam(learning_rate=0.0001, beta_1=0.9, beta_2=0.999, epsilon=1e-07)
    """

    kind = "adam"
    slots = 2

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
    ) -> None:
        super().__init__(learning_rate)
        self.beta_1 = real(beta_1, "beta_1", "Adam", low=0.0, high=_BELOW_ONE)
        self.beta_2 = real(beta_2, "beta_2", "Adam", low=0.0, high=_BELOW_ONE)
        self.epsilon = real(epsilon, "epsilon", "Adam", low=0.0)


class SGD(Optimizer):
    """Gradient descent: w += v, with v = momentum * v - lr * gradient.

    With nesterov=True the step looks ahead: w += momentum * v - lr * gradient. Raises
    ArgumentError.

    >>> SGD(0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False)
    """

    kind = "sgd"

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False
    ) -> None:
        super().__init__(learning_rate)
        self.momentum = real(momentum, "momentum", "SGD", low=0.0, high=1.0)
        self.nesterov = flag(nesterov, "nesterov", "SGD")
        self.slots = 1 if self.momentum else 0


_CLASSES: Mapping[str, type[Adam] | type[SGD]] = {"adam": Adam, "sgd": SGD}
#: Every optimizer by its class name: what a stored configuration may name.
OPTIMIZERS: Mapping[str, type[Optimizer]] = {known.__name__: known for known in _CLASSES.values()}


def get(identifier: Any) -> Optimizer:
    """Return an optimizer from its name or itself. Raises UnknownNameError or ArgumentError.

    >>> get("adam").learning_rate
    0.001
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        raise ArgumentError(
            f"compile(): expected an optimizer, received the class {identifier.__name__}. "
            f"Add parentheses: optimizer={identifier.__name__}()."
        )
    name = identifier.lower() if isinstance(identifier, str) else identifier
    return look_up(_CLASSES, name, kind="optimizer", owner="compile()")()
