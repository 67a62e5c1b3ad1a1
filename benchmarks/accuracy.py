"""Accuracy after 5 epochs of Fashion-MNIST, with the defaults of the course.

    python benchmarks/accuracy.py
    python benchmarks/accuracy.py --models network --seeds 1 2 3 4 5 --json accuracy.json

Trains the reference network and the dense baseline on all 60,000 images (Adam, batches of 32) and
evaluates them on the 10,000 test images after every epoch. It needs no quiet machine: a seed gives
the same accuracies however long it takes. The bars are what a change must not fall below.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import galago
from galago import applications
from galago.bench import protocol
from galago.bench.tables import markdown
from galago.datasets import fashion_mnist
from galago.models import Sequential

MODELS: dict[str, Callable[[], Sequential]] = {
    "network": applications.reference,
    "dense": applications.dense_baseline,
}
#: Test accuracy after 5 epochs.
BARS = {"network": 0.900, "dense": 0.865}


@dataclass(frozen=True)
class Run:
    """One model trained from one seed: accuracies and losses by epoch, seconds with evaluation."""

    model: str
    seed: int
    seconds: float
    history: dict[str, list[float]]


def train(name: str, seed: int, epochs: int, subset: bool) -> Run:
    """Train a model; galago prints a line an epoch."""
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data(subset=subset)
    galago.set_seed(seed)
    model = MODELS[name]()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    history = model.fit(
        _scaled(x_train, model.input_shape),
        y_train,
        epochs=epochs,
        validation_data=(_scaled(x_test, model.input_shape), y_test),
        verbose=2,
    )
    return Run(name, seed, time.perf_counter() - start, history.history)


def summary(runs: Sequence[Run]) -> str:
    """The table of the docs: means over the seeds, and the range of the last test accuracy."""
    lines = []
    for name in dict.fromkeys(run.model for run in runs):
        own = [run for run in runs if run.model == name]
        last = [run.history["val_accuracy"][-1] for run in own]
        reached = sum(accuracy >= BARS[name] for accuracy in last)
        lines.append(
            (
                name,
                _means([run.history["accuracy"] for run in own]),
                _means([run.history["val_accuracy"] for run in own]),
                f"{min(last):.4f} to {max(last):.4f}",
                f"{BARS[name]:.3f}: {reached} of {len(own)}",
            )
        )
    return markdown(("model", "train accuracy", "test accuracy", "last test", "bar"), lines)


def _scaled(images: NDArray[np.uint8], shape: Sequence[int | None]) -> NDArray[np.float32]:
    """Pixels from 0 to 1, with the axes that the model expects."""
    sizes = [size for size in shape if size is not None]
    return (images.astype(np.float32) / np.float32(255)).reshape(-1, *sizes)


def _means(histories: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{statistics.fmean(epoch):.4f}" for epoch in zip(*histories, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], help="one run for each")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument(
        "--subset", action="store_true", help="the 10,000 images of the package: a quick look"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every epoch's figures")
    options = parser.parse_args()
    runs = []
    for name in options.models:
        for seed in options.seeds:
            print(f"\n{name}, seed {seed}", flush=True)
            runs.append(train(name, seed, options.epochs, options.subset))
            print(f"{runs[-1].seconds:.1f} s")
    print(f"\nMeans over seeds {options.seeds}, galago {galago.__version__}\n\n{summary(runs)}")
    if options.json:
        content = {
            "command": ["python", *sys.argv],
            "machine": protocol.machine(),
            "bars": BARS,
            "runs": [asdict(run) for run in runs],
        }
        options.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
