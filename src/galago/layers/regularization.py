"""Layers that hold a network back in training, so that it generalizes."""

from __future__ import annotations

from typing import Unpack

from galago import random
from galago.checks import real, whole
from galago.errors import ArgumentError
from galago.graph import GraphBuilder
from galago.layers.base import Layer, LayerOptions
from galago.shapes import Shape

#: From the seed of one call to that of the next: 2**64 over the golden ratio, far from all others.
_NEXT_CALL = 0x9E3779B97F4A7C15


class Dropout(Layer):
    """Sets each value to 0 with probability `rate` and divides the others by 1 - rate.

    Only in training; evaluate and predict pass everything on. Which values fall out depends on the
    seed, the step, the place in the batch and the element alone, so it is the same on any number
    of threads. Arguments: rate, from 0 to less than 1; seed, a whole number from 0, made from
    `set_seed` when None. Raises ArgumentError.

    Source: Srivastava et al., JMLR 15, 2014.

    >>> Dropout(0.5).compute_output_shape((None, 128))
    (None, 128)
    """

    needs_build = False

    def __init__(
        self, rate: float, seed: int | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self.rate = real(rate, "rate", self.label, low=0.0, high=1.0)
        if self.rate == 1.0:
            raise ArgumentError(
                f"{self.label}: rate must be less than 1, at which nothing would be left, "
                f"received {rate!r}. Pass for example rate=0.5."
            )
        self.seed = None if seed is None else whole(seed, "seed", self.label, minimum=0)
        self._drawn: int | None = None

    @property
    def drawn_seed(self) -> int | None:
        """The seed that was made from `set_seed`, None before, or if the user gave one."""
        return self._drawn

    def keep_seed(self, seed: int | None) -> None:
        """Drop what an equal layer with this drawn_seed drops."""
        self._drawn = seed

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return shape

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; a rate of 0 needs none."""
        if self.rate == 0.0:
            return source
        # Called again, the layer draws other numbers.
        seed = (self._seed() + builder.uses(self.name) * _NEXT_CALL) % 2**64
        attributes = {"rate": self.rate, "seed": seed}
        return builder.add("dropout", self.name, (source,), shape, attributes)

    def _seed(self) -> int:
        """The seed for the engine, whose keys have 64 bits."""
        if self.seed is not None:
            return self.seed % 2**64
        if self._drawn is None:
            draw = random.next_draw(random.DROPOUT)
            self._drawn = int(random.bits(1, random.DROPOUT, draw)[0])
        return self._drawn
