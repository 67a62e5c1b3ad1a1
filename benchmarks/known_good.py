"""Whether filters that start known good help: accuracy after 1 and 5 epochs, several seeds.

    python benchmarks/known_good.py

Trains the reference network on Fashion-MNIST with three starts of its convolutions, everything else
the same: GlorotUniform, KnownGood, and KnownGood with whitening filters of the images in the first
layer. It needs no quiet machine.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

import galago
from galago import layers
from galago.bench.tables import markdown
from galago.datasets import fashion_mnist
from galago.initializers import GlorotUniform, Initializer, KnownGood

Images = NDArray[np.float32]
#: Of both convolutions, for the training images.
STARTS: dict[str, Callable[[NDArray[np.uint8]], tuple[Initializer, Initializer]]] = {
    "glorot_uniform": lambda images: (GlorotUniform(), GlorotUniform()),
    "known_good": lambda images: (KnownGood(), KnownGood()),
    "known_good with data": lambda images: (KnownGood(data=images), GlorotUniform()),
}


def network(first: Initializer, second: Initializer, filters: int) -> galago.Sequential:
    """The reference network with these starts."""
    return galago.Sequential(
        [
            layers.Conv2D(
                filters, 3, activation="relu", kernel_initializer=first, input_shape=(28, 28, 1)
            ),
            layers.MaxPooling2D(),
            layers.Conv2D(filters, 3, activation="relu", kernel_initializer=second),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def accuracies(start: str, seed: int, epochs: int, filters: int, subset: bool) -> list[float]:
    """Test accuracy after each epoch."""
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data(subset=subset)
    galago.set_seed(seed)
    model = network(*STARTS[start](x_train), filters)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x_train[..., None] / np.float32(255),
        y_train,
        epochs=epochs,
        validation_data=(x_test[..., None] / np.float32(255), y_test),
        verbose=0,
    )
    return list(history.history["val_accuracy"])


def row(start: str, runs: Sequence[list[float]]) -> tuple[str, ...]:
    """Mean and range after the first epoch and after the last."""
    cells = [start]
    for epoch in (0, -1):
        found = [run[epoch] for run in runs]
        cells.append(f"{statistics.fmean(found):.4f} ({min(found):.4f} to {max(found):.4f})")
    return tuple(cells)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--filters", type=int, default=64)
    parser.add_argument("--subset", action="store_true", help="the 10,000 images of the package")
    options = parser.parse_args()
    rows = []
    for start in STARTS:
        runs = []
        for seed in options.seeds:
            runs.append(accuracies(start, seed, options.epochs, options.filters, options.subset))
            print(f"{start}, seed {seed}: {' '.join(f'{a:.4f}' for a in runs[-1])}", flush=True)
        rows.append(row(start, runs))
    last = f"after {options.epochs} epochs"
    print(f"\n{markdown(('start of the convolutions', 'after 1 epoch', last), rows)}")


if __name__ == "__main__":
    main()
