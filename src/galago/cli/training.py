"""The work of `galago train`."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

import galago
from galago import applications, engine
from galago.cli.classes import class_results, class_table
from galago.cli.data import how_to_get_all
from galago.cli.output import columns, show
from galago.cli.stopwatch import Stopwatch
from galago.datasets import fashion_mnist
from galago.models import Sequential


def run_training(
    *,
    full: bool,
    epochs: int,
    filters: int | None,
    batch_size: int,
    seed: int,
    threads: int | None,
) -> None:
    """Train, test and report; see `galago train`. Without filters it is the dense baseline."""
    galago.set_seed(seed)
    if threads is not None:
        galago.set_threads(threads)
    threads = engine.get_threads()
    model = applications.dense_baseline() if filters is None else applications.reference(filters)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    train, test = fashion_mnist.load_data(subset=not full)

    print(f"Fashion-MNIST: {len(train[1]):,} images to train on, {len(test[1]):,} to test.")
    if not full:
        print(f"All 70,000: {how_to_get_all()}")
    print()
    model.summary()
    print(
        f"\nTraining with batches of {batch_size}, seed {seed}, {engine.isa()} instructions, "
        f"{threads} thread{'s' if threads > 1 else ''}",
        flush=True,
    )
    stopwatch = Stopwatch()
    inputs = scaled(train[0], model)
    model.fit(inputs, train[1], batch_size=batch_size, epochs=epochs, callbacks=[stopwatch])
    print(stopwatch.report(len(inputs)))
    _report(model, scaled(test[0], model), test[1])


def _report(model: Sequential, inputs: npt.NDArray[Any], labels: npt.NDArray[Any]) -> None:
    scores = model.evaluate(inputs, labels, verbose=0, return_dict=True)
    classes = model.predict(inputs, verbose=0).argmax(axis=1)
    print(f"\nTest accuracy: {scores['accuracy']:.4f}, loss: {scores['loss']:.4f}\n")
    results = class_results(labels, classes, fashion_mnist.CLASS_NAMES)
    show(class_table(results, columns()))
    print(f"\nFingerprint of the weights: {fingerprint(model)}")


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
