"""Shape arithmetic: what a window that slides over an image leaves of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from galago.errors import ShapeError

#: Sizes of one example, without the batch axis: (height, width, channels) or (features,).
Shape: TypeAlias = tuple[int, ...]
#: Keras's public form: None stands for the batch.
BatchShape: TypeAlias = tuple[int | None, ...]
Pair: TypeAlias = tuple[int, int]

#: What the engine's arithmetic, in 64 bits, is safe with: a size, and the numbers of an example.
MOST_SIZE, MOST_ELEMENTS = (1 << 31) - 1, 1 << 40

PADDINGS = {"valid": False, "same": True}


@dataclass(frozen=True, slots=True)
class Sliding:
    """Result of `slide`: output (height, width) and padding (top, bottom, left, right)."""

    size: Pair
    padding: tuple[int, int, int, int]


class WindowError(ShapeError):
    """A window is larger than what is left of the image.

    The layer that finds it knows only its own input; the model adds the way there with `after`.
    """

    def __init__(self, window: str, size: Pair, origin: str = "", advice: str = "") -> None:
        """Take the window in words, the size it met, where that came from, and what to do."""
        self.window, self.size = window, size
        advice = advice or "Use a smaller window, a larger input or padding='same'."
        super().__init__(f"{window} is larger than its input {cross(size)}{origin}. {advice}")

    def after(self, start: Shape, steps: Sequence[tuple[str, Shape]]) -> WindowError:
        """Return the same error with the chain of layers before, given as (name, output shape)."""
        names = [f"{name} ({cross(shape[:2])})" for name, shape in steps]
        if not names:
            return self
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        heights = [start[0], *(shape[0] for _, shape in steps)]
        halved = any(after * 2 <= before for before, after in itertools.pairwise(heights))
        return WindowError(
            self.window,
            self.size,
            f", which is what is left of {cross(start[:2])} after {listed}",
            f"Remove a {'pooling ' if halved else ''}layer or use padding='same'.",
        )


def slide(
    size: Pair, window: Pair, strides: Pair, padding: str, *, dilation: Pair = (1, 1), what: str
) -> Sliding:
    """Return the output size and the padding of a window that slides over an image.

    "valid" fits whole windows only: floor((n - k) / s) + 1. "same" gives ceil(n / s) and pads
    the smaller half in front, as TensorFlow does. `what` is the window in words. Raises
    WindowError.

    >>> slide((28, 28), (3, 3), (1, 1), "valid", what="kernel").size
    (26, 26)
    >>> slide((28, 28), (3, 3), (2, 2), "same", what="kernel")
    Sliding(size=(14, 14), padding=(0, 1, 0, 1))
    """
    (height, top, bottom), (width, left, right) = (
        _slide_axis(n, k, s, d, same=PADDINGS[padding])
        for n, k, s, d in zip(size, window, strides, dilation, strict=True)
    )
    if min(height, width) < 1:
        raise WindowError(what, size)
    return Sliding((height, width), (top, bottom, left, right))


def _slide_axis(n: int, k: int, s: int, d: int, *, same: bool) -> tuple[int, int, int]:
    reach = (k - 1) * d + 1
    if not same:
        return (n - reach) // s + 1, 0, 0
    out = -(-n // s)
    total = max((out - 1) * s + reach - n, 0)
    return out, total // 2, total - total // 2


def checked(shape: Shape, owner: str) -> Shape:
    """Return the shape of an example as it is, or raise ShapeError if nobody could compute it.

    >>> checked((28, 28, 1), "Input 'input'")
    (28, 28, 1)
    """
    if max(shape, default=0) > MOST_SIZE or math.prod(shape) > MOST_ELEMENTS:
        raise ShapeError(
            f"{owner}: expected sizes of {MOST_SIZE:,} at most and {MOST_ELEMENTS:,} numbers for "
            f"an example at most, found shape {shape}. Make the input or the layer smaller."
        )
    return shape


def cross(sizes: Iterable[int]) -> str:
    """Return sizes in words.

    >>> cross((26, 26, 64))
    '26x26x64'
    """
    return "x".join(map(str, sizes))


def with_batch(shape: Shape) -> BatchShape:
    """Put the open batch axis in front.

    >>> with_batch((10,))
    (None, 10)
    """
    return (None, *shape)
