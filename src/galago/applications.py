"""Networks that are known from the literature, small enough for a CPU, ready to compile.

All of them take images scaled to 0..1 and give the probabilities of 10 classes, (n, 10). Some can
be made for other images, input_shape=(height, width, channels), and other numbers of classes.
"""

from __future__ import annotations

from galago.layers import (
    Add,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    KerasTensor,
    MaxPooling2D,
    ReLU,
)
from galago.models import Model, Sequential
from galago.shapes import Pair, Shape

__all__ = [
    "dense_baseline",
    "lenet5",
    "mobilenet_like",
    "reference",
    "resnet20",
    "small_cnn",
    "vgg_like",
]

#: Fashion-MNIST and MNIST: sides of the images, and number of classes.
_SIDE, _CLASSES = 28, 10
#: CIFAR-10.
_COLOURED = (32, 32, 3)
#: small_cnn halves maps until their shorter side is below this, at most so many times.
_SMALL_MAP, _MOST_POOLS = 8, 6


def small_cnn(
    *, input_shape: Shape = (_SIDE, _SIDE, 1), classes: int = _CLASSES, filters: int = 16
) -> Sequential:
    """Return a network for your own images, of any size: it grows with them.

    Convolutions of 3x3 (`filters`, then twice and four times as many) and max pools in turn until
    the map is smaller than 8 pixels, then two dense layers with Dropout between. Raises
    ArgumentError and ShapeError.

    >>> small_cnn(input_shape=(96, 96, 3), classes=5).count_params()
    356197
    """
    model = Sequential([Input(shape=input_shape)], name="small_cnn")
    side, stage = min(input_shape[:2]), 0
    while stage < _MOST_POOLS and (side >= _SMALL_MAP or stage == 0):
        model.add(Conv2D(filters << min(stage, 2), 3, padding="same", activation="relu"))
        model.add(MaxPooling2D(2))
        side, stage = side // 2, stage + 1
    model.add(Flatten())
    model.add(Dense(128, activation="relu"))
    model.add(Dropout(0.3))
    model.add(Dense(classes, activation="softmax"))
    return model


def reference(
    filters: int = 64,
    kernel_size: int | Pair = (3, 3),
    strides: int | Pair = (1, 1),
    *,
    input_shape: Shape = (_SIDE, _SIDE, 1),
    classes: int = _CLASSES,
) -> Sequential:
    """Return the reference network: two convolutions with pooling, then two dense layers.

    Arguments:
        filters, kernel_size, strides: those of both convolutions
        input_shape: (height, width, channels)
        classes: how many outputs, whose sum is 1
    Raises ArgumentError, and ShapeError where nothing of an image is left.

    Source: the convolutional lab of the course "Introduction to TensorFlow" (L. Moroney,
    deeplearning.ai), part 6, lesson 2; five epochs on Fashion-MNIST gave 90.9 % there.

    >>> reference().count_params(), reference(filters=32).count_params()
    (243786, 113386)
    """
    return Sequential(
        [
            Input(shape=input_shape),
            Conv2D(filters, kernel_size, strides, activation="relu"),
            MaxPooling2D(2, 2),
            Conv2D(filters, kernel_size, strides, activation="relu"),
            MaxPooling2D(2, 2),
            Flatten(),
            Dense(128, activation="relu"),
            Dense(classes, activation="softmax"),
        ]
    )


def dense_baseline(*, input_shape: Shape = (_SIDE, _SIDE), classes: int = _CLASSES) -> Sequential:
    """Return the baseline without convolutions: what the reference network has to beat.

    Arguments:
        input_shape: (height, width), with channels or not
        classes: how many outputs, whose sum is 1
    Raises ArgumentError.

    Source: part 4, lesson 2 of the course that reference() is from; five epochs gave 87.4 % there.

    >>> dense_baseline().count_params()
    101770
    """
    return Sequential(
        [
            Flatten(input_shape=input_shape),
            Dense(128, activation="relu"),
            Dense(classes, activation="softmax"),
        ]
    )


