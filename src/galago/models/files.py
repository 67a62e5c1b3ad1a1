"""Models in files: `.keras`, which Keras 3 reads and writes too, and weights alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.errors import ArgumentError, EngineError, FileFormatError, ShapeError
from galago.layers import InputLayer, Layer
from galago.models.draft import Draft
from galago.models.keras_config import compile_from_keras, draft, model_to_keras
from galago.models.keras_objects import Problems
from galago.models.model import Model
from galago.models.sequential import Sequential
from galago.naming import snake_case
from galago.saving import hdf5
from galago.saving.durable import durable_writer
from galago.saving.keras_archive import read_archive, write_archive

Array = npt.NDArray[Any]
StrPath = str | os.PathLike[str]

MODEL_SUFFIX, WEIGHTS_SUFFIX = ".keras", ".weights.h5"


def save_model(model: Model, path: StrPath, *, overwrite: bool = True) -> None:
    """Write a model with its weights, what compile() was told, and the optimizer's state.

    The file's name ends in `.keras`; Keras 3 reads it. It appears whole or not at all.
    Raises ArgumentError for another name, and for a file that is there and may not be replaced.

    >>> import os, tempfile, galago as gl
    >>> path = os.path.join(tempfile.mkdtemp(), "net.keras")
    >>> save_model(gl.applications.lenet5(), path)
    >>> load_model(path).count_params()
    61706
    """
    _check_name(path, MODEL_SUFFIX, overwrite, "save()")
    compiled = model.compilation
    config, tree = model_to_keras(model, compiled), _tree(model)
    if compiled is not None:
        tree["optimizer"] = {"vars": _numbered(model.get_optimizer_state())}
    write_archive(path, config, tree)


def load_model(path: StrPath, *, compile: bool = True) -> Model:
    """Read a model that Keras 3 or Galago saved, ready to go on training where it stopped.

    With compile=False what compile() was told stays unread, and so does the optimizer. Nothing in
    a file is ever run, and a file that says more than its bytes hold costs nothing. Raises
    FileFormatError, which lists everything that Galago does not have, and OSError.
    """
    name = os.fspath(path)
    archive, problems = read_archive(path), Problems()
    found = draft(archive.config, problems)
    told = archive.config.get("compile_config") if compile else None
    arguments = compile_from_keras(told, problems) if told else None
    if found is None or problems:
        advice = "Leave out what is not known and save the model again"
        raise problems.error(name, advice + (", or use compile=False." if told else "."))
    try:
        _take_weights(found, archive.weights, name)
        model = found.build()
        if arguments is not None:
            model.compile(**arguments)
            _set_optimizer_state(model, archive.weights, name)
    except (ArgumentError, EngineError) as error:  # parts that do not fit each other, or us
        raise FileFormatError(f"{name}: {error}") from None
    return model


def save_weights(model: Model, path: StrPath, *, overwrite: bool = True) -> None:
    """Write the weights alone, to a name that ends in `.weights.h5`. Raises ArgumentError."""
    _check_name(path, WEIGHTS_SUFFIX, overwrite, "save_weights()")
    content = hdf5.write(_tree(model))
    with durable_writer(path) as file:
        file.write(content)


def load_weights(model: Model, path: StrPath) -> None:
    """Read the weights of an equal model from a `.weights.h5` or `.keras` file.

    All of them or none. Raises FileFormatError, ShapeError, NotBuiltError and OSError.
    """
    name = os.fspath(path)
    if name.endswith(MODEL_SUFFIX):
        group = read_archive(path).weights
    else:
        group = hdf5.read(Path(path).read_bytes(), name)
    model.count_params()  # which a model that is not built refuses
    values: list[Array] = []
    for layer, stored in _stored(
        model.structure.layers, isinstance(model, Sequential), group, name
    ):
        wanted = [variable.shape for variable in layer.weights]
        if wanted != [array.shape for array in stored]:
            raise ShapeError(
                f"{name}: expected weights of shapes {wanted} for {layer.label}, found "
                f"{[array.shape for array in stored]}. Load the weights of an equal model."
            )
        values += [array.read() for array in stored]
    model.set_weights(values)


def _take_weights(found: Draft, group: hdf5.Group, file: str) -> None:
    """Give the layers of a model to be their weights, whose shapes follow from the model."""
    shapes = found.shapes()
    for layer, stored in _stored(found.layers, issubclass(found.kind, Sequential), group, file):
        if inputs := shapes.get(layer):
            arrays = [array.read().astype(layer.dtype, copy=False) for array in stored]
            layer.take_weights(arrays, inputs[0])


def _set_optimizer_state(model: Model, group: hdf5.Group, file: str) -> None:
    """Give a compiled model's optimizer its state, if it had met the weights when it was saved."""
    state = _numbers(_members(group, "optimizer", "vars"), f"{file}: optimizer")
    # Else it holds the step alone, and the learning rate where no schedule says it.
    never_trained = 1 if model.optimizer.scheduled else 2
    if len(state) != never_trained or not model.optimizer.slots:
        model.set_optimizer_state([array.read() for array in state])


