"""Models in files: `.keras`, which Keras 3 reads and writes too, and weights alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from galago.errors import ArgumentError, EngineError, FileFormatError, ShapeError
from galago.layers import InputLayer, Layer
from galago.models.draft import Draft, Part
from galago.models.keras_config import compile_from_keras, draft, model_to_keras
from galago.models.keras_custom import checked_custom_objects
from galago.models.model import Model
from galago.models.network import checked_class_names
from galago.models.optimizer_state import in_order
from galago.models.problems import Problems
from galago.models.sequential import Sequential
from galago.naming import snake_case
from galago.opening import read_file
from galago.saving import hdf5, safetensors
from galago.saving.budget import Budget
from galago.saving.durable import durable_writer
from galago.saving.keras_archive import Archive, read_archive, write_archive
from galago.saving.onnx_graph import to_onnx
from galago.variables import Variable

Array = npt.NDArray[Any]
StrPath = str | os.PathLike[str]
#: Names of groups, the outermost first.
Path: TypeAlias = tuple[str, ...]

#: A note in the file; Keras, which does not read notes, leaves it out when it saves again.
_CLASS_NAMES = "class_names"
MODEL_SUFFIX, WEIGHTS_SUFFIX = ".keras", ".weights.h5"
SAFETENSORS_SUFFIX, ONNX_SUFFIX = ".safetensors", ".onnx"


def save_model(model: Model, filepath: StrPath, *, overwrite: bool = True) -> None:
    """Write a model with its weights, what compile() was told, and the optimizer's state.

    Arguments:
        model: the model, which knows its input shape
        filepath: a name that ends in `.keras`; the file appears whole or not at all, and Keras
            reads it
        overwrite: whether a file that is there may be replaced
    Raises ArgumentError.

    >>> import os, tempfile, galago as gl
    >>> path = os.path.join(tempfile.mkdtemp(), "net.keras")
    >>> save_model(gl.applications.lenet5(), path)
    >>> load_model(path).count_params()
    61706
    """
    _check_name(filepath, (MODEL_SUFFIX,), overwrite, "save()")
    write_archive(filepath, *contents(model))


def contents(model: Model) -> tuple[Mapping[str, Any], hdf5.Tree, Mapping[str, Any]]:
    """Return all that a file keeps of a model: configuration, weights and notes."""
    if model.layers:
        model.count_params()  # which a model that is not built refuses: a file has input shapes
    compiled = model.compilation
    config, tree = model_to_keras(model, compiled), _tree(model)
    if compiled is not None:
        tree["optimizer"] = {"vars": _numbered(model.get_optimizer_state())}
    units = model.output_sizes[-1] if model.built else None
    names = checked_class_names(model.class_names, units, model.label)
    return config, tree, {_CLASS_NAMES: names} if names else {}


def load_model(
    filepath: StrPath,
    custom_objects: Mapping[str, type[Layer]] | None = None,
    compile: bool = True,
) -> Model:
    """Read a model that Keras 3 or Galago saved, ready to go on training where it stopped.

    Nothing in a file is ever run, and a file that says more than its bytes hold costs nothing.

    Arguments:
        filepath: a `.keras` file
        custom_objects: the classes of layers with code of their own, by name; what is not among
            them is refused, and the next call knows nothing of them
        compile: whether to read what compile() was told, and the optimizer
    Raises ArgumentError, OSError, and FileFormatError, which lists what Galago does not have.

    >>> import os, tempfile, galago as gl
    >>> path = os.path.join(tempfile.mkdtemp(), "net.keras")
    >>> gl.applications.lenet5().save(path)
    >>> load_model(path).output_shape
    (None, 10)
    """
    known = checked_custom_objects(custom_objects, "load_model()")
    return from_archive(read_archive(filepath), os.fspath(filepath), known, compile=compile)


def from_archive(
    archive: Archive,
    name: str,
    custom_objects: Mapping[str, type[Layer]] | None = None,
    *,
    compile: bool,
) -> Model:
    """Return the model that was read from a file of this name. Raises FileFormatError."""
    problems = Problems(custom_objects)
    found = draft(archive.config, problems)
    of_model = len(problems)
    told = archive.config.get("compile_config") if compile else None
    arguments = compile_from_keras(told, problems) if told else None
    if found is None or problems:
        raise problems.error(name, _advice(of_model, len(problems) - of_model))
    try:
        _take_weights(found, archive.weights, archive.budget, name)
        model = found.build()
        if arguments is not None:
            model.compile(**arguments)
            _set_optimizer_state(model, archive.weights, archive.budget, name)
        model.class_names = archive.notes.get(_CLASS_NAMES)
    except (ArgumentError, EngineError) as error:  # parts that do not fit each other, or us
        raise FileFormatError(f"{name}: {error}") from None
    return model


def _advice(of_model: int, of_compile: int) -> str:
    """What to do about problems of a model and of what compile() was told."""
    if not of_model:
        return "Use compile=False, which does without what compile() was told."
    also = "; compile=False does without what compile() was told." if of_compile else "."
    return f"Leave out what is not known and save the model again{also}"


def save_weights(model: Model, path: StrPath, *, overwrite: bool = True) -> None:
    """Write the weights alone, to a name that ends in `.weights.h5` or `.safetensors`.

    Raises ArgumentError.
    """
    _check_name(path, (WEIGHTS_SUFFIX, SAFETENSORS_SUFFIX), overwrite, "save_weights()")
    if os.fspath(path).endswith(SAFETENSORS_SUFFIX):
        model.count_params()  # which a model that is not built refuses
        named = zip(_weight_names(model), model.get_weights(), strict=True)
        safetensors.write(path, dict(named))
        return
    content = hdf5.write(_tree(model))
    with durable_writer(path) as file:
        file.write(content)


def load_weights(model: Model, path: StrPath) -> None:
    """Read the weights of an equal model from a `.weights.h5`, `.safetensors` or `.keras` file.

    All of them or none. Raises FileFormatError, ShapeError, NotBuiltError and OSError.
    """
    name = os.fspath(path)
    if name.endswith(SAFETENSORS_SUFFIX):
        _load_safetensors(model, name)
        return
    if name.endswith(MODEL_SUFFIX):
        archive = read_archive(path)
        group, budget = archive.weights, archive.budget
    else:
        content = read_file(path)
        budget = Budget(len(content), name)
        budget.take(len(content), "bytes")
        group = hdf5.read(content, name, budget)
    model.count_params()  # which a model that is not built refuses
    found: list[tuple[Variable, hdf5.Stored]] = []
    for layer, stored in _stored(model, group, name):
        wanted = [variable.shape for variable in layer.weights]
        if wanted != [array.shape for array in stored]:
            raise ShapeError(
                f"{name}: expected weights of shapes {wanted} for {layer.label}, found "
                f"{[array.shape for array in stored]}. Load the weights of an equal model."
            )
        found += zip(layer.weights, stored, strict=True)
    budget.take(sum(variable.nbytes for variable, _ in found), "weights")
    for variable, array in found:  # of the right shape, each: nothing can go wrong half way
        variable.assign(array.numbers())


def export(model: Model, path: StrPath, *, overwrite: bool = True) -> None:
    """Write a model for inference as ONNX, to a name that ends in `.onnx`. Raises ArgumentError."""
    _check_name(path, (ONNX_SUFFIX,), overwrite, "export()")
    model.count_params()  # which a model that is not built refuses
    graph, variables, *_ = model.lowered()
    content = to_onnx(graph, [variable.numpy() for variable in variables], name=model.name)
    with durable_writer(path) as file:
        file.write(content)


def _load_safetensors(model: Model, path: str) -> None:
    """Give a model the weights of a file, which are checked before."""
    model.count_params()  # which a model that is not built refuses
    names, stored = _weight_names(model), safetensors.read(path)
    missing, others = sorted(set(names) - set(stored)), sorted(set(stored) - set(names))
    if missing or others:
        found = f"others: {_few(others)}" if others else f"no {_few(missing)}"
        raise FileFormatError(
            f"{path}: expected the weights of the model's layers, found {found}. Load the weights "
            "of an equal model."
        )
    wanted = {name: v.shape for name, v in zip(names, model.weights, strict=True)}
    wrong = next((name for name in names if stored[name].shape != wanted[name]), None)
    if wrong is not None:
        raise ShapeError(
            f"{path}: expected {wrong} of shape {wanted[wrong]}, found {stored[wrong].shape}. "
            "Load the weights of an equal model."
        )
    model.set_weights([stored[name] for name in names])


def _weight_names(model: Model) -> list[str]:
    """Name of each weight in a flat file: the layer's place, as in `.weights.h5`, and its own."""
    return [
        "/".join([*path[1::2], variable.name])
        for layer, path in _places(model)
        for variable in layer.weights
    ]


