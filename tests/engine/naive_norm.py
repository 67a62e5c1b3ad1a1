"""Batch normalization in plain NumPy float64; channels are the last axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from naive import Array


@dataclass(frozen=True)
class Normalization:
    """What a batch_norm node holds; gamma is 1 and beta 0 where it has none.

    `moving` are the moving mean and variance.
    """

    gamma: Array
    beta: Array
    moving: tuple[Array, Array]
    epsilon: float
    momentum: float

    def statistics(self, x: Array, of_batch: bool) -> tuple[Array, Array]:
        """Mean and variance that the node uses for x: those of the batch, or the moving ones."""
        axes = tuple(range(x.ndim - 1))
        return (x.mean(axis=axes), x.var(axis=axes)) if of_batch else self.moving

    def forward(self, x: Array, of_batch: bool) -> Array:
        """gamma * (x - mean) / sqrt(variance + epsilon) + beta."""
        mean, variance = self.statistics(x, of_batch)
        return self.gamma * (x - mean) / np.sqrt(variance + self.epsilon) + self.beta

    def backward(self, x: Array, grad: Array, of_batch: bool) -> tuple[Array, Array, Array]:
        """Gradients of x, gamma and beta; statistics of the batch depend on x themselves."""
        mean, variance = self.statistics(x, of_batch)
        deviation = np.sqrt(variance + self.epsilon)
        normal = (x - mean) / deviation
        axes = tuple(range(x.ndim - 1))
        grad_gamma, grad_beta = (grad * normal).sum(axis=axes), grad.sum(axis=axes)
        if of_batch:
            count = x.size // x.shape[-1]
            grad = grad - grad_beta / count - normal * grad_gamma / count
        return self.gamma / deviation * grad, grad_gamma, grad_beta

    def moved(self, x: Array) -> tuple[Array, Array]:
        """The moving statistics after a train step on x."""
        kept = self.momentum
        batch = self.statistics(x, of_batch=True)
        mean, variance = (
            kept * old + (1 - kept) * new for old, new in zip(self.moving, batch, strict=True)
        )
        return mean, variance
