"""Graphs for the engine's tests, written as a chain of calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from naive import Window

from galago.graph import Attribute, Graph, GraphBuilder

Padding = Literal["valid", "same"] | tuple[int, int, int, int]


class Weight(NamedTuple):
    """Name and shape of a parameter."""

    path: str
    shape: tuple[int, ...]


class Mark(NamedTuple):
    """A node that a chain may come back to."""

    place: int
    shape: tuple[int, ...]


class Chain:
    """Builds a Graph of layers one after the other, which may branch at marks and join.

    Example:
        Chain(28, 28, 1).conv(64, (3, 3)).activation("relu").max_pool((2, 2)).graph()
    """

    def __init__(self, *shape: int) -> None:
        self.shape = shape  # of the last node, without the batch
        self._builder = GraphBuilder()
        self._last = self._builder.add("input", "input", (), shape)
        self._name = "input"

    def conv(
        self,
        filters: int,
        kernel: tuple[int, int],
        strides: tuple[int, int] = (1, 1),
        dilation: tuple[int, int] = (1, 1),
        padding: Padding = "valid",
        groups: int = 1,
        bias: bool = True,
    ) -> Chain:
        """A convolution; padding is a word of Keras or (top, bottom, left, right)."""
        window = self._window(kernel, strides, dilation, padding)
        shapes = [(*kernel, self._channels() // groups, filters), (filters,)]
        return self._window_node(
            "conv", window, filters, shapes[: 2 if bias else 1], dilation=dilation, groups=groups
        )

    def max_pool(
        self,
        pool: tuple[int, int],
        strides: tuple[int, int] | None = None,
        padding: Padding = "valid",
    ) -> Chain:
        """A max pool; strides default to the pool's size."""
        window = self._window(pool, strides or pool, (1, 1), padding)
        return self._window_node("max_pool", window, self._channels(), [])

    def average_pool(
        self,
        pool: tuple[int, int],
        strides: tuple[int, int] | None = None,
        padding: Padding = "valid",
    ) -> Chain:
        """An average pool; strides default to the pool's size."""
        window = self._window(pool, strides or pool, (1, 1), padding)
        return self._window_node("average_pool", window, self._channels(), [])

    def activation(self, kind: str, alpha: float = 0.0) -> Chain:
        """An activation of its own node, named like the layer before it."""
        return self._add("activation", self.shape, [], {"kind": kind, "alpha": alpha})

    def flatten(self) -> Chain:
        """All but the batch in one axis."""
        size = 1
        for extent in self.shape:
            size *= extent
        return self._add("flatten", (size,), [], {})

    def dense(self, units: int, bias: bool = True) -> Chain:
        """A dense layer; on maps it is a 1x1 convolution with a kernel of two axes."""
        shapes = [(self.shape[-1], units), (units,)][: 2 if bias else 1]
        if len(self.shape) == 1:
            return self._add("dense", (units,), shapes, {})
        window = Window((1, 1), (1, 1), (1, 1), (0, 0, 0, 0))
        return self._window_node("conv", window, units, shapes, dilation=(1, 1), groups=1)

    def depthwise(
        self,
        kernel: tuple[int, int],
        strides: tuple[int, int] = (1, 1),
        padding: Padding = "same",
        multiplier: int = 1,
        bias: bool = True,
    ) -> Chain:
        """A convolution of each channel by itself; its kernel is Keras's."""
        channels = self._channels()
        window = self._window(kernel, strides, (1, 1), padding)
        outputs = channels * multiplier
        shapes = [(*kernel, channels, multiplier), (outputs,)][: 2 if bias else 1]
        return self._window_node("conv", window, outputs, shapes, dilation=(1, 1), groups=channels)

    def global_pool(self, kind: str) -> Chain:
        """A "max" or "average" pool over the whole map, then its channels in a row."""
        rows, cols = self.shape[:2]
        pool = self.max_pool if kind == "max" else self.average_pool
        return pool((rows, cols)).flatten()

    def pad(self, top: int, bottom: int, left: int, right: int) -> Chain:
        """A border of zeros."""
        rows, cols, channels = self.shape
        shape = (rows + top + bottom, cols + left + right, channels)
        return self._add("pad", shape, [], {"padding": (top, bottom, left, right)})

    def batch_norm(
        self,
        scale: bool = True,
        center: bool = True,
        inference: bool = False,
        momentum: float = 0.9,
        epsilon: float = 1e-3,
    ) -> Chain:
        """A batch normalization."""
        attributes: dict[str, Attribute] = {
            "scale": int(scale),
            "center": int(center),
            "inference": int(inference),
            "momentum": momentum,
            "epsilon": epsilon,
        }
        names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
        shapes = [self.shape[-1:]] * len(names)
        return self._add("batch_norm", self.shape, shapes, attributes, names)

    def dropout(self, rate: float, seed: int = 0) -> Chain:
        """Sets values to zero in training."""
        return self._add("dropout", self.shape, [], {"rate": rate, "seed": seed})

    def mark(self) -> Mark:
        """The last node, to come back to."""
        return Mark(self._last, self.shape)

    def back(self, mark: Mark) -> Chain:
        """Go on behind a marked node."""
        self._last, self.shape = mark
        return self

    def add(self, *marks: Mark) -> Chain:
        """The sum of the last node and marked ones."""
        return self._add("add", self.shape, [], {}, inputs=[mark.place for mark in marks])

    def concatenate(self, *marks: Mark) -> Chain:
        """The channels of the last node and of marked ones."""
        channels = self.shape[-1] + sum(mark.shape[-1] for mark in marks)
        shape = (*self.shape[:-1], channels)
        return self._add("concatenate", shape, [], {}, inputs=[mark.place for mark in marks])

    def graph(self) -> Graph:
        """The finished graph; its output is the last node."""
        return self._builder.finish(self._last)

    def _channels(self) -> int:
        return self.shape[2] if len(self.shape) == 3 else 1

    def _window(
        self,
        size: tuple[int, int],
        strides: tuple[int, int],
        dilation: tuple[int, int],
        padding: Padding,
    ) -> Window:
        if padding == "valid":
            padding = (0, 0, 0, 0)
        elif padding == "same":
            rows = _same(self.shape[0], size[0], strides[0], dilation[0])
            cols = _same(self.shape[1], size[1], strides[1], dilation[1])
            padding = (*rows, *cols)
        return Window(size, strides, dilation, padding)

    def _window_node(
        self,
        op: str,
        window: Window,
        channels: int,
        parameter_shapes: list[tuple[int, ...]],
        **more: Attribute,
    ) -> Chain:
        attributes: dict[str, Attribute] = {
            "kernel" if op == "conv" else "pool": window.size,
            "strides": window.strides,
            "padding": window.padding,
            **more,
        }
        shape = (*window.positions(*self.shape[:2]), channels)
        return self._add(op, shape, parameter_shapes, attributes)

    def _add(
        self,
        op: str,
        shape: tuple[int, ...],
        parameter_shapes: list[tuple[int, ...]],
        attributes: dict[str, Attribute],
        parameter_names: Sequence[str] = ("kernel", "bias"),
        inputs: Sequence[int] = (),
    ) -> Chain:
        if op != "activation":
            self._name = f"{op}_{self._last}"
        paths = [f"{self._name}/{name}" for name in parameter_names]
        weights = [Weight(*pair) for pair in zip(paths, parameter_shapes, strict=False)]
        sources = (self._last, *inputs)
        self._last = self._builder.add(op, self._name, sources, shape, attributes, weights)
        self.shape = shape
        return self


def _same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """What Keras's padding='same' puts before and after an axis."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def reference_model(filters: int = 64) -> Graph:
    """The network of the course: 243,786 parameters with 64 filters."""
    chain = Chain(28, 28, 1)
    for _ in range(2):
        chain = chain.conv(filters, (3, 3)).activation("relu").max_pool((2, 2))
    chain = chain.flatten().dense(128).activation("relu").dense(10).activation("softmax")
    return chain.graph()


def dense_baseline() -> Graph:
    """The dense network the course compares with: 101,770 parameters."""
    chain = Chain(28, 28).flatten().dense(128).activation("relu").dense(10).activation("softmax")
    return chain.graph()
