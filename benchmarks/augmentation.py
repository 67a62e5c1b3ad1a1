"""What augmentation costs: microseconds an image of 64 x 64 x 3 bytes, in training.

    python benchmarks/augmentation.py
    python benchmarks/augmentation.py --torch    # a rotation by affine_grid and grid_sample, too

On one thread unless --threads says otherwise: an image is one task, so threads divide the images.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from galago import engine, layers
from galago.bench.tables import markdown
from galago.models import Sequential

BATCH, SIZE = 32, 64
AUGMENTATION = (
    layers.RandomFlip(),
    layers.RandomRotation(0.1),
    layers.RandomTranslation(0.1, 0.1),
    layers.RandomZoom(0.2),
    layers.RandomCrop(56, 56),
    layers.RandomContrast(0.2),
    layers.RandomBrightness(0.2),
    layers.Resizing(48, 48),
)


def cost(layer: layers.Layer) -> float:
    """Microseconds an image of a layer at the front of a model."""
    rows = [layers.Input((SIZE, SIZE, 3)), layer, layers.GlobalMaxPooling2D(), layers.Dense(1)]
    model = Sequential(rows)
    model.compile("sgd", "mean_squared_error")
    images = np.random.default_rng(0).integers(0, 256, (BATCH, SIZE, SIZE, 3), np.uint8)
    profile = model.profile(images, np.zeros((BATCH, 1)))
    (found,) = (one.microseconds for one in profile.layers if one.name == layer.name)
    return found / BATCH


def torch_cost(threads: int) -> float:
    """The same for turns in PyTorch, whose images have their channels first, as float32."""
    import torch

    torch.set_num_threads(threads)
    images = torch.rand(BATCH, 3, SIZE, SIZE)

    def turned() -> Any:
        angles = (torch.rand(BATCH) - 0.5) * (0.2 * 2 * torch.pi)
        sines, cosines, zeros = angles.sin(), angles.cos(), torch.zeros(BATCH)
        rows = [cosines, -sines, zeros, sines, cosines, zeros]
        grid = torch.nn.functional.affine_grid(
            torch.stack(rows, 1).reshape(BATCH, 2, 3), list(images.shape), align_corners=True
        )
        return torch.nn.functional.grid_sample(
            images, grid, padding_mode="reflection", align_corners=True
        )

    best = float("inf")
    for _ in range(200):
        start = time.perf_counter()
        turned()
        best = min(best, time.perf_counter() - start)
    return best / BATCH * 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--torch", action="store_true", help="PyTorch's rotation beside it")
    options = parser.parse_args(arguments)
    engine.set_threads(options.threads)
    rows = [[type(layer).__name__, f"{cost(layer):.1f}"] for layer in AUGMENTATION]
    if options.torch:
        rows.append(["PyTorch: a rotation", f"{torch_cost(options.threads):.1f}"])
    print(markdown(["layer", "us an image"], rows))


if __name__ == "__main__":
    main()