def _take_weights(found: Draft, group: hdf5.Group, budget: Budget, file: str) -> None:
    """Give the layers of a model to be their weights, whose shapes follow from the model."""
    shapes = found.shapes()
    for layer, stored in _stored(found, group, file):
        if inputs := shapes.get(layer):
            width = np.dtype(layer.dtype).itemsize
            budget.take(width * sum(array.size for array in stored), f"{layer.label}")
            layer.take_weights([array.read(layer.dtype) for array in stored], inputs)


def _set_optimizer_state(model: Model, group: hdf5.Group, budget: Budget, file: str) -> None:
    """Give a compiled model's optimizer its state, if it had met the weights when it was saved."""
    stored = _numbers(_members(group, "optimizer", "vars"), f"{file}: optimizer")
    state = in_order(model, stored)
    if state is not None:
        # The arrays of the file, those that they replace, the engine's, and the engine's weights.
        width = np.dtype(model.dtype).itemsize
        moments = sum(array.nbytes + 2 * width * array.size for array in state)
        budget.take(moments + sum(v.nbytes for v in model.weights), "optimizer's state")
        model.set_optimizer_state([array.read() for array in state])


def _tree(model: Model) -> dict[str, hdf5.Tree]:
    """The weights of all layers, each under its place in the model."""
    tree: dict[str, Any] = {"layers": {}, "vars": {}}
    for layer, path in _places(model):
        group = tree
        for name in path:
            # Whatever has layers has a place for variables of its own too, which stays empty.
            group = group.setdefault(name, {} if name == "layers" else {"vars": {}})
        group["vars"] = _numbered([variable.numpy() for variable in layer.weights])
    return tree


