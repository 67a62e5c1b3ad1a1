"""Helpers under Keras's names."""

from __future__ import annotations

import io
import os
import random as python_random
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from galago import naming
from galago.checks import whole
from galago.data import PyDataset
from galago.data.image_folder import image_dataset_from_directory
from galago.data.image_objects import array_to_img, img_to_array, load_img
from galago.data.pillow import require_pillow
from galago.data.splitting import split_dataset
from galago.diagrams import Svg, flow, require_svg
from galago.errors import ArgumentError, DataError, GalagoWarning
from galago.layers.gradient_check import check_gradient
from galago.random import set_seed
from galago.saving.durable import durable_writer

if TYPE_CHECKING:
    from galago.models import Model

__all__ = [
    "PyDataset",
    "array_to_img",
    "check_gradient",
    "clear_session",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "normalize",
    "plot_model",
    "save_img",
    "set_random_seed",
    "split_dataset",
    "to_categorical",
]


def set_random_seed(seed: int) -> None:
    """Fix Galago's seed together with those of Python's `random` and of NumPy, as Keras does.

    `galago.set_seed` leaves the other two alone.

    Arguments:
        seed: a whole number from 0 to 2**32 - 1, NumPy's limit
    Raises ArgumentError.

    >>> set_random_seed(1)
    """
    set_seed(seed)
    python_random.seed(seed)
    np.random.seed(seed)


def plot_model(
    model: Model,
    to_file: str | os.PathLike[str] | None = None,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    *,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> Svg:
    """Draw a model's layers and what feeds what, as SVG; neither graphviz nor pydot is needed.

    Arguments:
        model: a model that knows its input shape
        to_file: an .svg file to write, too; None for none
        show_shapes: whether to show each layer's output shape
        show_dtype: whether to show the number type
        show_layer_names: whether to show the layers' names
        show_layer_activations: whether to show activations
        show_trainable: whether to show what is trained
    Returns the drawing, which notebooks show. Raises ArgumentError, NotBuiltError and OSError.

    >>> import galago
    >>> plot_model(galago.applications.reference(4), show_shapes=True)
    <Svg of ... characters>
    """
    if to_file is not None:
        require_svg(to_file)
    boxes: list[list[str]] = []
    for call in model.structure.calls:
        layer, lines = call.layer, [type(call.layer).__name__]
        activation = getattr(layer, "activation", None)
        shown = (
            (show_layer_names, layer.name),
            (show_shapes, str(call.shape)),
            (show_dtype, layer.dtype),
            (show_layer_activations and activation not in (None, "linear"), str(activation)),
            (show_trainable and bool(layer.weights), "trained" if layer.trainable else "frozen"),
        )
        boxes.append(lines + [text for wanted, text in shown if wanted])
    places = {call: place for place, call in enumerate(model.structure.calls)}
    edges = [
        (places[source.first], place)
        for call, place in places.items()
        for source in call.inputs
        if source.first in places
    ]
    drawing = flow(boxes, edges)
    if to_file is not None:
        drawing.save(to_file)
    return drawing


def clear_session() -> None:
    """Start the automatic names of layers and models again: the next Dense is "dense".

    >>> from galago.layers import Dense
    >>> clear_session()
    >>> Dense(1).name
    'dense'
    """
    naming.reset()


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> npt.NDArray[np.float64]:
    """Return class numbers of shape (n,) or (n, 1) as one-hot rows, (n, num_classes).

    Arguments:
        x: the class numbers
        num_classes: as many as the largest number needs, if None
    Raises ArgumentError, and DataError for what is no class number.

    >>> to_categorical([0, 2], num_classes=3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    given = np.asarray(x)
    with np.errstate(invalid="ignore"):  # NaN is found below
        classes = given.astype(np.int64) if given.dtype.kind in "buif" else np.empty(0, np.int64)
    if classes.size == 0 or (classes != given).any() or classes.min() < 0:
        raise DataError(
            "to_categorical(): expected whole class numbers from 0, received "
            f"{given.dtype} of shape {given.shape} that holds others or none. Number the classes."
        )
    count = int(classes.max()) + 1
    if num_classes is not None:
        count = whole(num_classes, "num_classes", "to_categorical()")
    if classes.max() >= count:
        raise DataError(
            f"to_categorical(): expected class numbers below num_classes={count}, received "
            f"{classes.max()}. Pass num_classes={classes.max() + 1}."
        )
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    return np.asarray(classes[..., None] == np.arange(count), dtype=np.float64)


def normalize(x: npt.ArrayLike, axis: int = -1, order: float = 2) -> npt.NDArray[Any]:
    """Return an array divided by its norms along an axis, so that they become 1; zeros stay.

    Arguments:
        x: the array
        axis: along which the norms are
        order: that of the norms: 1 for sums of sizes, 2 for lengths

    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    array = np.asarray(x)
    norm = np.linalg.norm(array, order, axis, keepdims=True)
    return np.asarray(array / np.where(norm == 0, 1, norm))


def save_img(
    path: str | os.PathLike[str] | BinaryIO,
    x: npt.ArrayLike,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as a picture file, whole or not at all.

    Arguments:
        path: a name that ends in a known format's suffix, or an open file
        x: the array, (height, width, 1, 3 or 4); a JPEG holds no transparency, which is left out
            with a warning
        data_format, scale: those of array_to_img()
        file_format: "png", for a file without a suffix
        kwargs: more for Pillow's save(), such as quality=90
    Raises ArgumentError, MissingPackageError and OSError.

    >>> import os, tempfile, numpy as np
    >>> path = os.path.join(tempfile.mkdtemp(), "black.png")
    >>> save_img(path, np.zeros((4, 6, 3)), scale=False)
    >>> load_img(path).size
    (6, 4)
    """
    image = array_to_img(x, data_format, scale)
    kind = file_format
    if kind is None and isinstance(path, (str, os.PathLike)):
        kind = Path(path).suffix[1:]
    kind = {"jpg": "jpeg"}.get((kind or "").lower(), (kind or "").lower())
    require_pillow().init()
    if kind.upper() not in require_pillow().SAVE:
        raise ArgumentError(
            f"save_img(): expected a format that Pillow writes, received {kind!r}. "
            'Use a name such as "picture.png", or file_format="png".'
        )
    if image.mode == "RGBA" and kind == "jpeg":
        warnings.warn(
            "save_img(): a JPEG holds no transparency, expected 1 or 3 channels, received 4. "
            "The last one is left out; write a PNG to keep it.",
            GalagoWarning,
            stacklevel=2,
        )
        image = image.convert("RGB")
    if not isinstance(path, (str, os.PathLike)):
        image.save(path, format=kind, **kwargs)
        return
    content = io.BytesIO()
    image.save(content, format=kind, **kwargs)
    with durable_writer(path) as file:
        file.write(content.getbuffer())
