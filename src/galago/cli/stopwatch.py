"""How long the epochs of a training take."""

from __future__ import annotations

import time
from typing import Any

from galago.callbacks import Callback


class Stopwatch(Callback):
    """Collects the seconds of each epoch."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop, and keep the time."""
        self.seconds.append(time.perf_counter() - self._began)

    def report(self, images: int) -> str:
        """Return the time, the time of an epoch, and images a second, for epochs of `images`."""
        total = sum(self.seconds)
        each = total / len(self.seconds)
        return (
            f"Training took {total:.2f} s: {each:.2f} s an epoch, "
            f"{images / each:,.0f} images a second."
        )
