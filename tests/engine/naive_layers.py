"""Normalization, dropout and noise in plain NumPy, as naive.py has the rest."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from naive import Array
from numpy.typing import NDArray


@dataclass(frozen=True)
class Norm:
    """What a batch norm goes by: of each channel the statistics, and gamma and beta."""

    mean: Array
    variance: Array
    gamma: Array
    beta: Array
    epsilon: float
    of_batch: bool  # the statistics are the batch's own and move with x

    @property
    def inverse(self) -> Array:
        """One over the standard deviation."""
        return np.asarray(1 / np.sqrt(self.variance + self.epsilon))


def statistics(x: Array) -> tuple[Array, Array]:
    """Mean and variance of each channel over all else."""
    axes = tuple(range(x.ndim - 1))
    return x.mean(axis=axes), x.var(axis=axes)


def batch_norm(x: Array, norm: Norm) -> Array:
    """Normalize, scale and shift each channel."""
    return (x - norm.mean) * norm.inverse * norm.gamma + norm.beta


def batch_norm_gradient(x: Array, grad: Array, norm: Norm) -> tuple[Array, Array, Array]:
    """Gradients of x, gamma and beta."""
    axes = tuple(range(x.ndim - 1))
    value = (x - norm.mean) * norm.inverse
    grad_gamma, grad_beta = (grad * value).sum(axis=axes), grad.sum(axis=axes)
    scale = norm.gamma * norm.inverse
    if not norm.of_batch:
        return grad * scale, grad_gamma, grad_beta
    count = x.size // x.shape[-1]
    return scale * (grad - grad_beta / count - value * grad_gamma / count), grad_gamma, grad_beta


def philox(counters: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Philox 4x32-10 of counters (..., 4), 32 bits in each."""
    mask = np.uint64(0xFFFFFFFF)
    words = [counters[..., i].copy() for i in range(4)]
    keys = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * words[0], np.uint64(0xCD9E8D57) * words[2]
        words = [
            (b >> np.uint64(32)) ^ words[1] ^ np.uint64(keys[0]),
            b & mask,
            (a >> np.uint64(32)) ^ words[3] ^ np.uint64(keys[1]),
            a & mask,
        ]
        keys = [(keys[0] + 0x9E3779B9) & 0xFFFFFFFF, (keys[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(words, axis=-1)


def draws(
    shape: tuple[int, ...], seed: int, step: int, spatial: bool = False
) -> NDArray[np.uint64]:
    """The 32 bits that each element of a batch draws; those of a channel if it is spatial.

    16 counters give the draws of 64 channels of a position; channel c has word c / 16 % 4.
    """
    if spatial:
        of_channels = draws((shape[0], *(1 for _ in shape[1:-1]), shape[-1]), seed, step)
        return np.broadcast_to(of_channels, shape)
    batch, channels = shape[0], shape[-1]
    positions = int(np.prod(shape[1:-1]))
    blocks = -(-channels // 64)
    counters = np.zeros((batch, positions * blocks * 16, 4), np.uint64)
    counters[..., 0] = np.arange(positions * blocks * 16)
    counters[..., 1] = np.arange(batch)[:, None]
    counters[..., 2], counters[..., 3] = step & 0xFFFFFFFF, step >> 32
    words = philox(counters, seed).reshape(batch, positions, blocks, 16, 4)
    words = words.swapaxes(3, 4).reshape(batch, positions, blocks * 64)
    return words[..., :channels].reshape(shape)


def kept(
    shape: tuple[int, ...], rate: float, seed: int, step: int, spatial: bool = False
) -> NDArray[np.bool_]:
    """Which elements of a batch dropout keeps."""
    return draws(shape, seed, step, spatial) >= int(rate * 2**32)


def noise(shape: tuple[int, ...], seed: int, step: int) -> Array:
    """Normal numbers, one for each element of a batch."""
    shares = ((draws(shape, seed, step) >> np.uint64(9)).astype(np.float64) + 0.5) / 2**23
    return np.vectorize(NormalDist().inv_cdf)(shares)


def layer_norm(x: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    """Normalize the channels of each position, scale and shift."""
    return (x - x.mean(axis=-1, keepdims=True)) * _inverse(x, epsilon) * gamma + beta


def _inverse(x: Array, epsilon: float) -> Array:
    return np.asarray(1 / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon))


def layer_norm_gradient(
    x: Array, grad: Array, gamma: Array, epsilon: float
) -> tuple[Array, Array, Array]:
    """Gradients of x, gamma and beta."""
    inverse, axes = _inverse(x, epsilon), tuple(range(x.ndim - 1))
    value, scaled = (x - x.mean(axis=-1, keepdims=True)) * inverse, grad * gamma
    level = scaled.mean(axis=-1, keepdims=True)
    slope = (scaled * value).mean(axis=-1, keepdims=True)
    grad_x = inverse * (scaled - level - value * slope)
    return grad_x, (grad * value).sum(axis=axes), grad.sum(axis=axes)
