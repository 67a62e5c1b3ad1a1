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
    conv, norm, dense = (
        la.Conv2D(4, 3, use_bias=False),
        la.BatchNormalization(momentum=0.9),
        la.Dense(6),
    )
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


def backbone(k: Any) -> Any:
    """A model that gives two maps by name to another one, and one cut out of a third's middle."""
    la = k.layers
    start = k.Input((8, 8, 3), name="start")
    fine = la.Conv2D(4, 3, activation="relu")(start)
    coarse = la.Conv2D(6, 3, strides=2, activation="relu")(fine)
    features = k.Model(start, {"fine": fine, "coarse": coarse}, name="features")
    numbers = k.Input((5,))
    hidden = la.Dense(12, activation="tanh")(numbers)
    end = la.Dense(CLASSES, activation="softmax")(la.Dense(7, activation="relu")(hidden))
    head = k.Model(hidden, k.Model(numbers, end).output, name="head")
    image = k.Input((8, 8, 3), name="image")
    maps = features(image)
    ends = [la.GlobalMaxPooling2D()(maps["coarse"]), la.GlobalAveragePooling2D()(maps["fine"])]
    return k.Model(image, head(la.Dense(12)(la.Concatenate()(ends))), name="backbone")


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


def active(k: Any) -> Any:
    """Penalties of what layers give."""
    la = k.layers
    layers = [
        k.Input((8, 8, 2)),
        la.Conv2D(6, 3, activation="relu", activity_regularizer=k.regularizers.L1L2(0.001, 0.01)),
        la.MaxPooling2D(),
        la.BatchNormalization(activity_regularizer="l2"),
        la.Flatten(),
        la.Dense(8),
        la.ActivityRegularization(l1=0.01),
        la.Dense(CLASSES, activation="softmax"),
    ]
    return k.Sequential(layers, name="active")


def small(k: Any) -> Any:
    """Two weights."""
    return k.Sequential(
        [k.Input((6,)), k.layers.Dense(CLASSES, activation="softmax")], name="small"
    )


def decoder(k: Any) -> Any:
    """Layers that rearrange, weigh and join maps, from a row of numbers to an image and back."""
    la = k.layers
    inputs = k.Input((12,))
    x = la.Reshape((2, 3, 2))(la.Dense(12)(la.Rescaling(0.5, offset=-0.1)(inputs)))
    x = la.PReLU(shared_axes=[1, 2])(la.Conv2DTranspose(6, 3, 2, "same")(x))
    x = la.LayerNormalization(epsilon=0.01)(la.UpSampling2D((2, 1))(x))
    gate = la.Conv2D(6, 1, activation="sigmoid")(la.GlobalAveragePooling2D(keepdims=True)(x))
    x = la.Cropping2D(((1, 0), (0, 2)))(la.Multiply()([x, gate]))
    x = la.Permute((2, 1, 3))(la.ReLU(max_value=2, negative_slope=0.25, threshold=0.5)(x))
    x = la.SpatialDropout2D(0.0)(la.GaussianNoise(0.0)(x))
    halves = [la.Dense(8)(la.Flatten()(x)) for _ in range(2)]
    most = la.Subtract()([la.Maximum()(halves), la.Minimum()(halves)])
    x = la.Average()([most, la.PReLU()(halves[0])])
    return k.Model(inputs, la.Dense(CLASSES, activation="softmax")(x), name="decoder")


def sequence(k: Any) -> Any:
    """Steps in a row, normalized by what the layer has learned of data."""
    la = k.layers
    layers = [
        k.Input((20, 3)),
        la.Normalization(),
        la.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu"),
        la.MaxPooling1D(2),
        la.Conv1D(4, 2, strides=2, padding="same"),
        la.AveragePooling1D(2, strides=1),
        la.GlobalMaxPooling1D(),
        la.Dense(CLASSES, activation="softmax"),
    ]
    layers[1].adapt(np.random.default_rng(8).normal(3, 2, (30, 20, 3)).astype(np.float32))
    return k.Sequential(layers, name="sequence")


def pictures(k: Any) -> Any:
    """Layers that augment and resize, drawing nothing that would change their pictures."""
    la = k.layers
    layers = [
        k.Input((12, 10, 3)),
        la.Resizing(9, 11, "nearest"),
        la.RandomRotation(0.0, fill_mode="wrap", interpolation="nearest", seed=1),
        la.RandomTranslation(0.0, (0.0, 0.0), fill_value=0.5),
        la.RandomZoom(0.0, fill_mode="constant"),
        la.RandomZoom(0.0, (0.0, 0.0)),
        la.RandomContrast([0.0, 0.0], seed=2),
        la.RandomBrightness(0.0, [0.0, 1.0]),
        la.RandomCrop(9, 11),
        la.CenterCrop(8, 8),
        la.Conv2D(4, 3),
        la.UpSampling2D((2, 3), interpolation="bilinear"),
        la.Resizing(5, 6, crop_to_aspect_ratio=True),
        la.GlobalAveragePooling2D(keepdims=True),
        la.RandomFlip("horizontal", seed=3),
        la.Flatten(),
        la.Dense(CLASSES, activation="softmax"),
    ]
    return k.Sequential(layers, name="pictures")


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
    "decoder": decoder,
    "pictures": pictures,
    "sequence": sequence,
    "siamese": siamese,
    "nested": nested,
    "backbone": backbone,
    "regulated": regulated,
    "active": active,
    "rmsprop": small,
    "amsgrad": small,
}
#: What they are trained with, where it is not plain Adam.
OPTIMIZERS: Mapping[str, Callable[[Any], Any]] = {
    "regulated": lambda k: k.optimizers.Nadam(
        k.optimizers.schedules.CosineDecay(0.001, 20, warmup_target=0.01, warmup_steps=5),
        weight_decay=0.01,
    ),
    "siamese": lambda k: k.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
    "rmsprop": lambda k: k.optimizers.RMSprop(
        0.01, momentum=0.5, centered=True, clipnorm=0.5, name="mine"
    ),
    "amsgrad": lambda k: k.optimizers.Adam(
        k.optimizers.schedules.PiecewiseConstantDecay([2, 4], [0.01, 0.005, 0.001]), amsgrad=True
    ),
}
