"""The networks of the course, the command line and the benchmarks, ready to compile."""

from __future__ import annotations

from galago.layers import Conv2D, Dense, Flatten, MaxPooling2D
from galago.models import Sequential

#: Fashion-MNIST and MNIST: sides of the images, and number of classes.
_SIDE, _CLASSES = 28, 10


def reference(filters: int = 64) -> Sequential:
    """Return the reference network: two convolutions with pooling, then two dense layers.

    Arguments: filters of both convolutions. It takes images of shape (n, 28, 28, 1), scaled to
    0..1, and gives the probabilities of 10 classes, (n, 10). Raises ArgumentError.

    Source: the convolutional lab of the course "Introduction to TensorFlow" (L. Moroney,
    deeplearning.ai), part 6, lesson 2; five epochs on Fashion-MNIST gave 90.9 % there.

    >>> reference().count_params(), reference(filters=32).count_params()
    (243786, 113386)
    """
    return Sequential(
        [
            Conv2D(filters, (3, 3), activation="relu", input_shape=(_SIDE, _SIDE, 1)),
            MaxPooling2D(2, 2),
            Conv2D(filters, (3, 3), activation="relu"),
            MaxPooling2D(2, 2),
            Flatten(),
            Dense(128, activation="relu"),
            Dense(_CLASSES, activation="softmax"),
        ]
    )


def dense_baseline() -> Sequential:
    """Return the baseline without convolutions: what the reference network has to beat.

    It takes images of shape (n, 28, 28), scaled to 0..1, and gives the probabilities of 10
    classes, (n, 10). Source: as above, part 4, lesson 2; five epochs gave 87.4 % there.

    >>> dense_baseline().count_params()
    101770
    """
    return Sequential(
        [
            Flatten(input_shape=(_SIDE, _SIDE)),
            Dense(128, activation="relu"),
            Dense(_CLASSES, activation="softmax"),
        ]
    )
