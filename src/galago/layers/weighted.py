"""What has weights: layers, and models, which are layers of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy.typing as npt

from galago.checks import flag
from galago.errors import NotBuiltError
from galago.variables import Variable, assign_all, count


class Weighted:
    """Base of layers: their weights, and which of them are trained."""

    needs_build: ClassVar[bool]
    name: str
    _trainable: bool
    #: None before the layer has met an input.
    _weights: list[Variable] | None

    @property
    def label(self) -> str:
        """How messages call the layer: "Conv2D 'conv2d_1'"."""
        return f"{type(self).__name__} {self.name!r}"

    @property
    def trainable(self) -> bool:
        """Whether an optimizer changes the weights. Setting it counts from the next compile()."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = flag(value, "trainable", self.label)

    @property
    def built(self) -> bool:
        """Whether the layer has met its input shape."""
        return self._weights is not None or not self.needs_build

    @property
    def weights(self) -> list[Variable]:
        """All variables, empty before the layer is built."""
        return list(self._weights or ())

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that an optimizer changes: none if the layer is frozen."""
        return [variable for variable in self.weights if self.trainable and variable.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The others, such as moving means; all of a frozen layer."""
        return [
            variable for variable in self.weights if not (self.trainable and variable.trainable)
        ]

    @property
    def variables(self) -> list[Variable]:
        """The same as `weights`."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        """The same as `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The same as `non_trainable_weights`."""
        return self.non_trainable_weights

    def get_weights(self) -> list[npt.NDArray[Any]]:
        """Return copies of all weights, in Keras's layouts."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Replace all weights. Raises ShapeError when count or shapes differ."""
        assign_all(self.weights, weights, self.label)

    def count_params(self) -> int:
        """Return how many numbers the weights hold. Raises NotBuiltError."""
        if not self.built:
            raise NotBuiltError(
                f"{self.label}: expected a built layer, but its input shape is not known yet. "
                "Call layer.build(input_shape) or add the layer to a model with an input shape."
            )
        return count(self.weights)
