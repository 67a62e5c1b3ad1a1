"""Models made anew from what describes others: the same layers, with new weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from galago.errors import ArgumentError
from galago.layers import Layer
from galago.layers.custom import CustomLayer
from galago.models.keras_config import model_from_config
from galago.models.model import Model
from galago.models.sequential import Sequential
from galago.saving import strict_json


def clone_model(model: Model) -> Model:
    """Return a new model of the same layers, with new weights; layers keep their names.

    What compile() was told is left behind, as in Keras.

    Arguments:
        model: any model
    Raises ArgumentError for anything else.

    >>> import galago as gl
    >>> twin = clone_model(gl.applications.lenet5())
    >>> twin.count_params(), twin.compiled
    (61706, False)
    """
    if not isinstance(model, Model):
        raise ArgumentError(
            f"clone_model(): expected a model, received {model!r}. Pass a Model or Sequential."
        )
    own = {type(leaf).__name__: type(leaf) for leaf in model.leaves}
    known = {name: cls for name, cls in own.items() if issubclass(cls, CustomLayer)}
    return model_from_config(type(model), model.get_config(), known)


def model_from_json(
    json_string: str, custom_objects: Mapping[str, type[Layer]] | None = None
) -> Model:
    """Return the model that model.to_json() described, of Galago or of Keras 3; not compiled.

    Arguments:
        json_string: the text
        custom_objects: the classes of layers with code of their own, by name
    Raises ArgumentError, and FileFormatError, which lists what Galago does not have.

    >>> import galago as gl
    >>> model_from_json(gl.applications.lenet5().to_json()).count_params()
    61706
    """
    description = _described(json_string)
    kind = Sequential if description.get("class_name") == "Sequential" else Model
    return model_from_config(kind, description["config"], custom_objects)


def _described(text: Any) -> Mapping[str, Any]:
    """What a text says, or raise ArgumentError."""
    try:
        found = strict_json.loads(text.encode())
    except (AttributeError, ValueError):
        found = None
    if isinstance(found, Mapping) and isinstance(found.get("config"), Mapping):
        return found
    shown = json.dumps(text)[:60] if isinstance(text, str) else repr(text)
    raise ArgumentError(
        f"model_from_json(): expected the text that to_json() of a model returned, received "
        f"{shown}. Files are read by load_model()."
    )
