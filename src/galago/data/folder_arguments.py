"""The arguments of image_dataset_from_directory(), and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from galago.checks import flag, real
from galago.data.images import CROP, PAD, STRETCH
from galago.errors import ArgumentError

OWNER = "image_dataset_from_directory()"
_LABEL_MODES = ("int", "categorical", "binary", None)
_SUBSETS = ("training", "validation", "both", None)


class FolderOptions(TypedDict, total=False):
    """What image_dataset_from_directory() takes besides the folder, its labels and the subset."""

    class_names: Sequence[str] | None
    color_mode: str
    batch_size: int | None
    image_size: Any
    shuffle: bool
    seed: int | None
    validation_split: float | None
    interpolation: str
    follow_links: bool
    crop_to_aspect_ratio: bool
    pad_to_aspect_ratio: bool
    verbose: bool
    skip_bad: bool


def fit_of(crop: bool, padding: bool) -> str:
    """Return how pictures come to another aspect ratio. Raises ArgumentError."""
    crop, padding = (
        flag(crop, "crop_to_aspect_ratio", OWNER),
        flag(padding, "pad_to_aspect_ratio", OWNER),
    )
    if crop and padding:
        raise ArgumentError(
            f"{OWNER}: expected one of crop_to_aspect_ratio and pad_to_aspect_ratio, received "
            "both. Leave one out."
        )
    return CROP if crop else PAD if padding else STRETCH


def check_labels(labels: Any, label_mode: Any, class_names: Any) -> None:
    """Raise ArgumentError for labels that are none, or that class_names do not go with."""
    if label_mode not in _LABEL_MODES:
        raise ArgumentError(
            f'{OWNER}: expected label_mode "int", "categorical", "binary" or None, received '
            f"{label_mode!r}. Use one of them."
        )
    listed_labels = isinstance(labels, (list, tuple, np.ndarray))
    if not (labels is None or listed_labels or (isinstance(labels, str) and labels == "inferred")):
        raise ArgumentError(
            f'{OWNER}: expected labels="inferred", None, or a list with a whole number for each '
            f"file, received {labels!r}. Use one of them."
        )
    if class_names is not None and (labels is None or listed_labels or label_mode is None):
        raise ArgumentError(
            f'{OWNER}: expected class_names with labels="inferred" and a label_mode only, received '
            f"them with labels={labels!r:.40}, label_mode={label_mode!r}. Leave class_names out."
        )


def check_split(fraction: Any, subset: Any, shuffle: bool, seed: Any) -> None:
    """Raise ArgumentError for a subset that cannot be told, or not twice in the same way."""
    if subset not in _SUBSETS:
        raise ArgumentError(
            f'{OWNER}: expected subset "training", "validation", "both" or None, received '
            f"{subset!r}. Use one of them."
        )
    if (fraction is None) != (subset is None):
        raise ArgumentError(
            f"{OWNER}: expected validation_split and subset together, received "
            f"validation_split={fraction!r} and subset={subset!r}. Pass both or neither."
        )
    if fraction is not None:
        real(fraction, "validation_split", OWNER, low=0.0, high=1.0)
        if shuffle and seed is None:
            raise ArgumentError(
                f"{OWNER}: expected a seed with validation_split and shuffle=True, so that the "
                "subsets of two calls have no file in common, received None. Pass seed=0."
            )
