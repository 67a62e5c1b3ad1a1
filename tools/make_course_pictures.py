"""Make the pictures of docs/course with Galago itself; the same bits each time.

python tools/make_course_pictures.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import galago
from galago.diagrams import curves
from galago.explain import filters_report, journey
from galago.explain.colours import png
from galago.image import convolve, pool, sample
from galago.saving.durable import durable_writer

FOLDER = Path(__file__).parents[1] / "docs" / "course" / "pictures"
FILTERS = ("sobel_x", "sobel_y", "laplacian", "gaussian(9)")
#: Ankle boots among the test images.
BOOTS = [0, 23, 28]
EPOCHS = 5


def grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A grey picture as colours."""
    return np.repeat(picture[..., None], 3, axis=-1)


def write(name: str, data: bytes) -> None:
    with durable_writer(FOLDER / name) as file:
        file.write(data)
    print(f"{name}: {len(data):,} bytes")


def photographs() -> None:
    """The staircase, what filters find in it, and what pools leave of that."""
    half = pool(sample(), 2, mode="average").astype(np.uint8)
    write("staircase.png", png(grey(half)))
    found = [convolve(half, name, border="same", clamp=(0, 255)) for name in FILTERS]
    row = np.concatenate([one[60:240, 20:236] for one in found], axis=1)
    write("filtered.png", png(grey(row)))
    edges = convolve(sample(), "sobel", clamp=(0, 255))
    pools = [pool(edges, 2), pool(edges, 4), pool(edges, 8)]
    height = len(pools[0])
    apart = [np.pad(one, ((0, height - len(one)), (0, 8)), constant_values=255) for one in pools]
    write("pooled.png", png(grey(np.concatenate(apart, axis=1))))


def network() -> None:
    """A network with 16 filters: its layers, its training, the journey of three boots, filters."""
    galago.set_seed(1)
    (x, y), (x_test, y_test) = galago.datasets.fashion_mnist.load_data(subset=True)
    model = galago.applications.reference(16)
    before = model.layers[0].get_weights()[0]
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    test = (x_test[..., None] / 255.0, y_test)
    run = model.fit(x[..., None] / 255.0, y, epochs=EPOCHS, validation_data=test, verbose=0)
    series = {name: run.history[name] for name in ("accuracy", "val_accuracy")}
    write("training.svg", curves(series, "accuracy").text.encode())
    drawing = galago.utils.plot_model(model, show_shapes=True)
    write("network.svg", drawing.text.encode())
    model.class_names = galago.datasets.fashion_mnist.CLASS_NAMES
    maps = [layer.name for layer in model.layers[:4]] + [model.layers[-1].name]
    write("journey.svg", journey(model, x_test[BOOTS] / 255.0, maps).svg().encode())
    write("filters.svg", filters_report(before, model).svg().encode())


def main() -> None:
    """Make all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    photographs()
    network()


if __name__ == "__main__":
    main()
