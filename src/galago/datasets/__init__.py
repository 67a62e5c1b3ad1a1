"""Data sets that are ready to train on."""

from __future__ import annotations

from galago.datasets import fashion_mnist, mnist

__all__ = ["fashion_mnist", "mnist"]