def lenet5() -> Sequential:
    """Return LeNet-5 with plain average pools: 28x28x1, tanh throughout.

    Source: LeCun et al., Proc. IEEE 86, 1998, figure 2; its pools have weights, its second
    convolution reads only some of the maps, and its output is not a softmax.

    >>> lenet5().count_params()
    61706
    """
    return Sequential(
        [
            Input(shape=(_SIDE, _SIDE, 1)),
            Conv2D(6, 5, padding="same", activation="tanh"),
            AveragePooling2D(2),
            Conv2D(16, 5, activation="tanh"),
            AveragePooling2D(2),
            Flatten(),
            Dense(120, activation="tanh"),
            Dense(84, activation="tanh"),
            Dense(_CLASSES, activation="softmax"),
        ],
        name="lenet5",
    )


def vgg_like(
    filters: int = 32, *, input_shape: Shape = _COLOURED, classes: int = _CLASSES
) -> Sequential:
    """Return a network of VGG's kind for 32x32x3: pairs of 3x3 convolutions, then a pool.

    Three stages of `filters`, twice and four times as many, `same` padding, BatchNormalization
    behind every convolution, Dropout before the last layer. Raises ArgumentError.

    Source: Simonyan and Zisserman, ICLR 2015; Ioffe and Szegedy, ICML 2015.

    >>> vgg_like().count_params()
    551914
    """
    model = Sequential([Input(shape=input_shape)], name="vgg_like")
    for stage in range(3):
        for _ in range(2):
            model.add(Conv2D(filters << stage, 3, padding="same", use_bias=False))
            model.add(BatchNormalization())
            model.add(ReLU())
        model.add(MaxPooling2D(2))
    model.add(Flatten())
    model.add(Dense(128, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(classes, activation="softmax"))
    return model


def resnet20() -> Model:
    """Return ResNet-20 for 32x32x3: nine blocks of two convolutions with a way around each.

    Where a stage begins, a 1x1 convolution brings the way around to the new shape (the paper's
    option B; its networks for CIFAR-10 pad with zeros instead).

    Source: He et al., CVPR 2016, section 4.2.

    >>> resnet20().count_params()
    274042
    """
    inputs = Input(shape=_COLOURED)
    x = ReLU()(_normalized(inputs, 16, 3, 1))
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(3):
            strides = 2 if stage and not block else 1
            shortcut = _normalized(x, filters, 1, strides) if strides > 1 else x
            y = ReLU()(_normalized(x, filters, 3, strides))
            x = ReLU()(Add()([_normalized(y, filters, 3, 1), shortcut]))
    outputs = Dense(_CLASSES, activation="softmax")(GlobalAveragePooling2D()(x))
    return Model(inputs, outputs, name="resnet20")


def _normalized(x: KerasTensor, filters: int, kernel_size: int, strides: int) -> KerasTensor:
    conv = Conv2D(
        filters,
        kernel_size,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_uniform",
    )
    return BatchNormalization()(conv(x))


def mobilenet_like(
    filters: int = 32, *, input_shape: Shape = _COLOURED, classes: int = _CLASSES
) -> Sequential:
    """Return a depthwise-separable network for 32x32x3, of MobileNet's kind.

    A convolution of `filters`, then five pairs of a depthwise and a 1x1 convolution that end with
    eight times as many, each with BatchNormalization and ReLU; two of them halve the image. Raises
    ArgumentError.

    Source: Howard et al., "MobileNets", arXiv:1704.04861.

    >>> mobilenet_like().count_params()
    139722
    """
    model = Sequential([Input(shape=input_shape)], name="mobilenet_like")
    model.add(Conv2D(filters, 3, padding="same", use_bias=False))
    for wider, strides in ((2, 1), (4, 2), (4, 1), (8, 2), (8, 1)):
        model.add(BatchNormalization())
        model.add(ReLU())
        model.add(DepthwiseConv2D(3, strides, padding="same", use_bias=False))
        model.add(BatchNormalization())
        model.add(ReLU())
        model.add(Conv2D(filters * wider, 1, use_bias=False))
    model.add(BatchNormalization())
    model.add(ReLU())
    model.add(GlobalAveragePooling2D())
    model.add(Dense(classes, activation="softmax"))
    return model
