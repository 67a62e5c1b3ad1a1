"""Layers, under Keras's names."""

from __future__ import annotations

from collections.abc import Mapping

from galago.layers.activations import ELU, Activation, LeakyReLU, ReLU, Softmax
from galago.layers.base import Layer
from galago.layers.convolution import Conv2D
from galago.layers.dense import Dense
from galago.layers.depthwise import DepthwiseConv2D, SeparableConv2D
from galago.layers.input import Input, InputLayer
from galago.layers.merging import Add, Concatenate, add, concatenate
from galago.layers.normalization import BatchNormalization
from galago.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from galago.layers.regularization import Dropout
from galago.layers.reshaping import Flatten, ZeroPadding2D
from galago.layers.symbolic import KerasTensor

AvgPool2D = AveragePooling2D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D
MaxPool2D = MaxPooling2D

#: Every layer by its class name: what a stored configuration may name.
LAYERS: Mapping[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Activation,
        Add,
        AveragePooling2D,
        BatchNormalization,
        Concatenate,
        Conv2D,
        Dense,
        DepthwiseConv2D,
        Dropout,
        ELU,
        Flatten,
        GlobalAveragePooling2D,
        GlobalMaxPooling2D,
        InputLayer,
        LeakyReLU,
        MaxPooling2D,
        ReLU,
        SeparableConv2D,
        Softmax,
        ZeroPadding2D,
    )
}

__all__ = [
    "ELU",
    "LAYERS",
    "Activation",
    "Add",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "KerasTensor",
    "Layer",
    "LeakyReLU",
    "MaxPool2D",
    "MaxPooling2D",
    "ReLU",
    "SeparableConv2D",
    "Softmax",
    "ZeroPadding2D",
    "add",
    "concatenate",
]
