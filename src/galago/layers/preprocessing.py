"""Layers that bring inputs to a common scale and learn nothing by gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from galago import initializers
from galago.checks import real
from galago.errors import DataError
from galago.graph import Attribute, GraphBuilder
from galago.layers.base import Layer, LayerOptions, WeightSpec
from galago.layers.normalization import require_last_axis
from galago.layers.reshaping import reshape
from galago.shapes import Shape

#: Keras divides by the deviation, but by no less than 1e-7: a root of this where a variance is 0.
_LEAST_VARIANCE = 1e-14


class Rescaling(Layer):
    """x * scale + offset.

    Arguments:
        scale, offset: two numbers, such as 1 / 255 and 0 for pixels from 0 to 1
    Raises ArgumentError.

    >>> Rescaling(1 / 255).compute_output_shape((None, 28, 28, 1))
    (None, 28, 28, 1)
    """

    needs_build = False

    def __init__(self, scale: float, offset: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.scale = real(scale, "scale", self.label)
        self.offset = real(offset, "offset", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return shape

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation."""
        return builder.add(
            "activation",
            self.name,
            (source,),
            shape,
            {"kind": "rescale", "alpha": self.scale, "beta": self.offset},
        )


class Normalization(Layer):
    """(x - mean) / sqrt(variance), with the mean and variance of some data.

    `adapt(data)` takes them from data. Where a variance is 0, values are divided by 1e-7.
    Arguments: the axis that has a mean and variance for each of its places: the last one, the
    channels, or None for one mean and variance of all values. Raises ArgumentError and, at the
    input, ShapeError.

    >>> import numpy as np
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 10.0]]))
    >>> [weight.tolist() for weight in layer.get_weights()]
    [[2.0, 10.0], [1.0, 0.0], 0.0]
    """

    def __init__(self, axis: int | None = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if isinstance(axis, (list, tuple)) and len(axis) < 2:  # as Keras's files have it
            axis = axis[0] if axis else None
        self.axis = axis

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        if self.axis is not None:
            require_last_axis(self, self.axis, len(shape))
        return shape

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return mean and variance, and a count that older versions of Keras kept."""
        own = () if self.axis is None else shape[-1:]
        zeros, ones = initializers.get("zeros"), initializers.get("ones")
        yield WeightSpec("mean", own, zeros, trainable=False)
        yield WeightSpec("variance", own, ones, trainable=False)
        yield WeightSpec("count", (), zeros, trainable=False)

    def adapt(self, data: npt.ArrayLike) -> None:
        """Take mean and variance from data, examples with the batch axis in front.

        The layer is built if it is not. Raises DataError and ShapeError.
        """
        try:
            examples = np.asarray(data)
            finite = bool(examples.size) and bool(np.isfinite(examples).all())
        except (TypeError, ValueError):
            finite = False
        if not finite or examples.ndim < 2:
            raise DataError(
                f"{self.label}: adapt() expected an array of finite numbers, the examples in a "
                f"row, received {_described(data)}. Pass for example x_train."
            )
        self.build((None, *examples.shape[1:]))
        axes = tuple(range(examples.ndim - (self.axis is not None)))
        self.weights[0].assign(examples.mean(axis=axes, dtype=np.float64))
        self.weights[1].assign(examples.var(axis=axes, dtype=np.float64))

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append a batch norm that only applies its statistics."""
        attributes: dict[str, Attribute] = {
            "momentum": 1.0,
            "epsilon": _LEAST_VARIANCE,
            "scale": 0,
            "center": 0,
            "inference": 1,
        }
        flat = shape if self.axis is not None else (1, math.prod(shape), 1)
        source = reshape(builder, self.name, source, shape, flat)
        normed = builder.add("batch_norm", self.name, (source,), flat, attributes, self.weights[:2])
        return reshape(builder, self.name, normed, flat, shape)


def _described(data: Any) -> str:
    """What was given instead of examples."""
    shape, kind = getattr(data, "shape", None), getattr(data, "dtype", None)
    return repr(data) if shape is None else f"{kind} of shape {shape}"
