"""Callbacks: code of the user's that watches a training and may stop it."""

from __future__ import annotations

from galago.callbacks.base import Callback
from galago.callbacks.history import History

__all__ = ["Callback", "History"]
