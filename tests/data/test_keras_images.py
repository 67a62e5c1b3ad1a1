"""A folder gives what Keras makes of it: files, labels, classes, pixels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from picture_cases import CASES

from galago.utils import image_dataset_from_directory

STORED = dict(np.load(Path(__file__).with_name("keras_images.npz")))


def keras_case(name: str, what: str) -> Any:
    return STORED.get(f"{name}/{what}")


@pytest.mark.parametrize("name", CASES)
def test_files_labels_and_classes_are_keras_ones(name: str, zoo: Path) -> None:
    made = image_dataset_from_directory(zoo, shuffle=False, verbose=False, **CASES[name])
    found = [os.path.relpath(path, zoo) for path in made.file_paths]
    assert found == keras_case(name, "paths").tolist()
    _, labels = made.arrays()
    expected = keras_case(name, "labels")
    if expected is None:
        assert labels is None and made.class_names is None
    else:
        assert labels is not None and labels.dtype == expected.dtype
        assert labels.tolist() == expected.tolist()
        assert made.class_names == keras_case(name, "classes").tolist()


@pytest.mark.parametrize("name", CASES)
def test_pixels_are_keras_ones_but_whole_numbers(name: str, zoo: Path) -> None:
    made = image_dataset_from_directory(zoo, shuffle=False, verbose=False, **CASES[name])
    images, _ = made.arrays()
    expected = keras_case(name, "images")
    assert images.dtype == np.uint8 and images.shape == expected.shape
    limit = 0 if CASES[name].get("interpolation") == "nearest" else 1  # rounded along each axis
    assert np.abs(images.astype(np.float32) - expected).max() <= limit
