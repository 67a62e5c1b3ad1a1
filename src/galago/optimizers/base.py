"""What every optimizer is: its arguments, its learning rate, and what it keeps for each weight."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, TypedDict, Unpack

from galago.checks import flag, real, whole
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.naming import auto_name
from galago.optimizers import schedules
from galago.optimizers.schedules import LearningRateSchedule
from galago.registry import nearest
from galago.variables import Variable

#: Largest number below 1 that is a sensible share: 1 - 2**-24.
BELOW_ONE = 1.0 - 2.0**-24


class SharedOptions(TypedDict, total=False):
    """Arguments that every optimizer takes besides its own."""

    clipnorm: float | None  # the largest norm of each weight's gradient
    clipvalue: float | None  # the largest element of a gradient
    global_clipnorm: float | None  # the largest norm of all gradients together
    use_ema: bool  # keep a moving average of the weights, which fit() puts in their place
    ema_momentum: float  # average = ema_momentum * average + (1 - ema_momentum) * weight
    ema_overwrite_frequency: int | None  # steps after which weights become their average
    name: str | None  # made up from the class when None: "adam", "adam_1"


class OptimizerOptions(SharedOptions, total=False):
    """The same and weight decay, which AdamW has among its own."""

    weight_decay: float | None  # times the learning rate: what weights lose in a step


_DEFAULTS: Mapping[str, Any] = {
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "name": None,
}


class Optimizer(Configurable):
    """Base. A step clips the gradient, decays weights, follows the optimizer's own rule, averages.

    Arguments:
        learning_rate: a number, which may be changed between any two steps, or a schedule
        clipnorm, clipvalue, global_clipnorm: the largest norm of each weight's gradient, its
            largest element, or the largest norm of all gradients together; one of the three
        weight_decay: before its rule, w -= learning_rate * weight_decay * w
        use_ema: whether a moving average of the weights is kept; fit() ends with it in their place
        ema_momentum: average = ema_momentum * average + (1 - ema_momentum) * w
        ema_overwrite_frequency: steps after which weights become their average, None for never
        name: made up from the class if None: "adam", "adam_1"
    Raises ArgumentError.

    >>> from galago.optimizers import SGD
    >>> optimizer = SGD(0.1, clipnorm=1.0)
    >>> optimizer.learning_rate = 0.01
    >>> optimizer
    SGD(learning_rate=0.01, momentum=0.0, nesterov=False, clipnorm=1.0)
    """

    #: The engine's name.
    kind: ClassVar[str]
    #: Whether a product of momenta is kept too.
    has_product: ClassVar[bool] = False

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        owner = type(self).__name__
        unknown = next((name for name in options if name not in _DEFAULTS), None)
        if unknown is not None:
            names = self.argument_names()
            raise ArgumentError(
                f"{owner}: expected its known arguments, received {unknown!r}."
                f"{nearest(unknown, names)} Known: {', '.join(names)}."
            )
        #: Train steps of the model that it was last compiled into.
        self.iterations = 0
        self._learning_rate = _checked_rate(learning_rate, owner)
        self.weight_decay = _limit(options.get("weight_decay"), "weight_decay", owner)
        self.clipnorm = _limit(options.get("clipnorm"), "clipnorm", owner)
        self.clipvalue = _limit(options.get("clipvalue"), "clipvalue", owner)
        self.global_clipnorm = _limit(options.get("global_clipnorm"), "global_clipnorm", owner)
        clips = ("clipnorm", "clipvalue", "global_clipnorm")
        given = [name for name in clips if getattr(self, name) is not None]
        if len(given) > 1:
            raise ArgumentError(
                f"{owner}: expected one of clipnorm, clipvalue and global_clipnorm, received "
                f"{' and '.join(given)}. Leave the others out."
            )
        self.use_ema = flag(options.get("use_ema", False), "use_ema", owner)
        momentum = options.get("ema_momentum", _DEFAULTS["ema_momentum"])
        self.ema_momentum = real(momentum, "ema_momentum", owner, low=0.0, high=1.0)
        often = options.get("ema_overwrite_frequency")
        self.ema_overwrite_frequency = (
            None if often is None else whole(often, "ema_overwrite_frequency", owner)
        )
        name = options.get("name")
        self.name: str = auto_name(owner) if name is None else name
        if not isinstance(self.name, str) or not self.name:
            raise ArgumentError(
                f"{owner}: name must be text, received {name!r}. Give another name or leave it out."
            )
        self._undecayed: tuple[Variable, ...] = ()
        self._undecayed_names: re.Pattern[str] | None = None

    @classmethod
    def argument_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's arguments, shared ones last."""
        own = super().argument_names()
        return (*own, *(name for name in _DEFAULTS if name not in own))

    @property
    def learning_rate(self) -> float:
        """Step size, of the next step where a schedule says it.

        Setting it takes effect at the next step; raises ArgumentError. A number cannot take the
        place of a schedule, as in Keras.
        """
        if isinstance(self._learning_rate, LearningRateSchedule):
            return self.learning_rates(self.iterations, 1)[0]
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | LearningRateSchedule) -> None:
        owner = type(self).__name__
        checked = _checked_rate(value, owner)
        if self.scheduled and not isinstance(checked, LearningRateSchedule):
            raise ArgumentError(
                f"{owner}: the learning rate follows {self._learning_rate!r}, received {value!r}. "
                "Make the optimizer with a number, or set another schedule."
            )
        self._learning_rate = checked

    @property
    def scheduled(self) -> bool:
        """Whether a schedule says the learning rate."""
        return isinstance(self._learning_rate, LearningRateSchedule)

    def learning_rates(self, first: int, count: int) -> list[float]:
        """Return the rates of steps first to first + count - 1. Raises ArgumentError.

        >>> from galago.optimizers import SGD, schedules
        >>> SGD(schedules.InverseTimeDecay(0.5, 1, 1.0)).learning_rates(0, 3)
        [0.5, 0.25, 0.16666666666666666]
        """
        schedule = self._learning_rate
        if not isinstance(schedule, LearningRateSchedule):
            return [schedule] * count
        owner = f"{type(schedule).__name__} at step"
        return [
            real(schedule(step), "the learning rate", f"{owner} {step}", low=0.0)
            for step in range(first, first + count)
        ]

    def exclude_from_weight_decay(
        self,
        var_list: Sequence[Variable] | None = None,
        var_names: Sequence[str] | None = None,
    ) -> None:
        """Leave weights out of weight_decay, before the first step.

        Arguments:
            var_list: variables, such as layer.bias
            var_names: patterns, one of which is found in the last part of a variable's path
        Raises ArgumentError for a pattern that is none.

        >>> from galago.optimizers import AdamW
        >>> AdamW().exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        """
        owner = f"{type(self).__name__}.exclude_from_weight_decay()"
        self._undecayed = tuple(var_list or ())
        try:
            self._undecayed_names = re.compile("|".join(var_names)) if var_names else None
        except (re.error, TypeError) as error:
            raise ArgumentError(
                f"{owner}: var_names must be patterns, received {var_names!r} ({error}). "
                "Write them as text, such as ['bias']."
            ) from None

    def decays(self, variable: Variable) -> bool:
        """Return whether weight_decay is for a variable."""
        if any(variable is other for other in self._undecayed):
            return False
        name, pattern = variable.path.rpartition("/")[2], self._undecayed_names
        return pattern is None or pattern.search(name) is None

    def settings(self) -> dict[str, float]:
        """Return the engine's settings: all arguments but the learning rate, as numbers."""
        left_out = {"learning_rate", "name"}
        if not self.use_ema:
            left_out |= {"use_ema", "ema_momentum", "ema_overwrite_frequency"}
        return {
            name: float(value)
            for name, value in self.arguments().items()
            if name not in left_out and value is not None
        }

    def moments(self) -> tuple[tuple[str, ...], ...]:
        """Return the names of the numbers kept for each weight, in the engine's order.

        Keras's files hold those of one group side by side, weight after weight, then the next
        group's.
        """
        raise NotImplementedError

    @property
    def slots(self) -> int:
        """How many numbers are kept for each weight."""
        return sum(map(len, self.moments())) + self.use_ema

    def stored_moments(self) -> list[list[int]]:
        """Return the groups in the order of Keras's files: numbers of the engine's moments."""
        counts, groups, first = [len(group) for group in self.moments()], [], 0
        for count in counts:
            groups.append(list(range(first, first + count)))
            first += count
        return [[first], *groups] if self.use_ema else groups  # the engine's last one

    def arguments(self) -> dict[str, Any]:
        """Return the constructor's arguments as they are."""
        names = (name for name in self.argument_names() if name != "learning_rate")
        return {
            "learning_rate": self._learning_rate,
            **{name: getattr(self, name) for name in names},
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make an optimizer from a config, what get_config() returned."""
        rate = config.get("learning_rate")
        if isinstance(rate, Mapping):
            config = {**config, "learning_rate": schedules.get(rate)}
        return cls(**config)

    def __repr__(self) -> str:
        shown = {key: value for key, value in self.arguments().items() if key != "name"}
        arguments = ", ".join(
            f"{key}={value!r}"
            for key, value in shown.items()
            if key not in _DEFAULTS or value != _DEFAULTS[key]
        )
        return f"{type(self).__name__}({arguments})"


def _checked_rate(value: Any, owner: str) -> float | LearningRateSchedule:
    if isinstance(value, LearningRateSchedule):
        return value
    return real(value, "learning_rate", owner, low=0.0)


def _limit(value: Any, name: str, owner: str) -> float | None:
    return None if value is None else real(value, name, owner, low=0.0)
