"""How Keras's files describe layers of the user's own; what a file may name is said by the caller.

Source: serialize_keras_object() in keras/src/saving/serialization_lib.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from galago.errors import ArgumentError
from galago.layers import Layer
from galago.layers.custom import CustomLayer
from galago.models.keras_objects import class_and_settings, of_keras, policy_name, wrong_type
from galago.models.problems import Problems
from galago.shapes import BatchShape


def checked_custom_objects(given: Any, owner: str) -> dict[str, type[Layer]]:
    """Return classes by name, or raise ArgumentError.

    >>> checked_custom_objects(None, "load_model()")
    {}
    """
    found = {} if given is None else given
    if not isinstance(found, Mapping):
        raise ArgumentError(
            f"{owner}: expected custom_objects as a dictionary of classes by name, received "
            f"{given!r}. Pass for example custom_objects={{'Blur': Blur}}."
        )
    for name, cls in found.items():
        if not (isinstance(cls, type) and issubclass(cls, CustomLayer)):
            raise ArgumentError(
                f"{owner}: expected a subclass of Layer with a call() for {name!r} in "
                f"custom_objects, received {cls!r}. Pass the class itself."
            )
    return dict(found)


def custom_to_keras(layer: CustomLayer, inputs: Sequence[BatchShape]) -> dict[str, Any]:
    """Return a layer's description; `inputs` are the shapes that it was built for."""
    cls = type(layer)
    found: dict[str, Any] = {
        "module": cls.__module__,
        "class_name": cls.__name__,
        "config": layer.get_config(),
        "registered_name": cls.__name__,
    }
    if inputs:
        shapes = [list(shape) for shape in inputs]
        found["build_config"] = {"input_shape": shapes[0] if len(shapes) == 1 else shapes}
    return found


def is_custom(description: Any) -> bool:
    """Whether a description is of a class that is not Keras's."""
    name, _ = class_and_settings(description)
    return bool(name) and not of_keras(description)


def _says_nothing(name: str, value: Any) -> bool:
    """Whether it is an argument that newer versions of Keras write of each layer."""
    return name == "autocast" or (name == "activity_regularizer" and value is None)


def custom_from_keras(description: Mapping[str, Any], problems: Problems) -> Layer | None:
    """Return a new layer of one of the classes that are allowed, or None and a problem."""
    name, settings = class_and_settings(description)
    owner = f"{name} {settings.get('name')!r}"
    known = problems.custom_objects
    cls = known.get(str(description.get("registered_name"))) or known.get(name)
    if cls is None:
        problems.add(
            "no layer of Galago. If it is a class of yours, pass custom_objects="
            f"{{{name!r}: {name if name.isidentifier() else 'the class'}}}",
            owner,
        )
        return None
    given = {name: value for name, value in settings.items() if not _says_nothing(name, value)}
    dtype = given["dtype"] = policy_name(given.get("dtype"))
    if wrong := wrong_type(dtype):
        problems.add(wrong, owner)
        return None
    with problems.within(owner):
        return cls.from_config(given)
    return None
