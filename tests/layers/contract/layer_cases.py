"""One line for each layer and option: what test_contract.py asks of it, and Keras is asked for.

`k` is keras or galago. A case's layer stands in a small model: dense layers and reshapes make its
inputs of a row of numbers, so that the gradient which it hands on counts, and another dense layer
reads what it gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FEATURES, OUTPUTS, EXAMPLES, RATE = 3, 2, 7, 0.125


class Case(NamedTuple):
    """How to make a layer, and the shapes of its inputs without the batch."""

    make: Callable[[Any], Any]
    shapes: tuple[tuple[int, ...], ...]
    #: Whether it draws random numbers in training, which are other ones in Keras.
    random: bool = False


def layer_and_model(k: Any, name: str) -> tuple[Any, Any]:
    """The layer of a case, and a model around it."""
    case = CASES[name]
    source, inputs = k.layers.Input((FEATURES,)), []
    for shape in case.shapes:
        row = k.layers.Dense(math.prod(shape))(source)
        inputs.append(k.layers.Reshape(shape)(row) if len(shape) > 1 else row)
    layer = case.make(k.layers)
    found = layer(inputs if len(inputs) > 1 else inputs[0])
    return layer, k.Model(source, k.layers.Dense(OUTPUTS)(k.layers.Flatten()(found)))


def uniform(seed: int, shape: tuple[int, ...]) -> Array:
    """Numbers of [-1, 1) with 20 bits, exact in float32."""
    return np.random.default_rng(seed).integers(-(2**19), 2**19, shape) / 2**19


def start(model: Any) -> None:
    """Give a model weights that follow from their places, names and shapes alone."""
    values = []
    for place, variable in enumerate(model.weights):
        value = uniform(place, tuple(variable.shape))
        if "variance" in variable.name:
            value = 1 + value / 2
        elif variable.name == "count":  # a whole number in Keras
            value = np.zeros(())
        elif variable.name == "gamma":
            value = 1 + value / 4
        elif len(variable.shape) > 1:
            value *= np.sqrt(6 / math.prod(variable.shape[:-1]))
        values.append(value)
    model.set_weights(values)
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # Keras's Normalization has its own copy of them
            layer.finalize_state()


def data() -> tuple[Array, Array]:
    """Inputs and targets."""
    return uniform(100, (EXAMPLES, FEATURES)), uniform(101, (EXAMPLES, OUTPUTS))


def results(k: Any, name: str) -> dict[str, Any]:
    """Outputs, and the loss and the weights after a step of training."""
    _, model = layer_and_model(k, name)
    start(model)
    x, y = data()
    found = {"outputs": np.asarray(model.predict(x, verbose=0))}
    if not CASES[name].random:
        model.compile(k.optimizers.SGD(RATE), "mean_squared_error")
        log = model.fit(x, y, batch_size=EXAMPLES, epochs=1, shuffle=False, verbose=0).history
        found["loss"] = np.asarray(log["loss"])
        found["evaluated"] = np.asarray(model.evaluate(x, y, batch_size=4, verbose=0))
        for place, value in enumerate(model.get_weights()):
            found[f"weight{place}"] = np.asarray(value)
    return found


#: A penalty of outputs.
ACTIVITY = {"class_name": "L1L2", "config": {"l1": 0.03, "l2": 0.05}}
MAP, WIDE, ROW, STEPS = (5, 4, 3), (3, 2, 17), (7,), (6, 4)
PAIR = (MAP, MAP)

CASES: Mapping[str, Case] = {
    "activation": Case(lambda k: k.Activation("gelu"), (MAP,)),
    "activity": Case(lambda k: k.ActivityRegularization(0.03, 0.05), (MAP,)),
    "activity_of_a_sum": Case(lambda k: k.Add(activity_regularizer=ACTIVITY), PAIR),
    "activity_of_conv": Case(
        lambda k: k.Conv2D(17, 3, activation="relu", activity_regularizer=ACTIVITY), (MAP,)
    ),
    "activity_of_dense": Case(
        lambda k: k.Dense(5, activation="softmax", activity_regularizer="l2"), (ROW,)
    ),
    "activity_of_norm": Case(lambda k: k.BatchNormalization(activity_regularizer="l1"), (WIDE,)),
    "activity_of_nothing": Case(lambda k: k.Flatten(activity_regularizer=ACTIVITY), (STEPS,)),
    "add": Case(lambda k: k.Add(), (MAP, MAP, MAP)),
    "add_channels": Case(lambda k: k.Add(), (MAP, (1, 1, 3))),
    "average": Case(lambda k: k.Average(), (MAP, MAP, MAP)),
    "average_pooling_steps": Case(lambda k: k.AveragePooling1D(3, 2, "same"), (STEPS,)),
    "average_pooling": Case(lambda k: k.AveragePooling2D(3, 2, "same"), (MAP,)),
    "batch_normalization": Case(lambda k: k.BatchNormalization(momentum=0.8), (MAP,)),
    "batch_normalization_steps": Case(lambda k: k.BatchNormalization(momentum=0.8), (STEPS,)),
    "batch_normalization_frozen_steps": Case(
        lambda k: k.BatchNormalization(axis=2, scale=False, trainable=False), ((5, 17),)
    ),
    "concatenate": Case(lambda k: k.Concatenate(), (MAP, (5, 4, 2))),
    "conv": Case(lambda k: k.Conv2D(5, (3, 2), (2, 1), "same", activation="tanh"), (MAP,)),
    "conv_causal": Case(
        lambda k: k.Conv1D(5, 3, padding="causal", dilation_rate=2, activation="relu"), (STEPS,)
    ),
    "conv_steps": Case(lambda k: k.Conv1D(5, 3, 2, "same"), (STEPS,)),
    "conv_steps_valid": Case(lambda k: k.Conv1D(16, 2, use_bias=False), (STEPS,)),
    "conv_transpose": Case(lambda k: k.Conv2DTranspose(5, 3, 2, "same", activation="tanh"), (MAP,)),
    "conv_transpose_dilated": Case(
        lambda k: k.Conv2DTranspose(4, (2, 3), dilation_rate=(2, 1)), (MAP,)
    ),
    "conv_transpose_even": Case(lambda k: k.Conv2DTranspose(4, 4, (3, 2), "same"), (MAP,)),
    "conv_transpose_output": Case(
        lambda k: k.Conv2DTranspose(3, (2, 4), (3, 2), output_padding=(2, 1)), (MAP,)
    ),
    "conv_transpose_small": Case(lambda k: k.Conv2DTranspose(17, 1, 2, use_bias=False), (MAP,)),
    "conv_groups": Case(lambda k: k.Conv2D(6, 2, groups=3, dilation_rate=(1, 2)), (MAP,)),
    "cropping": Case(lambda k: k.Cropping2D(((1, 2), (0, 1))), (MAP,)),
    "cropping_steps": Case(lambda k: k.Cropping1D((1, 2)), (STEPS,)),
    "dense": Case(lambda k: k.Dense(5, activation="sigmoid"), (ROW,)),
    "depthwise": Case(lambda k: k.DepthwiseConv2D(3, depth_multiplier=2), (MAP,)),
    "dropout": Case(lambda k: k.Dropout(0.4, seed=3), (MAP,), random=True),
    "elu": Case(lambda k: k.ELU(0.7), (MAP,)),
    "flatten": Case(lambda k: k.Flatten(), (MAP,)),
    "gaussian_noise": Case(lambda k: k.GaussianNoise(0.3, seed=4), (MAP,), random=True),
    "global_average_pooling_steps": Case(lambda k: k.GlobalAveragePooling1D(), (STEPS,)),
    "global_max_pooling_steps": Case(lambda k: k.GlobalMaxPooling1D(keepdims=True), (STEPS,)),
    "global_average_pooling": Case(lambda k: k.GlobalAveragePooling2D(), (WIDE,)),
    "global_max_pooling": Case(lambda k: k.GlobalMaxPooling2D(keepdims=True), (MAP,)),
    "identity": Case(lambda k: k.Identity(), (MAP,)),
    "layer_normalization": Case(lambda k: k.LayerNormalization(), (WIDE,)),
    "layer_normalization_row": Case(
        lambda k: k.LayerNormalization(epsilon=0.01, center=False), (ROW,)
    ),
    "layer_normalization_steps": Case(lambda k: k.LayerNormalization(scale=False), (STEPS,)),
    "leaky_relu": Case(lambda k: k.LeakyReLU(negative_slope=0.2), (MAP,)),
    "max_pooling_steps": Case(lambda k: k.MaxPooling1D(2), (STEPS,)),
    "max_pooling": Case(lambda k: k.MaxPooling2D((3, 2), 2, "same"), (MAP,)),
    "maximum": Case(lambda k: k.Maximum(), (MAP, MAP, MAP)),
    "minimum": Case(lambda k: k.Minimum(), (WIDE, (1, 1, 17))),
    "multiply": Case(lambda k: k.Multiply(), (MAP, MAP, MAP)),
    "multiply_channels": Case(lambda k: k.Multiply(), (WIDE, (1, 1, 17))),
    "normalization": Case(lambda k: k.Normalization(), (MAP,)),
    "normalization_of_all": Case(lambda k: k.Normalization(axis=None), (STEPS,)),
    "permute": Case(lambda k: k.Permute((3, 1, 2)), (MAP,)),
    "permute_steps": Case(lambda k: k.Permute((2, 1)), (STEPS,)),
    "prelu": Case(lambda k: k.PReLU(), (MAP,)),
    "prelu_shared": Case(lambda k: k.PReLU(shared_axes=[1, 2]), (WIDE,)),
    "prelu_rows": Case(lambda k: k.PReLU(shared_axes=[1]), (MAP,)),
    "prelu_one": Case(lambda k: k.PReLU(shared_axes=[1, 2, 3]), (MAP,)),
    "prelu_row": Case(lambda k: k.PReLU(), (ROW,)),
    "random_brightness": Case(
        lambda k: k.RandomBrightness(0.3, (-1, 1), seed=3), (MAP,), random=True
    ),
    "random_contrast": Case(
        lambda k: k.RandomContrast(0.6, value_range=(-1, 1), seed=3), (MAP,), random=True
    ),
    # Keras 3.15 cuts and resizes nothing outside of training, unlike what it says.
    "random_crop": Case(lambda k: k.RandomCrop(5, 4, seed=3), (MAP,), random=True),
    "random_flip": Case(lambda k: k.RandomFlip(seed=3), (WIDE,), random=True),
    "random_rotation": Case(lambda k: k.RandomRotation(0.3, seed=3), (MAP,), random=True),
    "random_translation": Case(
        lambda k: k.RandomTranslation(0.3, (-0.4, 0.1), "wrap", seed=3), (MAP,), random=True
    ),
    "random_zoom": Case(
        lambda k: k.RandomZoom(0.3, fill_mode="constant", fill_value=0.25, seed=3),
        (MAP,),
        random=True,
    ),
    "random_zoom_by_axes": Case(
        lambda k: k.RandomZoom(0.3, (-0.5, -0.1), "nearest", "nearest", seed=3),
        (WIDE,),
        random=True,
    ),
    "relu": Case(lambda k: k.ReLU(), (MAP,)),
    "relu_clipped": Case(
        lambda k: k.ReLU(max_value=0.8, negative_slope=0.1, threshold=0.2), (MAP,)
    ),
    "relu_threshold": Case(lambda k: k.ReLU(threshold=0.3), (ROW,)),
    "rescaling": Case(lambda k: k.Rescaling(0.4, offset=-0.2), (MAP,)),
    "center_crop": Case(lambda k: k.CenterCrop(3, 3), (MAP,)),
    "center_crop_small": Case(lambda k: k.CenterCrop(7, 4), (MAP,)),
    "resizing": Case(lambda k: k.Resizing(8, 3), (MAP,)),
    "resizing_nearest": Case(lambda k: k.Resizing(3, 9, "nearest"), (WIDE,)),
    "resizing_bicubic": Case(lambda k: k.Resizing(7, 2, "bicubic"), (MAP,)),
    "resizing_cropped": Case(lambda k: k.Resizing(6, 3, crop_to_aspect_ratio=True), (MAP,)),
    "resizing_padded": Case(
        lambda k: k.Resizing(6, 7, pad_to_aspect_ratio=True, fill_value=0.5), (MAP,)
    ),
    "reshape": Case(lambda k: k.Reshape((3, -1, 10)), (MAP,)),
    "reshape_row": Case(lambda k: k.Reshape((-1,)), (STEPS,)),
    "separable": Case(lambda k: k.SeparableConv2D(4, 3, padding="same"), (MAP,)),
    "softmax": Case(lambda k: k.Softmax(), (MAP,)),
    "spatial_dropout": Case(lambda k: k.SpatialDropout2D(0.4, seed=3), (MAP,), random=True),
    "spatial_dropout_steps": Case(lambda k: k.SpatialDropout1D(0.4, seed=3), (STEPS,), random=True),
    "subtract": Case(lambda k: k.Subtract(), PAIR),
    "subtract_channels": Case(lambda k: k.Subtract(), (WIDE, (1, 1, 17))),
    "up_sampling_bilinear": Case(
        lambda k: k.UpSampling2D((3, 2), interpolation="bilinear"), (MAP,)
    ),
    "up_sampling": Case(lambda k: k.UpSampling2D((2, 3)), (MAP,)),
    "up_sampling_steps": Case(lambda k: k.UpSampling1D(3), (STEPS,)),
    "zero_padding": Case(lambda k: k.ZeroPadding2D(((0, 1), (2, 3))), (MAP,)),
    "zero_padding_steps": Case(lambda k: k.ZeroPadding1D((2, 1)), (STEPS,)),
}
