"""A program whose layer may kill it in the middle of a step: see test_keras_custom.

Arguments: a folder for checkpoints; in which of the layer's calls to end by SIGKILL, 0 for none.
Prints a sum of the weights, the optimizer's state and the history.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from typing import Any

import numpy as np

import galago as gl


class Scaled(gl.layers.Layer):
    """Times a trained number for each feature; counts batches in a weight that is not trained."""

    calls, last = 0, 0

    def build(self, input_shape: Any) -> None:
        """Make both weights."""
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
        self.seen = self.add_weight((), "zeros", trainable=False, name="seen")

    def call(self, inputs: Any, training: bool) -> Any:
        """The product."""
        Scaled.calls += training
        if Scaled.calls == Scaled.last and training:
            os.kill(os.getpid(), signal.SIGKILL)
        if training:
            self.seen.assign(self.seen.numpy() + 1)
        return inputs * self.scale

    def gradient(self, inputs: Any, grad: Any) -> Any:
        """Of the inputs and the numbers."""
        return grad * self.scale, (grad * inputs).sum(axis=0)


def main(folder: str, last: str) -> None:
    """Train, and say what came out."""
    Scaled.last = int(last)
    gl.set_seed(1)
    model = gl.Sequential(
        [
            gl.layers.Input((6,)),
            gl.layers.Dense(5),
            gl.layers.Dropout(0.2),
            Scaled(),
            gl.layers.Dense(2),
        ]
    )
    model.compile("adam", "mse")
    draw = np.random.default_rng(1)
    x, y = draw.random((40, 6), np.float32), draw.random((40, 2), np.float32)
    checkpoint = gl.callbacks.BackupAndRestore(folder, save_freq=3)
    history = model.fit(x, y, 8, 5, 0, [checkpoint])
    values = [*model.get_weights(), *model.get_optimizer_state()]
    told = json.dumps(history.history).encode()
    print(hashlib.sha256(b"".join(value.tobytes() for value in values) + told).hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