def _places(whole: Model | Draft) -> Iterator[tuple[Layer, Path]]:
    """Where Keras puts the weights of each layer: under its class, counted from the second on.

    A sequential model does not count its input layer; a layer in two places counts in the first.
    """
    seen: set[int] = set()

    def walk(whole: Model | Draft, path: Path) -> Iterator[tuple[Layer, Path]]:
        parts = whole.parts if isinstance(whole, Draft) else whole.structure.layers
        is_row = whole.is_row if isinstance(whole, Draft) else isinstance(whole, Sequential)
        counts: dict[str, int] = {}
        for part in parts:
            if is_row and isinstance(part, InputLayer):
                continue
            name = snake_case(_class_name(part))
            count = counts.get(name, 0)
            counts[name] = count + 1
            here = (*path, "layers", f"{name}_{count}" if count else name)
            if id(part) in seen:
                continue
            seen.add(id(part))
            if isinstance(part, (Model, Draft)):
                yield from walk(part, here)
            else:
                yield part, here

    yield from walk(whole, ())


def _class_name(part: Part) -> str:
    """The name of Keras's class."""
    kind = part.kind if isinstance(part, Draft) else type(part)
    return "Functional" if issubclass(kind, Model) and kind is not Sequential else kind.__name__


def _stored(
    whole: Model | Draft, group: hdf5.Group, file: str
) -> Iterator[tuple[Layer, list[hdf5.Stored]]]:
    """Each layer with its arrays in a file. Raises FileFormatError for what is left over."""
    known: dict[Path, set[str]] = {("layers",): set()}
    for layer, path in _places(whole):
        for end in range(1, len(path), 2):
            known.setdefault(path[:end], set()).add(path[end])
        place = f"{file}: {'/'.join(path)}"
        yield layer, _numbers(_members(group, *path, "vars"), place)
    for path, names in known.items():
        if left := set(_members(group, *path)) - names:
            raise FileFormatError(
                f"{file}: expected the weights of the model's layers, found others: "
                f"{_few(sorted(left))}. Load the weights of an equal model."
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
            f"{place}: expected arrays named 0, 1, 2 ..., found {_few(sorted(members))}. "
            "The file is damaged; get a new copy of it."
        )
    return arrays


def _few(names: Sequence[str]) -> str:
    """The first names, in so many characters as somebody would read."""
    shown = ", ".join(f"{name[:80]} ..." if len(name) > 80 else name for name in names[:5])
    return f"{shown} and {len(names) - 5:,} more" if len(names) > 5 else shown


def _numbered(arrays: Sequence[Any]) -> hdf5.Tree:
    return {str(number): np.asarray(array) for number, array in enumerate(arrays)}


def _check_name(path: StrPath, suffixes: tuple[str, ...], overwrite: bool, owner: str) -> None:
    name = os.fspath(path)
    if not name.endswith(suffixes):
        raise ArgumentError(
            f"{owner}: expected a file name that ends in {' or '.join(map(repr, suffixes))}, "
            f"received {name!r}. Write {name + suffixes[0]!r}."
        )
    if not overwrite and os.path.exists(path):
        raise ArgumentError(
            f"{owner}: {name!r} is there already, and overwrite=False. Choose another name."
        )
