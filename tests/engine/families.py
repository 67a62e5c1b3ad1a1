"""Families of generated graphs around block remainders: what problems.py gives data to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from graphs import Chain, Padding

T = TypeVar("T")
Generator = np.random.Generator

CHANNELS = (1, 2, 3, 15, 16, 17, 31, 33, 64, 65)
WORK = 1_500_000  # multiplications of one convolution: the reference kernels are slow


def pick(rng: Generator, values: Sequence[T]) -> T:
    """One of the values."""
    return values[int(rng.integers(len(values)))]


def _extent(rng: Generator, smallest: int, work: int) -> int:
    """A size of an axis, at most 13 and at most what the work allows."""
    most = max(smallest, min(13, smallest + int(np.sqrt(WORK / work))))
    return int(rng.integers(smallest, most + 1))


def _conv_chain(rng: Generator, plain: bool) -> Chain:
    """A convolution on an input or on a pointwise layer, which needs its input's gradient.

    Plain means stride 1, dilation 1, one group.
    """
    channels, filters = pick(rng, CHANNELS), pick(rng, CHANNELS)
    kernel = (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    if plain and rng.random() < 0.6:
        kernel = (3, 3)
    strides = dilation = (1, 1)
    groups = 1
    if not plain:
        strides = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
        dilation = (int(rng.integers(1, 3)), int(rng.integers(1, 3)))
        if rng.random() < 0.4:
            groups = pick(rng, [1, 2, 3, 4, channels])
            channels = pick(rng, [1, 2, 5, 16, 17]) * groups if groups < 5 else channels
            filters = pick(rng, [1, 2, 3, 16, 17]) * groups if groups < 5 else channels
    paddings: list[Padding] = ["valid", "same", (0, 1, 2, 0), (2, 1, 1, 3)]
    padding = pick(rng, paddings)
    spans = [dilation[i] * (kernel[i] - 1) + 1 for i in (0, 1)]
    work = kernel[0] * kernel[1] * channels * filters // groups
    # One more row and column than the window: under a 2x2 pool one window at least is left.
    rows, cols = (_extent(rng, span + strides[i], work) for i, span in enumerate(spans))
    if rng.random() < 0.4:
        chain = Chain(rows, cols, pick(rng, (1, 5, 16))).dense(channels)
    else:
        chain = Chain(rows, cols, channels)
    bias = bool(rng.random() < 0.8)
    return chain.conv(filters, kernel, strides, dilation, padding, groups, bias)


def _small_conv(rng: Generator, chain: Chain) -> Chain:
    """A second convolution that fits on what the first one left."""
    filters = pick(rng, (1, 3, 16, 17, 33))
    if rng.random() < 0.5:  # also wider than its input
        kernel = (int(rng.integers(1, 5)), int(rng.integers(1, 5)))
        return chain.conv(filters, kernel, padding="same")
    fits = [int(rng.integers(1, min(3, extent) + 1)) for extent in chain.shape[:2]]
    return chain.conv(filters, (fits[0], fits[1]))


def _head(rng: Generator, chain: Chain) -> Chain:
    return chain.flatten().dense(pick(rng, (2, 4, 8)), bool(rng.random() < 0.8))


def _pooled(rng: Generator) -> Chain:
    """Convolution, ReLU and 2x2 max pool, once or twice."""
    chain = _conv_chain(rng, plain=bool(rng.random() < 0.8)).activation("relu")
    chain = chain.max_pool((2, 2), padding=pick(rng, ("valid", "valid", "same")))
    if rng.random() < 0.6:
        chain = _small_conv(rng, chain).activation("relu")
        if min(chain.shape[:2]) >= 2:
            chain = chain.max_pool((2, 2))
    return _head(rng, chain)


def _large(rng: Generator) -> Chain:
    """Maps of many Winograd tiles; their problems also have more images than 16 groups of 4."""
    shape = (int(rng.integers(15, 31)), int(rng.integers(15, 31)), pick(rng, (1, 3, 16, 17)))
    chain = Chain(*shape)
    chain = chain.conv(pick(rng, (16, 17, 20)), (3, 3), padding=pick(rng, ("valid", "same")))
    chain = chain.activation("relu").max_pool((2, 2))
    if rng.random() < 0.7:
        chain = chain.conv(pick(rng, (16, 18)), (3, 3)).activation("relu").max_pool((2, 2))
    return _head(rng, chain)


def _pooled_edges(rng: Generator) -> Chain:
    """Pooled convolutions around what kernels count in: windows by 3 and 16, taps by 9, 14, 512."""
    kernel = pick(rng, [(1, 1), (3, 3), (3, 3), (2, 7), (5, 5), (7, 7)])
    channels, filters = pick(rng, (1, 2, 3, 8, 11, 15)), pick(rng, (5, 16, 32, 48, 64, 80))
    windows = pick(rng, [(1, 1), (1, 2), (3, 5), (4, 4), (1, 17), (4, 8), (5, 7)])
    if kernel[0] * kernel[1] * channels * filters * windows[0] * windows[1] > WORK:
        windows = (2, 2)
    halo = pick(rng, [(0, 0, 0, 0), (1, 0, 0, 1)])
    rows, cols = (2 * windows[i] + kernel[i] - 1 - halo[2 * i] - halo[2 * i + 1] for i in (0, 1))
    chain = Chain(max(rows, 1), max(cols, 1), channels)
    chain = chain.conv(filters, kernel, (1, 1), (1, 1), halo, 1, bool(rng.random() < 0.7))
    chain = chain.activation("relu").max_pool((2, 2))
    if rng.random() < 0.5:
        chain = chain.conv(pick(rng, (15, 17, 33, 80)), (3, 3), padding="same").activation("relu")
        if min(chain.shape[:2]) >= 2:
            chain = chain.max_pool((2, 2))
    return _head(rng, chain)


def _convolutions(rng: Generator) -> Chain:
    """One or two convolutions without a pool, of all options."""
    chain = _conv_chain(rng, plain=bool(rng.random() < 0.3))
    for _ in range(int(rng.integers(0, 2))):
        kind, alpha = pick(rng, [("relu", 0.0), ("leaky_relu", 0.5), ("linear", 0.0)])
        chain = _small_conv(rng, chain.activation(kind, alpha))
    return _head(rng, chain.activation("relu") if rng.random() < 0.5 else chain)


def _pools(rng: Generator) -> Chain:
    """Pools of any window behind a convolution, and another convolution behind them."""
    chain = _conv_chain(rng, plain=True)
    if rng.random() < 0.5:
        chain = chain.activation("relu")
    strides = pick(rng, [None, (1, 1), (2, 2), (1, 2), (3, 2)])
    if rng.random() < 0.5:
        pool = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
        pool = (min(pool[0], chain.shape[0]), min(pool[1], chain.shape[1]))
        chain = chain.max_pool(pool, strides, pick(rng, ("valid", "same")))
    else:  # counts that are powers of two, so that means are exact
        chain = chain.average_pool((2, pick(rng, (1, 2))), strides, pick(rng, ("valid", "same")))
    if rng.random() < 0.7:
        chain = _small_conv(rng, chain)
    return _head(rng, chain)


def _pool_first(rng: Generator) -> Chain:
    """A pool on the input itself; then layers as ever."""
    shape = (int(rng.integers(4, 12)), int(rng.integers(4, 12)), pick(rng, CHANNELS))
    pool = (int(rng.integers(2, 4)), int(rng.integers(2, 4)))
    chain = Chain(*shape).max_pool(pool, pick(rng, [None, (1, 2)]), pick(rng, ("valid", "same")))
    return _head(rng, _small_conv(rng, chain))


def _dense(rng: Generator) -> Chain:
    """One to three dense layers, also pointwise on maps."""
    units = (1, 2, 15, 16, 17, 33, 64, 65, 130)
    if rng.random() < 0.3:
        chain = Chain(3, 5, pick(rng, CHANNELS)).dense(pick(rng, units))
        chain = chain.activation("relu").flatten()
    else:
        chain = Chain(pick(rng, (*units, 300)))
    for _ in range(int(rng.integers(0, 3))):
        chain = chain.dense(pick(rng, units), bool(rng.random() < 0.8))
        chain = chain.activation(pick(rng, ("relu", "linear", "relu6")))
    return chain.dense(pick(rng, (1, 2, 4, 8)))


def _normed(rng: Generator, chain: Chain) -> Chain:
    """A batch norm that only applies its statistics, so that sums stay exact."""
    scale, center = bool(rng.random() < 0.7), bool(rng.random() < 0.7)
    return chain.batch_norm(scale, center, inference=True)


def _some_layer(rng: Generator, chain: Chain) -> Chain:
    """A layer of the kinds that branching networks are made of; the size of the map stays."""
    kind = pick(rng, ("conv", "conv", "depthwise", "norm", "dropout", "relu", "pool"))
    if kind == "conv":
        size = pick(rng, (1, 3))
        chain = chain.conv(pick(rng, (3, 16, 17)), (size, size), padding="same")
    elif kind == "depthwise":
        kernel = pick(rng, ((3, 3), (2, 5)))
        chain = chain.depthwise(kernel, padding="same", bias=bool(rng.random() < 0.5))
    elif kind == "norm":
        chain = _normed(rng, chain)
    elif kind == "dropout":
        chain = chain.dropout(0.5, int(rng.integers(2**62)))
    elif kind == "relu":
        chain = chain.activation("relu")
    else:
        chain = chain.max_pool((3, 3), (1, 1), "same")
    return chain.activation("relu") if rng.random() < 0.4 else chain


def _branches(rng: Generator) -> Chain:
    """Branches that meet again: sums, concatenations, maps that several layers read."""
    shape = (int(rng.integers(4, 9)), int(rng.integers(4, 9)))
    chain = Chain(*shape, pick(rng, (1, 3, 16, 17)))
    if rng.random() < 0.5:
        chain = chain.pad(*(int(n) for n in rng.integers(0, 3, 4)))
    if rng.random() < 0.8:
        chain = _some_layer(rng, chain)
    for _ in range(int(rng.integers(1, 3))):
        fork = chain.place()
        for _ in range(int(rng.integers(1, 3))):
            chain = _some_layer(rng, chain)
        branch = chain.place()
        if rng.random() < 0.3:
            chain = chain.back_to(fork).concatenate(branch, fork)
        elif chain.shape == fork[1]:
            chain = chain.add(fork)
        else:
            chain = chain.back_to(fork).conv(branch[1][-1], (1, 1), bias=False).add(branch)
        if rng.random() < 0.6:
            chain = chain.activation("relu")
        if rng.random() < 0.3 and min(chain.shape[:2]) >= 4:
            chain = chain.max_pool((2, 2))
    if rng.random() < 0.3:
        chain = _normed(rng, chain.flatten().dense(8)).activation("relu")
        hidden = chain.place()
        return chain.dense(8).add(hidden).dropout(0.5, 7).dense(4)
    return _head(rng, chain)


def _depthwise(rng: Generator) -> Chain:
    """Depthwise convolutions of all options, behind one that receives their input's gradient."""
    channels = pick(rng, CHANNELS[1:])
    kernel = (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    strides = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    rows, cols = (int(rng.integers(kernel[i], 13)) for i in (0, 1))
    chain = Chain(rows, cols, pick(rng, (1, 5, 16))).dense(channels)
    if rng.random() < 0.3:
        chain = chain.pad(*(int(n) for n in rng.integers(0, 3, 4)))
    paddings: list[Padding] = ["valid", "same", (0, 1, 2, 0)]
    chain = chain.depthwise(kernel, strides, pick(rng, paddings), bool(rng.random() < 0.6))
    if rng.random() < 0.5:
        chain = chain.activation("relu")
    return _head(rng, chain.conv(pick(rng, (3, 16)), (1, 1)) if rng.random() < 0.5 else chain)


def _flattened(rng: Generator) -> Chain:
    """Flattened maps, with and without padded channels, that meet other vectors."""
    channels = pick(rng, (3, 16, 32))
    chain = Chain(int(rng.integers(4, 8)), int(rng.integers(4, 8)), pick(rng, (1, 3, 16)))
    chain = chain.conv(channels, (3, 3), padding="same")
    chain = chain.activation("relu") if rng.random() < 0.5 else chain
    fork = chain.place()
    flat = chain.max_pool((2, 2)).flatten().place()
    chain = chain.back_to(flat if rng.random() < 0.4 else fork)
    if chain.place() == fork:
        chain = chain.average_pool((2, 2)).flatten()
    else:
        chain = chain.dense(flat[1][0] if rng.random() < 0.5 else 5)
    other = chain.place()
    joins = other[1] == flat[1] and rng.random() < 0.5
    chain = chain.add(flat) if joins else chain.back_to(flat).concatenate(other)
    if rng.random() < 0.3:
        chain = chain.dropout(0.5, 3)
    return chain.dense(pick(rng, (2, 4)))


def _thin(rng: Generator) -> Chain:
    """Few filters over rows of more than 16 positions, forward and, behind them, backward."""
    cols = pick(rng, (15, 16, 17, 20, 31, 32, 33, 40))
    chain = Chain(int(rng.integers(3, 8)), cols, pick(rng, (1, 2, 17)))
    filters, kernel = pick(rng, (1, 2, 3, 4, 6, 7, 9, 11)), pick(rng, ((3, 3), (2, 5), (3, 6)))
    padding, dilation = pick(rng, ("same", "valid")), pick(rng, ((1, 1), (1, 2)))
    chain = chain.conv(filters, kernel, (1, 1), dilation, padding, 1, bool(rng.random() < 0.7))
    chain = _normed(rng, chain) if rng.random() < 0.3 else chain
    chain = chain.activation(*pick(rng, (("relu", 0.0), ("leaky_relu", 0.5), ("relu6", 0.0))))
    chain = chain.conv(pick(rng, (3, 16, 18)), (pick(rng, (1, 3)), 3), padding="same")
    return _head(rng, chain.max_pool((2, 2), padding="same"))


def _merges(rng: Generator) -> Chain:
    """Two maps, or a map and one position, that become one, with what they came from behind."""
    rows, cols = (int(rng.integers(1, 8)) for _ in range(2))
    chain = Chain(rows, cols, pick(rng, (1, 5, 16))).dense(pick(rng, CHANNELS))
    fork, channels = chain.place(), chain.shape[-1]
    for _ in range(int(rng.integers(1, 3))):
        chain = chain.conv(channels, (1, 1))
        if rng.random() < 0.4:
            chain = chain.max_pool(chain.shape[:2])
            chain = chain.activation("relu") if rng.random() < 0.5 else chain
        op = pick(rng, ("add", "subtract", "multiply", "maximum", "minimum"))
        chain = chain.merge(op, fork, first=bool(rng.random() < 0.5))
        chain = chain.activation("relu") if rng.random() < 0.3 else chain
        if rng.random() < 0.3:
            chain = _normed(rng, chain)
    if rng.random() < 0.3 and min(chain.shape[:2]) > 2:
        chain = chain.max_pool((2, 2))
    return _head(rng, chain)


REARRANGING = ("crop", "upsample", "reshape", "permute", "decode", "conv", "pool", "back")


def _rearranged(rng: Generator) -> Chain:
    """Maps whose elements change their places, and what needs its gradient in front of them."""
    rows, cols = (int(rng.integers(2, 7)) for _ in range(2))
    chain = Chain(rows, cols, pick(rng, (1, 5, 16))).dense(pick(rng, (2, 3, 16, 18)))
    for _ in range(int(rng.integers(1, 4))):
        kind = pick(rng, REARRANGING)
        rows, cols, channels = chain.shape
        if kind == "crop":
            top, left = int(rng.integers(rows)), int(rng.integers(cols))
            bottom, right = int(rng.integers(rows - top)), int(rng.integers(cols - left))
            chain = chain.crop(top, bottom, left, right)
        elif kind == "upsample" and rows * cols < 50:
            chain = chain.upsample(int(rng.integers(1, 4)), int(rng.integers(1, 4)))
        elif kind == "reshape":
            chain = chain.reshape(*pick(rng, ((cols, rows, channels), (1, rows * cols, channels))))
            chain = chain.reshape(channels, *chain.shape[:2]) if rng.random() < 0.3 else chain
        elif kind == "permute":
            chain = chain.permute(*rng.permutation(3).tolist())
        elif kind == "decode":
            chain = chain.flatten().dense(12).reshape(*pick(rng, ((2, 3, 2), (1, 1, 12))))
        elif kind == "conv":
            chain = chain.conv(pick(rng, (3, 16)), (3, 3), padding="same")
            chain = chain.activation("relu") if rng.random() < 0.5 else chain
        elif kind == "back" and rows * cols < 50:
            chain = chain.dilate(int(rng.integers(1, 4)), int(rng.integers(1, 4)))
            kernel, padding = pick(rng, ((3, 3), (2, 4))), pick(rng, ((2, 1, 0, 3), (1, 1, 3, 3)))
            chain = chain.conv_transposed(pick(rng, (3, 17)), kernel, padding)
        elif min(rows, cols) > 2:
            chain = chain.max_pool((2, 2))
    return _head(rng, chain)


def _resized(rng: Generator) -> Chain:
    """Maps of other sizes, by weights that are powers of two, in front of all or in the middle."""
    powers = (1, 2, 4, 8)
    rows, cols = pick(rng, powers), pick(rng, powers)
    chain = Chain(rows, cols, pick(rng, (1, 3, 5, 16)))
    if rng.random() < 0.7:
        chain = chain.dense(pick(rng, CHANNELS))
    box = None
    if rng.random() < 0.5:  # also over the border
        height, width = pick(rng, powers), pick(rng, powers)
        top, left = int(rng.integers(1 - height, rows)), int(rng.integers(1 - width, cols))
        box = (top, left, height, width)
    if rng.random() < 0.4:
        size = (int(rng.integers(1, 12)), int(rng.integers(1, 12)))
        chain = chain.resize(*size, "nearest", box, fill=float(rng.integers(-2, 3)))
    else:
        size = (pick(rng, powers), pick(rng, powers))
        chain = chain.resize(*size, "bilinear", box, fill=float(rng.integers(-2, 3)))
    if rng.random() < 0.4:
        chain = chain.dense(pick(rng, (3, 16, 17))).activation("relu")
    return _head(rng, chain)


FAMILIES: dict[str, Callable[[Generator], Chain]] = {
    "pooled": _pooled,
    "large": _large,
    "convolutions": _convolutions,
    "pools": _pools,
    "pool_first": _pool_first,
    "dense": _dense,
    "branches": _branches,
    "depthwise": _depthwise,
    "pooled_edges": _pooled_edges,
    "flattened": _flattened,
    "thin": _thin,
    "merges": _merges,
    "rearranged": _rearranged,
    "resized": _resized,
}

#: Those of operations that the models of `galago bench` have, which other frameworks run there.
BENCHED = [family for family in FAMILIES if family not in ("merges", "rearranged", "resized")]
