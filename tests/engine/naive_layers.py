"""Batch normalization and dropout in plain NumPy, as naive.py has the rest."""

from __future__ import annotations

from dataclasses import dataclass

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


def kept(shape: tuple[int, ...], rate: float, seed: int, step: int) -> NDArray[np.bool_]:
    """Which elements of a batch dropout keeps.

    16 counters give the draws of 64 channels of a position; channel c has word c / 16 % 4.
    """
    batch, channels = shape[0], shape[-1]
    positions = int(np.prod(shape[1:-1]))
    blocks = -(-channels // 64)
    counters = np.zeros((batch, positions * blocks * 16, 4), np.uint64)
    counters[..., 0] = np.arange(positions * blocks * 16)
    counters[..., 1] = np.arange(batch)[:, None]
    counters[..., 2], counters[..., 3] = step & 0xFFFFFFFF, step >> 32
    words = philox(counters, seed).reshape(batch, positions, blocks, 16, 4)
    draws = words.swapaxes(3, 4).reshape(batch, positions, blocks * 64)[..., :channels]
    return (draws >= int(rate * 2**32)).reshape(shape)
