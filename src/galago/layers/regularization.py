"""Layers that hold a network back in training, so that it generalizes."""

from __future__ import annotations

from typing import Unpack

from galago import random
from galago.checks import MOST_SEED, real, whole
from galago.errors import ArgumentError
from galago.graph import Attribute, GraphBuilder
from galago.layers.base import Layer, LayerOptions, image_sizes
from galago.layers.sequences import sequence_sizes
from galago.regularizers import L1L2
from galago.shapes import Shape

#: From the seed of one call to that of the next: 2**64 over the golden ratio, far from all others.
_NEXT_CALL = 0x9E3779B97F4A7C15


class RandomLayer(Layer):
    """Base of layers that draw numbers in training and pass everything on outside of it.

    What is drawn depends on the seed, the step, the place in the batch and the element alone, so it
    is the same on any number of threads.

    Arguments:
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError.
    """

    needs_build = False

    def __init__(self, seed: int | None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.seed = (
            None if seed is None else whole(seed, "seed", self.label, minimum=0, maximum=MOST_SEED)
        )
        self._drawn: int | None = None

    @property
    def drawn_seed(self) -> int | None:
        """The seed that was made from `set_seed`, None before, or if the user gave one."""
        return self._drawn

    def keep_seed(self, seed: int | None) -> None:
        """Draw what an equal layer with this drawn_seed draws."""
        self._drawn = seed

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return shape

    def engine_seed(self, builder: GraphBuilder) -> int:
        """Return the seed for the engine, whose keys have 64 bits, in the graph of a builder.

        Called again, the layer has another.
        """
        seed = self.seed
        if seed is None:
            if self._drawn is None:
                draw = random.next_draw(random.DROPOUT)
                self._drawn = int(random.bits(1, random.DROPOUT, draw)[0])
            seed = self._drawn
        return (seed + builder.uses(self.name) * _NEXT_CALL) % 2**64


class Dropout(RandomLayer):
    """Sets each value to 0 with probability `rate` and divides the others by 1 - rate.

    Only in training; evaluate and predict pass everything on. Which values fall out depends on the
    seed, the step, the place in the batch and the element alone, so it is the same on any number
    of threads.

    Arguments:
        rate: from 0 to less than 1
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError.

    Source: Srivastava et al., JMLR 15, 2014.

    >>> Dropout(0.5).compute_output_shape((None, 128))
    (None, 128)
    """

    def __init__(
        self, rate: float, seed: int | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(seed, **options)
        self.rate = real(rate, "rate", self.label, low=0.0, high=1.0)
        if self.rate == 1.0:
            raise ArgumentError(
                f"{self.label}: rate must be less than 1, at which nothing would be left, "
                f"received {rate!r}. Pass for example rate=0.5."
            )

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; a rate of 0 needs none."""
        return self.drop(builder, source, shape, {})

    def drop(
        self, builder: GraphBuilder, source: int, shape: Shape, more: dict[str, Attribute]
    ) -> int:
        """Append the operation with more attributes: lower(builder, source, shape) with them."""
        if self.rate == 0.0:
            return source
        attributes = {"rate": self.rate, "seed": self.engine_seed(builder), **more}
        return builder.add("dropout", self.name, (source,), shape, attributes)


class _SpatialDropout(Dropout):
    """Base of dropouts of whole channels."""

    takes_activity_regularizer = False  # nor does it in Keras

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; a rate of 0 needs none."""
        return self.drop(builder, source, shape, {"spatial": 1})


class SpatialDropout1D(_SpatialDropout):
    """Sets whole channels of a sequence to 0 with probability `rate`.

    Neighbouring steps are much alike; dropping them one by one takes little away.

    Arguments:
        rate, seed: those of Dropout
    Raises ArgumentError and, at the input, ShapeError.

    Source: Tompson et al., CVPR 2015.

    >>> SpatialDropout1D(0.5).compute_output_shape((None, 100, 64))
    (None, 100, 64)
    """

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return sequence_sizes(self, shape)


class SpatialDropout2D(_SpatialDropout):
    """Sets whole channels of an image to 0 with probability `rate`.

    Neighbouring pixels are much alike; dropping them one by one takes little away.

    Arguments:
        rate, seed: those of Dropout
    Raises ArgumentError and, at the input, ShapeError.

    Source: Tompson et al., CVPR 2015.

    >>> SpatialDropout2D(0.5).compute_output_shape((None, 8, 8, 64))
    (None, 8, 8, 64)
    """

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return image_sizes(self, shape)


class GaussianNoise(RandomLayer):
    """Adds normal numbers with mean 0 and standard deviation `stddev`.

    Only in training; evaluate and predict pass everything on.

    Arguments:
        stddev: from 0 to 1
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError.

    >>> GaussianNoise(0.1).compute_output_shape((None, 28, 28, 1))
    (None, 28, 28, 1)
    """

    def __init__(
        self, stddev: float, seed: int | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(seed, **options)
        self.stddev = real(stddev, "stddev", self.label, low=0.0, high=1.0)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; a deviation of 0 needs none."""
        if self.stddev == 0.0:
            return source
        attributes = {"deviation": self.stddev, "seed": self.engine_seed(builder)}
        return builder.add("gaussian_noise", self.name, (source,), shape, attributes)


class ActivityRegularization(Layer):
    """Passes everything on and adds l1 * sum(|x|) + l2 * sum(x^2) to the loss.

    The sums are over all values of an example, their mean over the batch, as with
    `activity_regularizer=` of any other layer. Raises ArgumentError.

    >>> ActivityRegularization(l2=0.01).compute_output_shape((None, 128))
    (None, 128)
    """

    needs_build = False
    takes_activity_regularizer = False  # it has one already

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.activity_regularizer = L1L2(l1, l2)
        self.l1, self.l2 = self.activity_regularizer.l1, self.activity_regularizer.l2

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return shape

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append nothing besides the penalty."""
        return source
