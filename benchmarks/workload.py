"""What train.py's contestants train on: one file, made once. Needs NumPy, not Galago."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WARM_UP_STEPS = 20


@dataclass(frozen=True)
class Workload:
    """Images (n, 28, 28, 1) in 0 to 1, their labels, and initial weights in Keras's layout."""

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    weights: list[NDArray[np.float32]]


def save(
    path: Path,
    train: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    test: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    weights: list[NDArray[np.float32]],
) -> None:
    """Write a workload: images and labels as the data set has them, and weights."""
    arrays: dict[str, Any] = {f"weights_{i}": value for i, value in enumerate(weights)}
    np.savez(path, x=train[0], y=train[1], x_test=test[0], y_test=test[1], **arrays)


def load(path: Path) -> Workload:
    """Read a workload."""
    with np.load(path) as file:
        count = sum(name.startswith("weights_") for name in file.files)
        return Workload(
            _scaled(file["x"]),
            file["y"].astype(np.int64),
            _scaled(file["x_test"]),
            file["y_test"].astype(np.int64),
            [file[f"weights_{i}"] for i in range(count)],
        )


def options(description: str | None) -> argparse.ArgumentParser:
    """The options that every contestant has."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workload", type=Path, help="the file that train.py made")
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    return parser


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images[..., None].astype(np.float32) / np.float32(255)
