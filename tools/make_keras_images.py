"""Ask Keras what it makes of the folder of tests/data/picture_cases.py.

    KERAS_BACKEND=tensorflow python tools/make_keras_images.py

needs Keras and TensorFlow. Writes tests/data/keras_images.npz: for each case the images, labels,
class names and file paths, unshuffled. Made with Keras 3.15.1 on TensorFlow 2.21.
"""

from __future__ import annotations

import os
import runpy
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

TESTS = Path(__file__).parents[1] / "tests" / "data"


def main() -> None:
    """Load the folder in every way and store what comes out."""
    cases = runpy.run_path(str(TESTS / "picture_cases.py"))
    pictures, picture = cases["PICTURES"], cases["picture"]
    found: dict[str, np.ndarray] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in [*pictures, *cases["OTHERS"]]:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = picture(name) if name in pictures else np.zeros((1, 1, 3), np.uint8)
            path.write_bytes(tf.io.encode_png(pixels).numpy())
        for name, arguments in cases["CASES"].items():
            made = keras.utils.image_dataset_from_directory(
                folder, batch_size=None, shuffle=False, verbose=False, **arguments
            )
            rows = list(made)
            labelled = isinstance(rows[0], tuple)
            found[f"{name}/images"] = np.stack([np.asarray(r[0] if labelled else r) for r in rows])
            if labelled:
                found[f"{name}/labels"] = np.stack([np.asarray(row[1]) for row in rows])
                found[f"{name}/classes"] = np.array(made.class_names)
            paths = [os.path.relpath(path, folder) for path in made.file_paths]
            found[f"{name}/paths"] = np.array(paths)
    np.savez_compressed(TESTS / "keras_images.npz", **found)


if __name__ == "__main__":
    main()