def _tree(model: Model) -> dict[str, hdf5.Tree]:
    """The weights of all layers, each under its place in the model."""
    sequential = isinstance(model, Sequential)
    layers = {
        place: {"vars": _numbered([variable.numpy() for variable in layer.weights])}
        for layer, place in _places(model.structure.layers, sequential)
    }
    return {"layers": layers, "vars": {}}


def _places(layers: Iterable[Layer], sequential: bool) -> Iterator[tuple[Layer, str]]:
    """Where Keras puts the weights of each layer: its class, counted from the second on.

    A sequential model does not count its input layer.
    """
    counts: dict[str, int] = {}
    for layer in layers:
        if sequential and isinstance(layer, InputLayer):
            continue
        name = snake_case(type(layer).__name__)
        count = counts.get(name, 0)
        counts[name] = count + 1
        yield layer, f"{name}_{count}" if count else name


def _stored(
    layers: Iterable[Layer], sequential: bool, group: hdf5.Group, file: str
) -> Iterator[tuple[Layer, list[hdf5.Stored]]]:
    """Each layer with its arrays in a file. Raises FileFormatError for what is left over."""
    left = set(_members(group, "layers"))
    for layer, place in _places(layers, sequential):
        left.discard(place)
        yield layer, _numbers(_members(group, "layers", place, "vars"), f"{file}: layers/{place}")
    if left:
        raise FileFormatError(
            f"{file}: expected the weights of the model's layers, found others: "
            f"{', '.join(sorted(left))}. Load the weights of an equal model."
        )


def _members(group: hdf5.Group, *path: str) -> Mapping[str, hdf5.Group | hdf5.Stored]:
    """What a group somewhere in a group holds; nothing where there is no such group."""
    for name in path:
        member = group.members.get(name)
        if not isinstance(member, hdf5.Group):
            return {}
        group = member
    return group.members


def _numbers(members: Mapping[str, Any], place: str) -> list[hdf5.Stored]:
    """Arrays named 0, 1, 2 ... in this order. Raises FileFormatError."""
    found = [members.get(str(number)) for number in range(len(members))]
    arrays = [array for array in found if isinstance(array, hdf5.Stored)]
    if len(arrays) != len(members):
        raise FileFormatError(
            f"{place}: expected arrays named 0, 1, 2 ..., found {', '.join(sorted(members)[:5])}. "
            "The file is damaged; get a new copy of it."
        )
    return arrays


def _numbered(arrays: Sequence[Any]) -> hdf5.Tree:
    return {str(number): np.asarray(array) for number, array in enumerate(arrays)}


def _check_name(path: StrPath, suffix: str, overwrite: bool, owner: str) -> None:
    name = os.fspath(path)
    if not name.endswith(suffix):
        raise ArgumentError(
            f"{owner}: expected a file name that ends in {suffix!r}, received {name!r}. "
            f"Write {name + suffix!r}."
        )
    if not overwrite and os.path.exists(path):
        raise ArgumentError(
            f"{owner}: {name!r} is there already, and overwrite=False. Choose another name."
        )
