"""How Keras describes objects, and good files in which one description was exchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from good import with_config


def thing(module: Any, name: Any, registered: Any = None, /, **config: Any) -> dict[str, Any]:
    """How Keras describes an object."""
    return {
        "module": module,
        "class_name": name,
        "config": config,
        "registered_name": registered,
    }


def layer(*description: Any, **config: Any) -> Callable[..., Any]:
    """Another last layer."""

    def change(settings: Any) -> None:
        settings["config"]["layers"][-1] = thing(*description, **config)

    return with_config(change)


def whole(module: Any, name: Any, registered: Any = None) -> Callable[..., Any]:
    """Another class of the model."""
    return with_config(
        lambda c: c.update(module=module, class_name=name, registered_name=registered)
    )


def told(**settings: Any) -> Callable[..., Any]:
    """Other arguments of compile()."""
    return with_config(lambda c: c["compile_config"].update(settings))


def at(place: int, **settings: Any) -> Callable[..., Any]:
    """Other settings of a layer of the good model."""
    return with_config(lambda c: c["config"]["layers"][place]["config"].update(settings))


def stack(*descriptions: dict[str, Any], shape: Any = (8, 8, 1)) -> Callable[..., Any]:
    """A model of other layers, without compile()."""

    def change(settings: Any) -> None:
        settings.pop("compile_config", None)
        start = settings["config"]["layers"][0]
        start["config"]["batch_shape"] = [None, *shape]
        settings["config"]["layers"] = [start, *descriptions]

    return with_config(change)


def dense(units: Any, **config: Any) -> dict[str, Any]:
    return thing("keras.layers", "Dense", units=units, **config)
