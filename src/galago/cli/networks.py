"""Networks for the command line, and how their files take pictures as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from galago import applications
from galago.initializers import Constant
from galago.layers import (
    DepthwiseConv2D,
    Input,
    Layer,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomZoom,
)
from galago.models import Sequential
from galago.shapes import Shape

#: What --model may name, and what makes it for images of a shape and a number of classes.
NETWORKS: dict[str, Callable[..., Sequential]] = {
    "small_cnn": applications.small_cnn,
    "reference": applications.reference,
    "dense_baseline": applications.dense_baseline,
    "vgg_like": applications.vgg_like,
    "mobilenet_like": applications.mobilenet_like,
}


def network(name: str, input_shape: Shape, classes: int, *, augment: bool = False) -> Sequential:
    """Return a new network that takes pixels from 0 to 255. Raises ArgumentError.

    With `augment` it changes every picture in training, as photographs of one thing differ.
    """
    front = _augmentation() if augment else []
    return for_pixels(NETWORKS[name](input_shape=input_shape, classes=classes), front)


def for_pixels(model: Sequential, front: Sequence[Layer] = ()) -> Sequential:
    """Return the layers of a model for numbers from 0 to 1 behind one that divides by 255.

    The model's weights are shared. The new layer is a convolution of one pixel, channel by
    channel, that is never trained: every Keras opens it. Before it stand the layers in `front`.
    """
    height, width, *channels = model.input_sizes
    shape = height, width, *(channels or [1])
    layers: list[Any] = [Input(shape=shape), *front, _rescaling(), *model.layers]
    return Sequential(layers, name=model.name)


def _augmentation() -> list[Layer]:
    return [
        RandomFlip("horizontal"),
        RandomRotation(0.05),
        RandomZoom(0.1),
        RandomContrast(0.2),
    ]


def _rescaling() -> Layer:
    return DepthwiseConv2D(
        1,
        use_bias=False,
        depthwise_initializer=Constant(1 / 255),
        trainable=False,
        name="rescaling",
    )
