"""A model as the config.json of a Keras file has it.

Source: get_config() and from_config() in keras/src/models/sequential.py and functional.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from galago.layers import InputLayer, KerasTensor, Layer
from galago.layers.custom import CustomLayer
from galago.models.compilation import Compilation
from galago.models.draft import Draft, Part, row
from galago.models.keras_calls import MOST_CALLS, TENSOR, Calls
from galago.models.keras_custom import (
    checked_custom_objects,
    custom_from_keras,
    custom_to_keras,
    is_custom,
)
from galago.models.keras_objects import (
    layer_from_keras,
    layer_to_keras,
    losses_from_keras,
    losses_to_keras,
    metrics_from_keras,
    metrics_to_keras,
    optimizer_from_keras,
    optimizer_to_keras,
)
from galago.models.model import Model
from galago.models.problems import Problems
from galago.models.sequential import Sequential
from galago.naming import auto_name
from galago.shapes import BatchShape, with_batch

M = TypeVar("M", bound=Model)

MOST_LAYERS = 3_000
#: Models in models.
DEEPEST = 16
#: Of all metrics together: each threshold takes memory before the first batch.
MOST_THRESHOLDS, _USUAL = 100_000, 200
_MODELS = ("Sequential", "Functional", "Model")


def model_to_keras(model: Model, compiled: Compilation | None) -> dict[str, Any]:
    """Return the configuration of a model, with what compile() was told."""
    config = (
        _sequential_to_keras(model)
        if isinstance(model, Sequential)
        else _functional_to_keras(model)
    )
    if compiled is not None:
        config["compile_config"] = {
            "optimizer": optimizer_to_keras(compiled.control.optimizer),
            "loss": losses_to_keras(compiled.loss),
            "loss_weights": compiled.loss_weights,
            "metrics": metrics_to_keras(compiled.metrics),
            "weighted_metrics": metrics_to_keras(compiled.weighted_metrics),
            "run_eagerly": False,
            "steps_per_execution": 1,
            "jit_compile": False,
        }
    return config


def model_from_config(
    cls: type[M], settings: Mapping[str, Any], custom_objects: Mapping[str, type[Layer]] | None
) -> M:
    """Return a new model of a class from its settings. Raises ArgumentError, FileFormatError."""
    problems = Problems(checked_custom_objects(custom_objects, "from_config()"))
    kind = "Sequential" if issubclass(cls, Sequential) else "Functional"
    found = draft({"class_name": kind, "config": settings}, problems)
    if found is None or problems:
        raise problems.error("from_config()", "Pass what get_config() of a model returned.")
    return replace(found, kind=cls).build()  # type: ignore[return-value]


def draft(config: Mapping[str, Any], problems: Problems, depth: int = 0) -> Draft | None:
    """Return the model that a configuration describes, or None and problems."""
    kind, settings = config.get("class_name"), config.get("config")
    if depth > DEEPEST:
        problems.add(f"models in models, deeper than {DEEPEST}")
        return None
    if not isinstance(settings, Mapping) or kind not in _MODELS:
        problems.add(f"a model of class {kind!r}, where Sequential and Functional are known")
        return None
    listed = settings.get("layers")
    if not isinstance(listed, list) or len(listed) > MOST_LAYERS:
        problems.add(f"no list of at most {MOST_LAYERS:,} layers")
        return None
    found = [_part(description, problems, depth) for description in listed]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found):
        return None
    name = settings.get("name")
    name = name if isinstance(name, str) else auto_name(str(kind))
    if kind == "Sequential":
        return _limited(_sequential_draft(name, parts, settings), problems)
    calls = Calls(listed, parts, problems)
    inputs, outputs = calls.ends(settings, "input_layers"), calls.ends(settings, "output_layers")
    if inputs is None or outputs is None:
        return None
    calls.check_read(outputs)
    order = calls.ordered()
    if not order:
        return None
    starts = [order[name, number] for _, (name, number, _) in sorted(inputs.items())]
    ends = {
        str(key): (order[name, number], place) for key, (name, number, place) in outputs.items()
    }
    named = isinstance(settings["output_layers"], Mapping)
    outs = ends if named else list(ends.values())
    return _limited(Draft(Model, name, parts, calls.calls(order), starts, outs), problems)


def _limited(found: Draft, problems: Problems) -> Draft | None:
    """A model of not too many calls: models that call models twice could make 2^16 out of one."""
    if found.size <= MOST_CALLS:
        return found
    problems.add(f"{found.label}: more than {MOST_CALLS:,} calls, those of its models among them")
    return None


def _part(description: Any, problems: Problems, depth: int) -> Part | None:
    """A layer or a model of a model, or None and problems."""
    if isinstance(description, Mapping) and description.get("class_name") in _MODELS:
        return draft(description, problems, depth + 1)
    if is_custom(description):
        return custom_from_keras(description, problems)
    return layer_from_keras(description, problems)


def compile_from_keras(told: Any, problems: Problems) -> dict[str, Any] | None:
    """Return the arguments of compile(), or None and problems."""
    told = told if isinstance(told, Mapping) else {}
    optimizer = optimizer_from_keras(told.get("optimizer"), problems)
    loss = losses_from_keras(told.get("loss"), problems)
    found = {"optimizer": optimizer, "loss": loss}
    if sum(map(_thresholds, (told.get("metrics"), told.get("weighted_metrics")))) > MOST_THRESHOLDS:
        problems.add(f"metrics of more than {MOST_THRESHOLDS:,} thresholds in all")
        return None
    for name in ("metrics", "weighted_metrics"):
        if told.get(name):
            found[name] = metrics_from_keras(told[name], name, problems)
    if told.get("loss_weights") is not None:
        found["loss_weights"] = told["loss_weights"]
    return None if problems else found


def _thresholds(given: Any) -> int:
    """How many thresholds the metrics of a configuration have, as many as usual if it is silent."""
    if isinstance(given, list):
        return sum(map(_thresholds, given))
    if not isinstance(given, Mapping):
        return _USUAL if given else 0
    settings = given.get("config")
    if "class_name" not in given or not isinstance(settings, Mapping):
        return sum(map(_thresholds, given.values()))
    count = settings.get("num_thresholds", _USUAL)
    # A metric itself says what it thinks of more.
    return min(max(count, _USUAL), MOST_THRESHOLDS) if isinstance(count, int) else _USUAL


def _sequential_to_keras(model: Sequential) -> dict[str, Any]:
    settings: dict[str, Any] = {"name": model.name, "trainable": True, "dtype": model.dtype}
    found: dict[str, Any] = {
        "module": "keras",
        "class_name": "Sequential",
        "config": settings,
        "registered_name": None,
    }
    if not model.built:
        settings["layers"] = [_part_to_keras(layer, []) for layer in model.layers]
        return found
    shapes = [model.input_sizes, *model.output_shapes]
    settings["layers"] = [
        layer_to_keras(model.input.layer, []),
        *(
            _part_to_keras(layer, [with_batch(shape)])
            for layer, shape in zip(model.layers, shapes, strict=False)
        ),
    ]
    settings["build_input_shape"] = list(model.input_shape)
    found["build_config"] = {"input_shape": list(model.input_shape)}
    return found


def _counts_from_one(layer: Layer) -> bool:
    """Whether Keras counts the making of a layer as its first call, where a model ends in it."""
    return isinstance(layer, Model) and not isinstance(layer, Sequential)


def _part_to_keras(layer: Layer, inputs: Sequence[BatchShape]) -> dict[str, Any]:
    """The description of a layer or of a model that is one."""
    if isinstance(layer, Model):
        return model_to_keras(layer, None)
    if isinstance(layer, CustomLayer):
        return custom_to_keras(layer, inputs)
    return layer_to_keras(layer, inputs)


def _sequential_draft(name: str, parts: list[Part], settings: Mapping[str, Any]) -> Draft:
    shape = settings.get("build_input_shape")
    if isinstance(shape, list) and not any(isinstance(part, InputLayer) for part in parts):
        parts = [InputLayer(shape[1:]), *parts]
    start = parts[0] if parts else None
    if not isinstance(start, InputLayer):
        return Draft(Sequential, name, parts, [])
    calls = row(start, parts[1:])
    return Draft(Sequential, name, parts, calls, [0], [(len(calls) - 1, 0)])


def _functional_to_keras(model: Model) -> dict[str, Any]:
    known = model.structure
    places = {
        tensor: (layer.name, place, tensor.place)
        for layer, calls in known.calls_of.items()
        for place, call in enumerate(calls)
        for tensor in call.siblings
    }

    def end(tensor: KerasTensor) -> list[str | int]:
        name, place, output = places[tensor]
        return [name, place + int(_counts_from_one(tensor.layer)), output]

    def argument(tensor: KerasTensor) -> dict[str, Any]:
        return {
            "class_name": TENSOR,
            "config": {
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "keras_history": list(places[tensor]),
            },
        }

    def node(tensor: KerasTensor) -> dict[str, Any]:
        given: list[Any] = [argument(source) for source in tensor.inputs]
        several = tensor.layer.takes_list
        return {"args": [given] if several else given, "kwargs": {}}

    layers = []
    for layer, calls in known.calls_of.items():
        inputs = [source.shape for source in calls[0].inputs]
        found = _part_to_keras(layer, inputs)
        nodes = [node(tensor) for tensor in calls if tensor.inputs]
        layers.append({**found, "name": layer.name, "inbound_nodes": nodes})
    outputs: Any = [end(tensor) for tensor in model.outputs]
    if model.output_keys:
        outputs = dict(zip(model.output_keys, outputs, strict=True))
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {
            "name": model.name,
            "trainable": True,
            "layers": layers,
            "input_layers": [end(tensor) for tensor in model.inputs],
            "output_layers": outputs,
        },
        "registered_name": "Functional",
        "build_config": {"input_shape": None},
    }
