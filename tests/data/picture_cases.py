"""Pictures, and ways to resize them, that Keras and Galago must treat alike.

`tools/make_keras_images.py` asks Keras; test_keras_images.py compares.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Where a picture is, and its (height, width).
PICTURES = {
    "zebra/b.png": (5, 9),
    "ant/2.png": (8, 6),
    "ant/10.png": (7, 7),
    "ant/deep/1.png": (3, 8),
    "Bee/a.png": (11, 4),
    "Bee/B.png": (4, 4),
}
#: Files that are no pictures, and a picture in a folder that is no class: it counts only where
#: labels do not come from the folders.
OTHERS = ("ant/notes.txt", "README.md", ".hidden/c.png")

#: Arguments of image_dataset_from_directory(). Sizes are no smaller than the pictures': making
#: pictures smaller is where Galago differs on purpose. The sides inside of the borders of "pad"
#: are whole numbers, also in the float32 that TensorFlow computes them in.
CASES: dict[str, dict[str, Any]] = {
    "bilinear": {"image_size": (14, 12)},
    "nearest": {"image_size": (14, 12), "interpolation": "nearest"},
    "smaller_nearest": {"image_size": (3, 4), "interpolation": "nearest"},
    "crop": {"image_size": (12, 14), "crop_to_aspect_ratio": True},
    "pad": {"image_size": (16, 24), "pad_to_aspect_ratio": True, "interpolation": "nearest"},
    "categorical": {"image_size": (11, 9), "label_mode": "categorical"},
    "binary": {"image_size": 11, "label_mode": "binary", "class_names": ["zebra", "ant"]},
    "rgba": {"image_size": (11, 9), "color_mode": "rgba"},
    "no_labels": {"image_size": (11, 9), "labels": None},
    "listed": {"image_size": (11, 9), "labels": [4, 2, 2, 0, 4, 7, 2]},
    "training": {"image_size": 11, "validation_split": 0.4, "subset": "training"},
    "validation": {"image_size": 11, "validation_split": 0.4, "subset": "validation"},
}


def picture(name: str) -> NDArray[np.uint8]:
    """The pixels of a picture, RGB."""
    random = np.random.default_rng(sorted(PICTURES).index(name))
    return random.integers(0, 256, (*PICTURES[name], 3), dtype=np.uint8)
