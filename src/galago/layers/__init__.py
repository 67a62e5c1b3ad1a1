"""Layers, under Keras's names."""

from __future__ import annotations

from collections.abc import Mapping

from galago.layers.activations import ELU, Activation, LeakyReLU, ReLU, Softmax
from galago.layers.base import Layer
from galago.layers.convolution import Conv2D
from galago.layers.dense import Dense
from galago.layers.input import Input, InputLayer
from galago.layers.pooling import AveragePooling2D, MaxPooling2D
from galago.layers.reshaping import Flatten

AvgPool2D = AveragePooling2D
MaxPool2D = MaxPooling2D

#: Every layer by its class name: what a stored configuration may name.
LAYERS: Mapping[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Activation,
        AveragePooling2D,
        Conv2D,
        Dense,
        ELU,
        Flatten,
        InputLayer,
        LeakyReLU,
        MaxPooling2D,
        ReLU,
        Softmax,
    )
}

__all__ = [
    "ELU",
    "LAYERS",
    "Activation",
    "AveragePooling2D",
    "AvgPool2D",
    "Conv2D",
    "Dense",
    "Flatten",
    "Input",
    "InputLayer",
    "Layer",
    "LeakyReLU",
    "MaxPool2D",
    "MaxPooling2D",
    "ReLU",
    "Softmax",
]
