"""Graphs for the engine's tests, written as a chain of calls that may branch and join."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from naive import Window

from galago.graph import Attribute, Graph, GraphBuilder

Padding = Literal["valid", "same"] | tuple[int, int, int, int]


class Weight(NamedTuple):
    """Name and shape of a parameter."""

    path: str
    shape: tuple[int, ...]


class Chain:
    """Builds a Graph of layers one after the other.

    Example:
        Chain(28, 28, 1).conv(64, (3, 3)).activation("relu").max_pool((2, 2)).graph()
    """

    def __init__(self, *shape: int) -> None:
        self.shape = shape  # of the last node, without the batch
        self._builder = GraphBuilder()
        self._last = self._builder.add("input", "input", (), shape)
        self._name = "input"
        self._count = 0

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

    def activation(
        self, kind: str, alpha: float = 0.0, beta: float = 0.25, limit: float = 1.5
    ) -> Chain:
        """An activation of its own node, named like the layer before it."""
        attributes: dict[str, Attribute] = {"kind": kind, "alpha": alpha}
        if kind in ("clipped_relu", "rescale"):
            attributes["beta"] = beta
        if kind == "clipped_relu":
            attributes["limit"] = limit
        return self._add("activation", self.shape, [], attributes)

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
        padding: Padding = "valid",
        bias: bool = True,
    ) -> Chain:
        """A convolution of every channel by itself, its kernel shaped as Keras has it."""
        channels = self._channels()
        window = self._window(kernel, strides, (1, 1), padding)
        shapes = [(*kernel, channels, 1), (channels,)][: 2 if bias else 1]
        return self._window_node("conv", window, channels, shapes, dilation=(1, 1), groups=channels)

    def batch_norm(
        self,
        scale: bool = True,
        center: bool = True,
        inference: bool = False,
        momentum: float = 0.75,
        epsilon: float = 2.0**-10,
    ) -> Chain:
        """A batch norm over the channels; gamma, beta, moving mean, moving variance."""
        attributes: dict[str, Attribute] = {
            "scale": int(scale),
            "center": int(center),
            "inference": int(inference),
            "momentum": momentum,
            "epsilon": epsilon,
        }
        names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
        shapes = [(self.shape[-1],)] * len(names)
        return self._add("batch_norm", self.shape, shapes, attributes, names)

    def dropout(self, rate: float, seed: int, spatial: bool = False) -> Chain:
        """Dropout, in training only; of whole channels if it is spatial."""
        attributes: dict[str, Attribute] = {"rate": rate, "seed": seed}
        if spatial:
            attributes["spatial"] = 1
        return self._add("dropout", self.shape, [], attributes)

    def gaussian_noise(self, deviation: float, seed: int) -> Chain:
        """Normal numbers added, in training only."""
        return self._add("gaussian_noise", self.shape, [], {"deviation": deviation, "seed": seed})

    def activity(self, l1: float, l2: float) -> Chain:
        """A penalty of the map, which stays as it is."""
        return self._add("activity", self.shape, [], {"l1": l1, "l2": l2})

    def layer_norm(self, scale: bool = True, center: bool = True) -> Chain:
        """A norm over the channels of each position; gamma, beta."""
        attributes: dict[str, Attribute] = {
            "epsilon": 0.001,
            "scale": int(scale),
            "center": int(center),
        }
        names = ["gamma"] * scale + ["beta"] * center
        shapes = [(self.shape[-1],)] * len(names)
        return self._add("layer_norm", self.shape, shapes, attributes, names)

    def dilate(self, rows: int, cols: int) -> Chain:
        """Zeros between the positions."""
        shape = ((self.shape[0] - 1) * rows + 1, (self.shape[1] - 1) * cols + 1, self.shape[2])
        return self._add("dilate", shape, [], {"strides": (rows, cols)})

    def conv_transposed(
        self, filters: int, kernel: tuple[int, int], padding: Padding, bias: bool = True
    ) -> Chain:
        """A convolution whose kernel is turned round and has its inputs last."""
        window = self._window(kernel, (1, 1), (1, 1), padding)
        shapes = [(*kernel, filters, self._channels()), (filters,)][: 2 if bias else 1]
        return self._window_node(
            "conv", window, filters, shapes, dilation=(1, 1), groups=1, transposed=1
        )

    def pad(self, top: int, bottom: int, left: int, right: int) -> Chain:
        """Zeros around the maps."""
        rows, cols, channels = self.shape
        shape = (rows + top + bottom, cols + left + right, channels)
        return self._add("pad", shape, [], {"padding": (top, bottom, left, right)})

    def crop(self, top: int, bottom: int, left: int, right: int) -> Chain:
        """The maps without some of their border."""
        rows, cols, channels = self.shape
        shape = (rows - top - bottom, cols - left - right, channels)
        return self._add("crop", shape, [], {"padding": (top, bottom, left, right)})

    def upsample(self, rows: int, cols: int) -> Chain:
        """Every position that often."""
        shape = (self.shape[0] * rows, self.shape[1] * cols, self.shape[2])
        return self._add("upsample", shape, [], {"size": (rows, cols)})

    def resize(
        self,
        rows: int,
        cols: int,
        interpolation: str = "bilinear",
        box: tuple[int, int, int, int] | None = None,
        fill: float = 0.0,
        antialias: bool = False,
    ) -> Chain:
        """A box (row, column, height, width) of the maps, or all of them, in another size."""
        attributes: dict[str, Attribute] = {
            "interpolation": interpolation,
            "antialias": int(antialias),
            "box": box or (0, 0, *self.shape[:2]),
            "fill": fill,
        }
        return self._add("resize", (rows, cols, self.shape[2]), [], attributes)

    def apply(self, op: str, shape: tuple[int, ...], **attributes: Attribute) -> Chain:
        """An operation without parameters, as it stands in a graph."""
        return self._add(op, shape, [], attributes)

    def reshape(self, *shape: int) -> Chain:
        """The same values under another shape."""
        return self._add("reshape", shape, [], {})

    def permute(self, *order: int) -> Chain:
        """The axes of maps in another order."""
        shape = tuple(self.shape[axis] for axis in order)
        return self._add("permute", shape, [], {"order": order})

    def merge(self, op: str, other: tuple[int, tuple[int, ...]], first: bool = True) -> Chain:
        """The chain and another place, element by element; or the place and the chain."""
        own = self.place()
        shape = max(self.shape, other[1], key=math.prod)
        if not first:
            self._last = other[0]
        return self._add(op, shape, [], {}, others=[other if first else own])

    def place(self) -> tuple[int, tuple[int, ...]]:
        """Where the chain is: somewhere to come back to, or to join later."""
        return self._last, self.shape

    def back_to(self, place: tuple[int, tuple[int, ...]]) -> Chain:
        """Start another branch."""
        self._last, self.shape = place
        return self

    def add(self, *places: tuple[int, tuple[int, ...]]) -> Chain:
        """The sum of the chain and of other places."""
        return self._add("add", max(self.shape, *(p[1] for p in places)), [], {}, others=places)

    def concatenate(self, *places: tuple[int, tuple[int, ...]]) -> Chain:
        """The channels of the chain and then those of other places."""
        channels = self.shape[-1] + sum(shape[-1] for _, shape in places)
        return self._add("concatenate", (*self.shape[:-1], channels), [], {}, others=places)

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
        names: Sequence[str] = ("kernel", "bias"),
        others: Sequence[tuple[int, tuple[int, ...]]] = (),
    ) -> Chain:
        if op != "activation":
            self._count += 1
            self._name = f"{op}_{self._count - 1}"
        paths = [f"{self._name}/{name}" for name in names]
        weights = [Weight(*pair) for pair in zip(paths, parameter_shapes, strict=False)]
        inputs = (self._last, *(place for place, _ in others))
        self._last = self._builder.add(op, self._name, inputs, shape, attributes, weights)
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


def residual(channels: int) -> Graph:
    """A block of a residual network: two normalized convolutions and what goes around them."""
    chain = Chain(9, 8, channels).conv(channels, (3, 3), padding="same", bias=False)
    chain = chain.batch_norm().activation("relu")
    skip = chain.place()
    for last in (False, True):
        chain = chain.conv(channels, (3, 3), padding="same", bias=False).batch_norm()
        chain = chain if last else chain.activation("relu")
    chain = chain.add(skip).activation("relu")
    return chain.average_pool(chain.shape[:2]).flatten().dense(3).graph()


def layer_normed_graphs() -> list[Graph]:
    """Layer norms of maps and vectors, of channels around a block, with and without gamma, beta."""
    found = []
    for scale, center in itertools.product((True, False), repeat=2):
        chain = Chain(4, 18, 3).conv(17, (3, 3)).layer_norm(scale, center).activation("relu")
        chain = chain.max_pool((2, 2)).flatten().dense(20).layer_norm(scale, center)
        found.append(chain.activation("leaky_relu", 0.25).dense(3).graph())
        found.append(Chain(5, 3, 2).layer_norm(scale, center).flatten().dense(3).graph())
    return found


def penalized_graphs() -> list[Graph]:
    """Penalties of maps in front of what else would be fused, of vectors, norms and outputs."""
    found = []
    for channels in (3, 17):
        chain = Chain(9, 8, 2).conv(channels, (3, 3)).activation("relu").activity(0.25, 0.125)
        chain = chain.max_pool((2, 2)).flatten().dense(6).activity(0.0, 0.5).activation("tanh")
        found.append(chain.dense(3).graph())
        chain = Chain(5, 6, 3).activity(1.0, 0.0).conv(channels, (2, 2)).batch_norm()
        chain = chain.activity(0.125, 0.25).activation("relu").flatten().activity(0.5, 0.5)
        found.append(chain.dense(3).activation("softmax").activity(0.5, 1.0).graph())
    chain = Chain(7, 7, 16).conv(20, (3, 3)).activity(0.5, 0.25).activation("relu")
    chain = chain.conv(18, (3, 3), padding="same").dropout(0.5, 7).activity(0.25, 0.25)
    found.append(chain.average_pool((2, 2)).flatten().dense(2).graph())
    return found


def noisy_graphs() -> list[Graph]:
    """Normal noise and dropout of whole channels, on maps and vectors."""
    chain = Chain(6, 5, 3).conv(70, (3, 3)).activation("relu").gaussian_noise(0.5, 2**63 + 3)
    chain = chain.dropout(0.25, 5, spatial=True).max_pool((2, 2)).flatten()
    return [chain.dense(20).gaussian_noise(0.25, 9).dense(2).graph()]


def normed_graphs() -> list[Graph]:
    """Batch norms behind convolutions, dense layers and pools, with and without gamma and beta."""
    found = [residual(channels) for channels in (1, 16, 18)]
    for scale, center in itertools.product((True, False), repeat=2):
        chain = Chain(7, 6, 3).conv(17, (3, 3)).batch_norm(scale, center).activation("relu")
        chain = chain.max_pool((2, 2)).flatten().dense(20).batch_norm(scale, center)
        found.append(chain.activation("relu6").dense(3).graph())
        found.append(Chain(6, 5, 2).batch_norm(scale, center).flatten().dense(3).graph())
    frozen = Chain(7, 6, 3).conv(5, (3, 3)).batch_norm(inference=True).activation("relu")
    found.append(frozen.depthwise((3, 3)).batch_norm().flatten().dense(2).graph())
    return found
