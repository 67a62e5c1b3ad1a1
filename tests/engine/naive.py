"""The truth that engine tests compare with: every operation in plain NumPy float64.

Convolution and pooling go through the taps of their window; what one tap of every window reads is
one strided slice of the padded maps. All maps are (batch, rows, columns, channels).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
EPSILON = 1e-7  # Keras clips probabilities to [EPSILON, 1 - EPSILON]


@dataclass(frozen=True)
class Window:
    """A sliding window: sizes as (rows, columns), padding as (top, bottom, left, right)."""

    size: tuple[int, int]
    strides: tuple[int, int]
    dilation: tuple[int, int]
    padding: tuple[int, int, int, int]

    def positions(self, rows: int, cols: int) -> tuple[int, int]:
        """How many windows fit on a map of rows x cols."""
        top, bottom, left, right = self.padding
        spare_rows = rows + top + bottom - self.dilation[0] * (self.size[0] - 1) - 1
        spare_cols = cols + left + right - self.dilation[1] * (self.size[1] - 1) - 1
        return spare_rows // self.strides[0] + 1, spare_cols // self.strides[1] + 1

    def pad(self, x: Array, fill: float = 0.0) -> Array:
        """The maps with their border around them."""
        top, bottom, left, right = self.padding
        return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)

    def crop(self, padded: Array) -> Array:
        """The maps without the border that pad() gave them."""
        top, bottom, left, right = self.padding
        return padded[:, top : padded.shape[1] - bottom, left : padded.shape[2] - right]

    def taps(self, padded: Array) -> Iterator[Array]:
        """Views of what each tap reads, in row-major order of the taps."""
        top, bottom, left, right = self.padding
        shape = padded.shape
        rows, cols = self.positions(shape[1] - top - bottom, shape[2] - left - right)
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                first, last = i * self.dilation[0], j * self.dilation[1]
                yield padded[
                    :,
                    first : first + (rows - 1) * self.strides[0] + 1 : self.strides[0],
                    last : last + (cols - 1) * self.strides[1] + 1 : self.strides[1],
                ]


def group_slices(channels: int, outputs: int, groups: int) -> list[tuple[slice, slice]]:
    """For each group its input channels and its outputs."""
    c, o = channels // groups, outputs // groups
    return [(slice(g * c, (g + 1) * c), slice(g * o, (g + 1) * o)) for g in range(groups)]


def conv(x: Array, weights: Array, bias: Array | None, window: Window, groups: int = 1) -> Array:
    """Convolution; weights (kh, kw, channels / groups, outputs)."""
    outputs = weights.shape[3]
    tap_weights = weights.reshape(-1, *weights.shape[2:])
    y = np.zeros((len(x), *window.positions(*x.shape[1:3]), outputs))
    for view, tap in zip(window.taps(window.pad(x)), tap_weights, strict=True):
        for ins, outs in group_slices(x.shape[3], outputs, groups):
            y[..., outs] += view[..., ins] @ tap[:, outs]
    return y if bias is None else y + bias


def conv_gradient(
    x: Array, weights: Array, grad: Array, window: Window, groups: int = 1
) -> tuple[Array, Array, Array]:
    """Gradients of a convolution with respect to its input, weights and bias."""
    outputs = weights.shape[3]
    tap_weights = weights.reshape(-1, *weights.shape[2:])
    grad_weights = np.zeros_like(tap_weights)
    padded = window.pad(x)
    grad_padded = np.zeros_like(padded)
    views = zip(window.taps(padded), window.taps(grad_padded), strict=True)
    for tap, (view, grad_view) in enumerate(views):
        for ins, outs in group_slices(x.shape[3], outputs, groups):
            grad_weights[tap][:, outs] = np.tensordot(
                view[..., ins], grad[..., outs], axes=([0, 1, 2], [0, 1, 2])
            )
            grad_view[..., ins] += grad[..., outs] @ tap_weights[tap][:, outs].T
    grad_x = window.crop(grad_padded)
    return grad_x, grad_weights.reshape(weights.shape), grad.sum(axis=(0, 1, 2))


def max_pool(x: Array, window: Window) -> tuple[Array, NDArray[np.intp]]:
    """The largest value of every window, and which tap it came from: the first of equal ones."""
    stacked = np.stack(list(window.taps(window.pad(x, -np.inf))))
    return stacked.max(axis=0), stacked.argmax(axis=0)


def max_pool_gradient(x: Array, grad: Array, window: Window) -> Array:
    """The gradient goes to the winner of each window."""
    winners = max_pool(x, window)[1]
    grad_padded = np.zeros_like(window.pad(x))
    for tap, view in enumerate(window.taps(grad_padded)):
        view += grad * (winners == tap)
    return window.crop(grad_padded)


def _counts(x: Array, window: Window) -> Array:
    inside = window.pad(np.ones((1, *x.shape[1:3], 1)))
    return np.asarray(np.sum(list(window.taps(inside)), axis=0))


def average_pool(x: Array, window: Window) -> Array:
    """The mean of every window; padding does not count."""
    return np.asarray(np.sum(list(window.taps(window.pad(x))), axis=0)) / _counts(x, window)


def average_pool_gradient(x: Array, grad: Array, window: Window) -> Array:
    """The gradient goes to every element of the window in equal parts."""
    grad_padded = np.zeros_like(window.pad(x))
    for view in window.taps(grad_padded):
        view += grad / _counts(x, window)
    return window.crop(grad_padded)


def softmax(x: Array) -> Array:
    """Softmax over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def softmax_gradient(y: Array, grad: Array) -> Array:
    """Gradient of softmax from its output."""
    return np.asarray(y * (grad - (y * grad).sum(axis=-1, keepdims=True)))


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1 / (1 + small), small / (1 + small)))


