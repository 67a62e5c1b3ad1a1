"""Models that the tests of files save: of every layer, branching, trained."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from galago import applications, initializers
from galago.layers import (
    ELU,
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Input,
    LeakyReLU,
    MaxPooling2D,
    ReLU,
    SeparableConv2D,
    Softmax,
    ZeroPadding2D,
)
from galago.models import Model, Sequential
from galago.saving import hdf5


def everything() -> Sequential:
    """Every layer that can stand in a row."""
    return Sequential(
        [
            Input((14, 14, 3)),
            ZeroPadding2D(((1, 0), (2, 1))),
            Conv2D(8, (3, 5), padding="same", dilation_rate=2, activation="relu"),
            BatchNormalization(momentum=0.9, scale=False),
            DepthwiseConv2D(3, depth_multiplier=2, use_bias=False),
            LeakyReLU(0.1),
            SeparableConv2D(6, 3, padding="same", activation="elu"),
            MaxPooling2D(),
            ELU(0.5),
            AveragePooling2D(3, strides=1, padding="same"),
            ReLU(max_value=6),
            Dropout(0.3, seed=4),
            Activation("tanh"),
            Flatten(),
            Dense(5, kernel_initializer="he_uniform", bias_initializer=initializers.Constant(0.5)),
            Softmax(),
        ],
        name="all_of_them",
    )


def branches() -> Model:
    """Layers that join, and one that is called twice."""
    inputs = Input((8, 8, 4), name="picture")
    relu = ReLU(name="twice")
    left = relu(Conv2D(4, 3, padding="same", name="left")(inputs))
    joined = Concatenate()([relu(Add()([inputs, left])), left])
    both = Add()([GlobalAveragePooling2D()(joined), GlobalMaxPooling2D()(joined)])
    return Model(inputs, Dense(3, activation="softmax")(both), name="branching")


MODELS: dict[str, Callable[[], Model]] = {
    "everything": everything,
    "branches": branches,
    "reference": lambda: applications.reference(filters=8),
    "dense_baseline": applications.dense_baseline,
    "lenet5": applications.lenet5,
    "resnet20": applications.resnet20,
    "mobilenet_like": applications.mobilenet_like,
    "vgg_like": applications.vgg_like,
}


def data(model: Model, count: int = 12) -> tuple[Any, Any]:
    random = np.random.default_rng(5)
    x = random.random((count, *model.input_sizes), np.float32)
    return x, random.integers(0, model.output_sizes[-1], count)


def trained(model: Model, optimizer: Any = "adam") -> Model:
    """A model whose weights, statistics and moments are not those of the start."""
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(model)
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    return model


def changed(path: Path, change: Callable[[Any], None], weights: hdf5.Tree | None = None) -> Path:
    """The same file with another configuration."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    if weights is not None:
        members["model.weights.h5"] = hdf5.write(weights)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
