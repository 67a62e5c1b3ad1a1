"""The record of a training run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galago.callbacks.base import Callback, Logs
from galago.diagrams import curves


class History(Callback):
    """What fit() returns; one given among the callbacks is used instead of a new one.

    `history` maps each name ("loss", "val_accuracy") to its value after each epoch, `epoch` lists
    the epochs' numbers from 0, `params` holds the run's settings. A second run with the same
    object appends to `history`, as in Keras.

    >>> import numpy as np, galago as gl
    >>> model = gl.Sequential([gl.layers.Dense(1, input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0)
    >>> history.epoch, len(history.history["loss"])
    ([0, 1, 2], 3)
    """

    def __init__(self) -> None:
        self.params = {}
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def get_state(self) -> dict[str, Any]:
        """Return the epochs and their values."""
        return {"epoch": self.epoch, "history": self.history}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned."""
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Count the epochs of this run."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep the values of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def _repr_html_(self) -> str:
        """Curves, each with its val_ twin, in notebooks."""
        names = [name for name in self.history if not name.startswith("val_")]
        drawings = []
        for name in names:
            twin = {key: self.history[key] for key in (name, f"val_{name}") if key in self.history}
            drawings.append(curves(twin, name).text)
        return f'<div style="display:flex;flex-wrap:wrap">{"".join(drawings)}</div>'

    def __repr__(self) -> str:
        last = {name: round(values[-1], 4) for name, values in self.history.items()}
        return f"<History of {len(self.epoch)} epochs, last: {last}>"
