"""The work of `galago train`, and what it has in common for all data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import galago
from galago import applications, engine
from galago.cli.classes import class_results, class_table, most_confused
from galago.cli.data import how_to_get_all
from galago.cli.networks import for_pixels
from galago.cli.output import columns, megabytes, printable, show
from galago.cli.stopwatch import Stopwatch
from galago.datasets import fashion_mnist
from galago.models import Sequential
from galago.optimizers import Adam


@dataclass(frozen=True)
class Settings:
    """How to train, and where to put the network."""

    output: Path | None
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    threads: int | None

    def begin(self) -> None:
        """Set the seed and the number of threads."""
        galago.set_seed(self.seed)
        if self.threads is not None:
            galago.set_threads(self.threads)

    def compile(self, model: Sequential) -> None:
        """Compile for class numbers as labels."""
        adam = Adam(self.learning_rate)
        model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])

    def fit(self, model: Sequential, x: Any, y: Any, validation: Any = None) -> None:
        """Show the network, train it, say how long it took."""
        model.summary()
        threads = engine.get_threads()
        print(
            f"\nTraining with batches of {self.batch_size}, seed {self.seed}, {engine.isa()} "
            f"instructions, {threads} thread{'s' if threads > 1 else ''}",
            flush=True,
        )
        stopwatch = Stopwatch()
        model.fit(
            x,
            y,
            batch_size=self.batch_size,
            epochs=self.epochs,
            callbacks=[stopwatch],
            validation_data=validation,
        )
        print(stopwatch.report(len(x)))

    def save(self, model: Sequential, class_names: Sequence[str]) -> None:
        """Save the network with the names of its classes, if one asked for it."""
        if self.output is None:
            return
        model.class_names = class_names
        model.save(self.output)
        size, name = megabytes(self.output.stat().st_size), printable(str(self.output))
        print(f"\nSaved to {name} ({size}). Try: galago predict {name} IMAGE")


def train_on_clothes(settings: Settings, *, full: bool, filters: int | None) -> None:
    """Train on Fashion-MNIST, test and report. Without filters it is the dense baseline."""
    settings.begin()
    model = applications.dense_baseline() if filters is None else applications.reference(filters)
    settings.compile(model)
    train, test = fashion_mnist.load_data(subset=not full)

    print(f"Fashion-MNIST: {len(train[1]):,} images to train on, {len(test[1]):,} to test.")
    if not full:
        print(f"All 70,000: {how_to_get_all()}")
    print()
    settings.fit(model, scaled(train[0], model), train[1])
    report("Test", model, scaled(test[0], model), test[1], fashion_mnist.CLASS_NAMES)
    if settings.output is not None:
        pixels = for_pixels(model)
        settings.compile(pixels)
        settings.save(pixels, fashion_mnist.CLASS_NAMES)


def report(
    what: str,
    model: Sequential,
    inputs: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    class_names: Sequence[str],
) -> None:
    """Print the accuracy, the table of the classes, and the fingerprint."""
    scores = model.evaluate(inputs, labels, verbose=0, return_dict=True)
    classes = model.predict(inputs, verbose=0).argmax(axis=1)
    print(f"\n{what} accuracy: {scores['accuracy']:.4f}, loss: {scores['loss']:.4f}\n")
    show_classes(labels, classes, class_names)
    print(f"\nFingerprint of the weights: {fingerprint(model)}")


def show_classes(
    labels: npt.NDArray[Any], classes: npt.NDArray[Any], class_names: Sequence[str]
) -> None:
    """Print the table of the classes, and which were confused most often."""
    results = class_results(labels, classes, [printable(name) for name in class_names])
    show(class_table(results, columns()))
    if confused := most_confused(results):
        print("\nMost often confused:", *confused, sep="\n  ")


def scaled(images: npt.NDArray[np.uint8], model: Sequential) -> npt.NDArray[np.float32]:
    """Return images with pixels from 0 to 1, in the shape that the model takes."""
    pixels: npt.NDArray[np.float32] = np.divide(images, 255, dtype=np.float32)
    return pixels.reshape(-1, *model.input_sizes)


def fingerprint(model: Sequential) -> str:
    """Return the first half of a SHA-256 of all weights: equal for equal bits."""
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(weights.astype("<f4").tobytes())
    return digest.hexdigest()[:32]
