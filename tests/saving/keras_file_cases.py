"""Models for both, Keras and Galago, whose files go from one to the other: `k` is either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

EXAMPLES, CLASSES = 8, 5


def row(k: Any) -> Any:
    """Layers one after the other."""
    la = k.layers
    return k.Sequential(
        [
            k.Input((14, 14, 3)),
            la.ZeroPadding2D(((1, 0), (2, 1))),
            la.Conv2D(8, (3, 5), padding="same", dilation_rate=2, activation="relu"),
            la.BatchNormalization(momentum=0.9, scale=False),
            la.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False),
            la.LeakyReLU(),
            la.SeparableConv2D(6, 3, padding="same", activation="elu"),
            la.MaxPooling2D(),
            la.ELU(alpha=0.5),
            la.AveragePooling2D(3, strides=1, padding="same"),
            la.ReLU(max_value=6),
            la.Dropout(0.0),
            la.Activation("tanh"),
            la.Flatten(),
            la.Dense(7, kernel_initializer="he_uniform", activation="selu"),
            la.Dense(CLASSES),
            la.Softmax(),
        ],
        name="row",
    )


def branches(k: Any) -> Any:
    """Layers that join, and one that is called twice."""
    la = k.layers
    inputs = k.Input((8, 8, 4), name="picture")
    relu = la.ReLU(name="twice")
    left = relu(la.Conv2D(4, 3, padding="same", name="left")(inputs))
    joined = la.Concatenate()([relu(la.Add()([inputs, left])), left])
    both = la.Add()([la.GlobalAveragePooling2D()(joined), la.GlobalMaxPooling2D()(joined)])
    return k.Model(inputs, la.Dense(CLASSES, activation="softmax")(both), name="branching")


def siamese(k: Any) -> Any:
    """Two pictures through the same layers."""
    la = k.layers
    inputs = [k.Input((8, 8, 3), name="left"), k.Input((8, 8, 3), name="right")]
    conv, norm, dense = la.Conv2D(4, 3), la.BatchNormalization(momentum=0.9), la.Dense(6)
    ends = [dense(la.Flatten()(la.ReLU()(norm(conv(image))))) for image in inputs]
    joined = la.Concatenate()(ends)
    return k.Model(inputs, la.Dense(CLASSES, activation="softmax")(joined), name="siamese")


def nested(k: Any) -> Any:
    """Models in models: one of layers in a row, called twice, and one that branches."""
    la = k.layers
    encoder = k.Sequential(
        [k.Input((8, 8, 3)), la.Conv2D(4, 3, activation="relu"), la.Flatten(), la.Dense(6)],
        name="encoder",
    )
    start = k.Input((12,), name="both")
    wide = la.Dense(12, activation="tanh")(start)
    head = k.Model(
        start, la.Dense(CLASSES, activation="softmax")(la.Add()([start, wide])), name="h"
    )
    inputs = [k.Input((8, 8, 3), name="a"), k.Input((8, 8, 3), name="b")]
    joined = la.Concatenate()([encoder(image) for image in inputs])
    return k.Model(inputs, head(joined), name="nested")


def regulated(k: Any) -> Any:
    """Penalties, constraints and initializers that are not Keras's defaults."""
    la, regularizers, constraints = k.layers, k.regularizers, k.constraints
    return k.Sequential(
        [
            k.Input((8, 8, 2)),
            la.BatchNormalization(gamma_regularizer=regularizers.L2(0.01)),
            la.Conv2D(
                6,
                3,
                activation="relu",
                kernel_initializer=k.initializers.VarianceScaling(2.0, "fan_out", seed=3),
                kernel_regularizer=regularizers.L2(0.01),
                bias_regularizer=regularizers.L1(0.01),
                kernel_constraint=constraints.MaxNorm(2.0, axis=[0, 1, 2]),
            ),
            la.SeparableConv2D(
                4,
                3,
                depthwise_initializer="he_normal",
                pointwise_initializer="orthogonal",
                pointwise_regularizer=regularizers.L1L2(0.001, 0.01),
                bias_constraint=constraints.NonNeg(),
            ),
            la.Flatten(),
            la.Dense(
                CLASSES,
                activation="softmax",
                kernel_initializer=k.initializers.TruncatedNormal(stddev=0.1),
                kernel_constraint=constraints.MinMaxNorm(0.1, 2.0, rate=0.5, axis=1),
            ),
        ],
        name="regulated",
    )


def small(k: Any) -> Any:
    """Two weights."""
    return k.Sequential(
        [k.Input((6,)), k.layers.Dense(CLASSES, activation="softmax")], name="small"
    )


def data(input_shape: Any) -> tuple[Any, Any]:
    """Images and classes for a model with this input shape, or a list of them."""
    random = np.random.default_rng(7)
    several = isinstance(input_shape, list)
    shapes = input_shape if several else [input_shape]
    x = [random.random((EXAMPLES, *shape[1:]), np.float32) for shape in shapes]
    return x if several else x[0], random.integers(0, CLASSES, EXAMPLES)


CASES: Mapping[str, Callable[[Any], Any]] = {
    "row": row,
    "branches": branches,
    "siamese": siamese,
    "nested": nested,
    "regulated": regulated,
    "rmsprop": small,
    "amsgrad": small,
}
#: What they are trained with, where it is not plain Adam.
OPTIMIZERS: Mapping[str, Callable[[Any], Any]] = {
    "regulated": lambda k: k.optimizers.Nadam(
        k.optimizers.schedules.CosineDecay(0.001, 20, warmup_target=0.01, warmup_steps=5),
        weight_decay=0.01,
    ),
    "rmsprop": lambda k: k.optimizers.RMSprop(
        0.01, momentum=0.5, centered=True, clipnorm=0.5, name="mine"
    ),
    "amsgrad": lambda k: k.optimizers.Adam(
        k.optimizers.schedules.PiecewiseConstantDecay([2, 4], [0.01, 0.005, 0.001]), amsgrad=True
    ),
}
