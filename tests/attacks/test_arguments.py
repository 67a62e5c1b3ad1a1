"""Every argument of everything that a file can name, with every value that it should not have."""

from __future__ import annotations

from typing import Any

import pytest
from descriptions import thing
from fuzz import VALUES

from galago import constraints, initializers, losses, metrics, optimizers, regularizers
from galago.configurable import Configurable
from galago.errors import GalagoError
from galago.layers import LAYERS
from galago.models.keras_config import compile_from_keras, draft
from galago.models.keras_objects import Problems
from galago.optimizers import schedules

#: Values for arguments that have no default.
NEEDED = {
    "units": 3,
    "filters": 2,
    "kernel_size": 1,
    "rate": 0.1,
    "stddev": 0.1,
    "scale": 2.0,
    "target_shape": [-1],
    "dims": [1],
    "activation": "relu",
    "size": 2,
    "shape": [4],
    "height": 4,
    "width": 4,
    "factor": 0.1,
    "height_factor": 0.1,
    "initial_learning_rate": 0.1,
    "decay_steps": 10,
    "decay_rate": 0.5,
    "first_decay_steps": 10,
    "boundaries": [1],
    "values": [0.1, 0.2],
    "value": 0.1,
    "num_classes": 2,
    "target_class_ids": [0],
}
SHAPES = ([4], [8, 3], [8, 8, 2])


def opens(layers: list[Any], told: Any = None) -> bool:
    """Whether a configuration of these layers, and of what compile() was told, makes sense."""
    problems = Problems()
    config = {"class_name": "Sequential", "config": {"layers": layers}}
    try:
        found = draft(config, problems)
        if told is not None:
            compile_from_keras({"optimizer": "adam", "loss": "mse", **told}, problems)
        if found is not None:
            found.shapes()
    except GalagoError:
        return False
    return found is not None and not problems


def started(shape: Any, *layers: Any) -> list[Any]:
    return [thing("keras.layers", "InputLayer", batch_shape=[None, *shape]), *layers]


def settings_of(cls: type[Configurable]) -> list[dict[str, Any]]:
    """Settings that are right but for one argument, for each argument and value."""
    needed = {name: NEEDED.get(name, 1) for name in cls.required_names()}
    names = cls.argument_names()
    return [{**needed, name: value} for name in names for value in VALUES]


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_of_layers(name: str) -> None:
    found = [
        opens(started(shape, thing("keras.layers", name, **settings)))
        for settings in settings_of(LAYERS[name])
        for shape in SHAPES
    ]
    assert not all(found)


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("initializer", initializers.INITIALIZERS),
        ("regularizer", regularizers.REGULARIZERS),
        ("constraint", constraints.CONSTRAINTS),
    ],
)
def test_arguments_of_parts_of_layers(kind: str, known: Any) -> None:
    for name, cls in known.items():
        for settings in settings_of(cls):
            part = thing(f"keras.{kind}s", name, **settings)
            opens(started([4], thing("keras.layers", "Dense", units=3, **{f"kernel_{kind}": part})))


def test_arguments_of_losses() -> None:
    for name, cls in losses.LOSSES.items():
        for settings in settings_of(cls):
            opens([], {"loss": thing("keras.losses", name, **settings)})


def test_arguments_of_metrics() -> None:
    for name, cls in metrics.METRICS.items():
        for settings in settings_of(cls):
            opens([], {"metrics": [thing("keras.metrics", name, **settings)]})


def test_arguments_of_optimizers() -> None:
    for name, cls in optimizers.OPTIMIZERS.items():
        for settings in settings_of(cls):
            opens([], {"optimizer": thing("keras.optimizers", name, **settings)})


def test_arguments_of_schedules() -> None:
    for name, cls in schedules.SCHEDULES.items():
        for settings in settings_of(cls):
            rate = thing("keras.optimizers.schedules", name, **settings)
            opens([], {"optimizer": thing("keras.optimizers", "SGD", learning_rate=rate)})
