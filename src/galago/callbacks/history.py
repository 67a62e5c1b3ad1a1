"""The record of a training run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from galago.callbacks.base import Callback, Logs
from galago.diagrams import beside, curves
from galago.figures import Drawn, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class History(Callback, Drawn):
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

    def _curves(self) -> dict[str, dict[str, list[float]]]:
        """What is drawn together: each name with its val_ twin, if that is there."""
        names = [name for name in self.history if not name.startswith("val_")]
        return {
            name: {key: self.history[key] for key in (name, f"val_{name}") if key in self.history}
            for name in names
        }

    def svg(self) -> str:
        """Return the curves over the epochs as SVG, each name with its val_ twin."""
        return beside([curves(twins, name) for name, twins in self._curves().items()]).text

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x:auto">{self.svg()}</div>'

    def plot(self) -> Figure:
        """Draw the curves as a matplotlib figure. Raises MissingPackageError."""
        drawn = self._curves()
        figure = new_figure(max(4.5 * len(drawn), 4.5), 3.2)
        axes = figure.subplots(1, max(len(drawn), 1), squeeze=False)[0]
        for one, (name, twins) in zip(axes, drawn.items(), strict=False):
            for key, values in twins.items():
                one.plot(range(1, len(values) + 1), values, marker="o", markersize=3, label=key)
            one.set(title=name, xlabel="epoch")
            one.legend()
        return figure

    def __repr__(self) -> str:
        last = {name: round(values[-1], 4) for name, values in self.history.items()}
        return f"<History of {len(self.epoch)} epochs, last: {last}>"
