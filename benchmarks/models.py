"""The two models of the course, as its notebooks write them."""

from __future__ import annotations

from collections.abc import Callable

from galago.layers import Conv2D, Dense, Flatten, MaxPooling2D
from galago.models import Sequential


def network() -> Sequential:
    """The reference model: two convolutions of 64 filters, each with ReLU and max pooling."""
    return Sequential(
        [
            Conv2D(64, (3, 3), activation="relu", input_shape=(28, 28, 1)),
            MaxPooling2D(2, 2),
            Conv2D(64, (3, 3), activation="relu"),
            MaxPooling2D(2, 2),
            Flatten(),
            Dense(128, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )


def dense() -> Sequential:
    """The dense baseline."""
    return Sequential(
        [
            Flatten(input_shape=(28, 28)),
            Dense(128, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )


MODELS: dict[str, Callable[[], Sequential]] = {"network": network, "dense": dense}


def compiled(name: str) -> Sequential:
    """A fresh model, compiled as the course does."""
    model = MODELS[name]()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