def _normal_cdf(x: Array) -> Array:
    return np.asarray([0.5 * math.erfc(-v / math.sqrt(2)) for v in x.flat]).reshape(x.shape)


def _normal_density(x: Array) -> Array:
    return np.asarray(np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def _softplus(x: Array) -> Array:
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def _exp(x: Array) -> Array:
    return np.asarray(np.exp(np.minimum(x, 0)))


# kind: (value, derivative), both of (x, alpha). At a kink the derivative is that of the flat side.
#: Each as a function of x, alpha and, where it has them, beta and limit; and its slope.
ACTIVATIONS: dict[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "linear": (lambda x, a: x, lambda x, a: np.ones_like(x)),
    "relu": (lambda x, a: np.maximum(x, 0), lambda x, a: np.where(x > 0, 1.0, 0.0)),
    "relu6": (lambda x, a: np.clip(x, 0, 6), lambda x, a: np.where((x > 0) & (x < 6), 1.0, 0.0)),
    "leaky_relu": (lambda x, a: np.where(x > 0, x, a * x), lambda x, a: np.where(x > 0, 1, a)),
    "elu": (
        lambda x, a: np.where(x > 0, x, a * (_exp(x) - 1)),
        lambda x, a: np.where(x > 0, 1, a * _exp(x)),
    ),
    "selu": (
        lambda x, a: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * (_exp(x) - 1)),
        lambda x, a: SELU_SCALE * np.where(x > 0, 1, SELU_ALPHA * _exp(x)),
    ),
    "softplus": (lambda x, a: _softplus(x), lambda x, a: _sigmoid(x)),
    "softsign": (lambda x, a: x / (1 + np.abs(x)), lambda x, a: 1 / (1 + np.abs(x)) ** 2),
    "silu": (
        lambda x, a: x * _sigmoid(x),
        lambda x, a: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),
    ),
    "gelu": (
        lambda x, a: x * _normal_cdf(x),
        lambda x, a: _normal_cdf(x) + x * _normal_density(x),
    ),
    "tanh": (lambda x, a: np.tanh(x), lambda x, a: 1 - np.tanh(x) ** 2),
    "sigmoid": (lambda x, a: _sigmoid(x), lambda x, a: _sigmoid(x) * (1 - _sigmoid(x))),
    "hard_sigmoid": (
        lambda x, a: np.clip(x / 6 + 0.5, 0, 1),
        lambda x, a: (np.abs(x) < 3) / 6,
    ),
    "exponential": (lambda x, a: np.exp(x), lambda x, a: np.exp(x)),
    "clipped_relu": (
        lambda x, a, b, most: np.where(x > b, np.minimum(x, most), a * (x - b)),
        lambda x, a, b, most: np.where(x > b, (x < most) * 1.0, a),
    ),
    "rescale": (lambda x, a, b, _: a * x + b, lambda x, a, b, _: np.full_like(x, a)),
}


def one_hot(labels: Labels, classes: int) -> Array:
    """Rows with a one where the label says."""
    return np.eye(classes)[labels]


def loss(kind: str, outputs: Array, y: NDArray[Any], from_logits: bool) -> tuple[Array, Array]:
    """Loss of every row of (batch, n) outputs, and the gradient of their mean."""
    batch, n = outputs.shape
    if kind == "mean_squared_error":
        difference = outputs - y
        return (difference**2).mean(axis=1), 2 * difference / (n * batch)
    if kind == "binary_crossentropy":
        if from_logits:
            rows = _softplus(outputs) - y * outputs
            return rows.mean(axis=1), (_sigmoid(outputs) - y) / (n * batch)
        p = np.clip(outputs, EPSILON, 1 - EPSILON)
        rows = -(y * np.log(p) + (1 - y) * np.log(1 - p))
        grad = np.where(p == outputs, (p - y) / (p * (1 - p)), 0)
        return rows.mean(axis=1), grad / (n * batch)
    sparse = kind == "sparse_categorical_crossentropy"
    targets = one_hot(np.asarray(y, np.int64), n) if sparse else np.asarray(y, np.float64)
    if from_logits:
        largest = outputs.max(axis=1, keepdims=True)
        log_sum = largest + np.log(np.exp(outputs - largest).sum(axis=1, keepdims=True))
        weight = targets.sum(axis=1, keepdims=True)
        grad = softmax(outputs) * weight - targets
        return (targets * (log_sum - outputs)).sum(axis=1), grad / batch
    total = outputs.sum(axis=1, keepdims=True)
    p = np.clip(outputs / total, EPSILON, 1 - EPSILON)
    grad_p = np.where(p == outputs / total, -targets / p, 0)
    grad = (grad_p - (grad_p * p).sum(axis=1, keepdims=True)) / total
    return -(targets * np.log(p)).sum(axis=1), grad / batch
