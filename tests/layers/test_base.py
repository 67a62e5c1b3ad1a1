"""What every layer is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galago import layers
from galago.errors import ArgumentError, NotBuiltError, ShapeError, UnknownNameError
from galago.layers import LAYERS, Layer

#: One of each layer, with an input it takes (or a list of them) and the output it gives.
EXAMPLES: dict[str, tuple[Callable[[], Layer], Any, tuple[int, ...]]] = {
    "Add": (lambda: layers.Add(), [(4, 4, 3), (4, 4, 3)], (4, 4, 3)),
    "BatchNormalization": (lambda: layers.BatchNormalization(), (4, 4, 3), (4, 4, 3)),
    "Concatenate": (lambda: layers.Concatenate(), [(4, 4, 3), (4, 4, 2)], (4, 4, 5)),
    "DepthwiseConv2D": (
        lambda: layers.DepthwiseConv2D((3, 2), depth_multiplier=2),
        (5, 4, 3),
        (3, 3, 6),
    ),
    "Dropout": (lambda: layers.Dropout(0.5, seed=3), (4,), (4,)),
    "GlobalAveragePooling2D": (lambda: layers.GlobalAveragePooling2D(), (4, 4, 3), (3,)),
    "GlobalMaxPooling2D": (lambda: layers.GlobalMaxPooling2D(keepdims=True), (4, 4, 3), (1, 1, 3)),
    "SeparableConv2D": (lambda: layers.SeparableConv2D(7, 3), (5, 4, 3), (3, 2, 7)),
    "ZeroPadding1D": (lambda: layers.ZeroPadding1D((1, 2)), (4, 3), (7, 3)),
    "ZeroPadding2D": (lambda: layers.ZeroPadding2D(((1, 2), (0, 3))), (4, 4, 3), (7, 7, 3)),
    "Identity": (lambda: layers.Identity(), (3, 2, 1), (3, 2, 1)),
    "Activation": (lambda: layers.Activation("relu"), (4, 4, 3), (4, 4, 3)),
    "ActivityRegularization": (lambda: layers.ActivityRegularization(0.1), (3,), (3,)),
    "AveragePooling2D": (lambda: layers.AveragePooling2D(2), (5, 4, 3), (2, 2, 3)),
    "Conv2D": (lambda: layers.Conv2D(7, 3), (5, 4, 3), (3, 2, 7)),
    "Dense": (lambda: layers.Dense(7), (5,), (7,)),
    "ELU": (lambda: layers.ELU(), (5,), (5,)),
    "Flatten": (lambda: layers.Flatten(), (5, 4, 3), (60,)),
    "InputLayer": (lambda: layers.InputLayer((5, 4, 3)), (5, 4, 3), (5, 4, 3)),
    "LeakyReLU": (lambda: layers.LeakyReLU(), (5,), (5,)),
    "MaxPooling2D": (lambda: layers.MaxPooling2D(2), (5, 4, 3), (2, 2, 3)),
    "ReLU": (lambda: layers.ReLU(), (5,), (5,)),
    "AveragePooling1D": (lambda: layers.AveragePooling1D(2), (5, 3), (2, 3)),
    "Average": (lambda: layers.Average(), [(4, 3), (4, 3)], (4, 3)),
    "Conv1D": (lambda: layers.Conv1D(7, 3), (5, 4), (3, 7)),
    "Conv2DTranspose": (lambda: layers.Conv2DTranspose(7, 3, 2), (5, 4, 3), (11, 9, 7)),
    "Cropping1D": (lambda: layers.Cropping1D(1), (5, 3), (3, 3)),
    "Cropping2D": (lambda: layers.Cropping2D(1), (5, 4, 3), (3, 2, 3)),
    "GaussianNoise": (lambda: layers.GaussianNoise(0.5, seed=3), (4,), (4,)),
    "GlobalAveragePooling1D": (lambda: layers.GlobalAveragePooling1D(), (4, 3), (3,)),
    "GlobalMaxPooling1D": (lambda: layers.GlobalMaxPooling1D(keepdims=True), (4, 3), (1, 3)),
    "LayerNormalization": (lambda: layers.LayerNormalization(), (4, 4, 3), (4, 4, 3)),
    "MaxPooling1D": (lambda: layers.MaxPooling1D(2), (5, 3), (2, 3)),
    "Maximum": (lambda: layers.Maximum(), [(4, 4, 3), (1, 1, 3)], (4, 4, 3)),
    "Minimum": (lambda: layers.Minimum(), [(1, 1, 3), (4, 4, 3)], (4, 4, 3)),
    "Multiply": (lambda: layers.Multiply(), [(4, 4, 3), (4, 4, 3)], (4, 4, 3)),
    "Normalization": (lambda: layers.Normalization(), (4, 4, 3), (4, 4, 3)),
    "PReLU": (lambda: layers.PReLU(shared_axes=(1, 2)), (4, 4, 3), (4, 4, 3)),
    "Permute": (lambda: layers.Permute((2, 3, 1)), (5, 4, 3), (4, 3, 5)),
    "Rescaling": (lambda: layers.Rescaling(0.5), (5, 4, 3), (5, 4, 3)),
    "Reshape": (lambda: layers.Reshape((10, -1)), (5, 4, 3), (10, 6)),
    "CenterCrop": (lambda: layers.CenterCrop(3, 2), (5, 4, 3), (3, 2, 3)),
    "RandomBrightness": (lambda: layers.RandomBrightness(0.5, seed=3), (5, 4, 3), (5, 4, 3)),
    "RandomContrast": (lambda: layers.RandomContrast(0.5, seed=3), (5, 4, 3), (5, 4, 3)),
    "RandomCrop": (lambda: layers.RandomCrop(3, 2, seed=3), (5, 4, 3), (3, 2, 3)),
    "RandomFlip": (lambda: layers.RandomFlip(seed=3), (5, 4, 3), (5, 4, 3)),
    "RandomRotation": (lambda: layers.RandomRotation(0.5, seed=3), (5, 4, 3), (5, 4, 3)),
    "RandomTranslation": (
        lambda: layers.RandomTranslation(0.5, 0.1, seed=3),
        (5, 4, 3),
        (5, 4, 3),
    ),
    "RandomZoom": (lambda: layers.RandomZoom(0.5, seed=3), (5, 4, 3), (5, 4, 3)),
    "Resizing": (lambda: layers.Resizing(7, 2), (5, 4, 3), (7, 2, 3)),
    "SpatialDropout1D": (lambda: layers.SpatialDropout1D(0.5, seed=3), (5, 3), (5, 3)),
    "SpatialDropout2D": (lambda: layers.SpatialDropout2D(0.5, seed=3), (5, 4, 3), (5, 4, 3)),
    "Subtract": (lambda: layers.Subtract(), [(4,), (4,)], (4,)),
    "UpSampling1D": (lambda: layers.UpSampling1D(2), (5, 3), (10, 3)),
    "UpSampling2D": (lambda: layers.UpSampling2D((2, 3)), (5, 4, 3), (10, 12, 3)),
    "Softmax": (lambda: layers.Softmax(), (5,), (5,)),
}


def with_batch(shape: Any) -> Any:
    """The shape, or every shape of a list, with the batch axis."""
    return [(None, *one) for one in shape] if isinstance(shape, list) else (None, *shape)


def test_there_is_an_example_of_every_layer() -> None:
    assert EXAMPLES.keys() == LAYERS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
class TestEveryLayer:
    def test_shapes(self, name: str) -> None:
        make, shape, output = EXAMPLES[name]
        assert make().compute_output_shape(with_batch(shape)) == (None, *output)

    def test_configuration(self, name: str) -> None:
        layer = EXAMPLES[name][0]()
        again = LAYERS[name].from_config(json.loads(json.dumps(layer.get_config())))
        assert again.get_config() == layer.get_config()
        assert again.name == layer.name

    def test_a_call_gives_what_the_shapes_say(self, name: str) -> None:
        make, shape, output = EXAMPLES[name]
        layer = make()
        several = isinstance(shape, list)
        inputs = [layers.Input(one) for one in (shape if several else [shape])]
        tensor = layer(inputs if several else inputs[0])
        assert tensor.shape == (None, *output)
        assert layer.built
        assert tensor.layer is layer

    def test_weights(self, name: str) -> None:
        make, shape, _ = EXAMPLES[name]
        layer = make()
        layer.build(with_batch(shape))
        assert layer.built
        assert layer.count_params() == sum(value.size for value in layer.get_weights())
        doubled = [value * 2 + 1 for value in layer.get_weights()]
        layer.set_weights(doubled)
        for value, wanted in zip(layer.get_weights(), doubled, strict=True):
            np.testing.assert_array_equal(value, wanted)

    def test_freezing(self, name: str) -> None:
        make, shape, _ = EXAMPLES[name]
        layer = make()
        layer.build(with_batch(shape))
        first = {"BatchNormalization": 2, "Normalization": 0}.get(name, len(layer.weights))
        learned, moving = layer.weights[:first], layer.weights[first:]
        assert (layer.trainable_weights, layer.non_trainable_weights) == (learned, moving)
        layer.trainable = False
        assert (layer.trainable_weights, layer.non_trainable_weights) == ([], layer.weights)

    def test_an_unknown_argument(self, name: str) -> None:
        config = LAYERS[name].from_config(EXAMPLES[name][0]().get_config()).get_config()
        with pytest.raises(ArgumentError, match=rf"^{name}: expected its known arguments, rec"):
            LAYERS[name](**config, colour=3)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.Flatten(nmae="x"),  # type: ignore[call-arg]
            "Flatten: expected its known arguments, received 'nmae'. Did you mean 'name'? "
            "Known: activity_regularizer, name, trainable, input_shape.",
        ),
        (
            lambda: layers.Dense(3, kernel_initialiser="zeros"),  # type: ignore[call-arg]
            "Dense: expected its known arguments, received 'kernel_initialiser'. Did you mean "
            "'kernel_initializer'? Known: units, activation, use_bias, kernel_initializer, "
            "bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint, "
            "bias_constraint, activity_regularizer, name, trainable, input_shape.",
        ),
        (
            lambda: layers.Flatten(name="a/b"),
            "Flatten: name must be text without '/', received 'a/b'. "
            "Give another name or leave it out.",
        ),
        (
            lambda: layers.Flatten(name=3),  # type: ignore[arg-type]
            "Flatten: name must be text without '/', received 3. "
            "Give another name or leave it out.",
        ),
        (
            lambda: layers.Flatten(trainable=None),  # type: ignore[arg-type]
            "Flatten 'flatten': trainable must be True or False, received None. Pass one of them.",
        ),
        (
            lambda: layers.Dense(10, input_shape=784),  # type: ignore[arg-type]
            "Dense 'dense': input_shape must be a tuple of sizes, received 784. "
            "Write input_shape=(784,) with the comma.",
        ),
    ],
)
def test_wrong_shared_arguments(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message


def test_repr() -> None:
    layer = layers.Dense(3)
    assert repr(layer) == "<Dense name=dense, built=False>"
    layer.build((None, 2))
    assert repr(layer) == "<Dense name=dense, built=True>"


def test_an_unbuilt_layer_has_nothing_to_count() -> None:
    layer = layers.Dense(3)
    assert layer.weights == []
    with pytest.raises(NotBuiltError) as caught:
        layer.count_params()
    assert str(caught.value) == (
        "Dense 'dense': expected a built layer, but its input shape is not known yet. "
        "Call layer.build(input_shape) or add the layer to a model with an input shape."
    )


def test_building_twice_keeps_the_weights() -> None:
    layer = layers.Conv2D(4, 3)
    layer.build((None, 8, 8, 2))
    kernel = layer.kernel.numpy()
    layer.build((None, 5, 5, 2))
    np.testing.assert_array_equal(layer.kernel.numpy(), kernel)


def test_building_for_another_number_of_channels() -> None:
    layer = layers.Conv2D(4, 3)
    layer.build((None, 8, 8, 2))
    with pytest.raises(ShapeError) as caught:
        layer.build((None, 8, 8, 3))
    assert str(caught.value) == (
        "Conv2D 'conv2d': an input of shape (8, 8, 3) needs a kernel of shape (3, 3, 3, 4), but "
        "the layer was built with (3, 3, 2, 4). Make a new layer for the new input."
    )


def test_set_weights_takes_all_or_none() -> None:
    layer = layers.Dense(2)
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ShapeError) as caught:
        layer.set_weights([np.ones((3, 2)), np.ones(3)])
    assert str(caught.value) == (
        "Dense 'dense': expected weights of shapes [(3, 2), (2,)], received [(3, 2), (3,)]. "
        "Pass what get_weights() of an equal model returns."
    )
    with pytest.raises(ShapeError, match=r"received \[\(3, 2\)\]"):
        layer.set_weights([np.ones((3, 2))])
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])


def test_images_have_their_channels_last() -> None:
    for given in (None, "channels_last"):
        layer = layers.Conv2D(4, 3, data_format=given)
        assert "data_format" not in layer.get_config()
    with pytest.raises(UnknownNameError) as caught:
        layers.MaxPooling2D(data_format="channels_first")
    assert str(caught.value) == (
        "MaxPooling2D 'max_pooling2d': expected a known data_format, received 'channels_first'. "
        "Did you mean 'channels_last'? Known: channels_last."
    )
