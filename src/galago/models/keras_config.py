"""A model as the config.json of a Keras file has it.

Source: get_config() and from_config() in keras/src/models/sequential.py and functional.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galago.errors import ArgumentError
from galago.layers import InputLayer, KerasTensor, Layer
from galago.layers.merging import MergingLayer
from galago.models.compilation import Compilation
from galago.models.draft import Call, Draft
from galago.models.keras_calls import TENSOR, Calls
from galago.models.keras_objects import (
    Problems,
    layer_from_keras,
    layer_to_keras,
    loss_from_keras,
    loss_to_keras,
    metrics_from_keras,
    metrics_to_keras,
    optimizer_from_keras,
    optimizer_to_keras,
)
from galago.models.model import Model
from galago.models.sequential import Sequential
from galago.shapes import with_batch

MOST_LAYERS = 3_000


def model_to_keras(model: Model, compiled: Compilation | None) -> dict[str, Any]:
    """Return the configuration of a model, with what compile() was told. Raises ArgumentError."""
    if not isinstance(model, Sequential):
        config = _functional_to_keras(model)
    elif model.built or not model.layers:
        config = _sequential_to_keras(model)
    else:
        raise ArgumentError(
            f"{model.label}: expected a model that knows its input shape, which a file has to say. "
            "Start it with Input(shape), or call build((None, ...)) or fit()."
        )
    if compiled is not None:
        config["compile_config"] = {
            "optimizer": optimizer_to_keras(compiled.control.optimizer),
            "loss": loss_to_keras(compiled.loss),
            "loss_weights": None,
            "metrics": metrics_to_keras(compiled.metrics),
            "weighted_metrics": metrics_to_keras(compiled.weighted_metrics),
            "run_eagerly": False,
            "steps_per_execution": 1,
            "jit_compile": False,
        }
    return config


def draft(config: Mapping[str, Any], problems: Problems) -> Draft | None:
    """Return the model that a configuration describes, or None and problems."""
    kind, settings = config.get("class_name"), config.get("config")
    if not isinstance(settings, Mapping) or kind not in ("Sequential", "Functional", "Model"):
        problems.add(f"a model of class {kind!r}, where Sequential and Functional are known")
        return None
    listed = settings.get("layers")
    if not isinstance(listed, list) or len(listed) > MOST_LAYERS:
        problems.add(f"no list of at most {MOST_LAYERS:,} layers")
        return None
    layers = [layer_from_keras(description, problems) for description in listed]
    known = [layer for layer in layers if layer is not None]
    if len(known) < len(layers):
        return None
    name = settings.get("name")
    name = name if isinstance(name, str) else None
    if kind == "Sequential":
        return _sequential_draft(name, known, settings)
    calls = Calls(listed, known, problems)
    start, end = calls.one(settings, "input_layers"), calls.one(settings, "output_layers")
    if start is None or end is None:
        return None
    return Draft(Model, name, known, *calls.ordered(start, end))


def compile_from_keras(told: Any, problems: Problems) -> dict[str, Any] | None:
    """Return the arguments of compile(), or None and problems."""
    told = told if isinstance(told, Mapping) else {}
    if told.get("loss_weights") is not None:
        problems.add(f"compile(): loss_weights={told['loss_weights']!r}")
    optimizer = optimizer_from_keras(told.get("optimizer"), problems)
    loss = loss_from_keras(told.get("loss"), problems)
    metrics = metrics_from_keras(told.get("metrics"), "metric", problems)
    weighted = metrics_from_keras(told.get("weighted_metrics"), "weighted metric", problems)
    if optimizer is None or loss is None or None in metrics + weighted:
        return None
    found = {"optimizer": optimizer, "loss": loss, "metrics": metrics}
    return found | ({"weighted_metrics": weighted} if weighted else {})


def _sequential_to_keras(model: Sequential) -> dict[str, Any]:
    start = model.input.layer
    descriptions = [layer_to_keras(start, [])]
    shape = model.input_sizes
    for layer, after in zip(model.layers, model.output_shapes, strict=True):
        descriptions.append(layer_to_keras(layer, [with_batch(shape)]))
        shape = after
    whole = list(model.input_shape)
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": model.name,
            "trainable": True,
            "dtype": model.dtype,
            "layers": descriptions,
            "build_input_shape": whole,
        },
        "registered_name": None,
        "build_config": {"input_shape": whole},
    }


def _sequential_draft(name: str | None, layers: list[Layer], settings: Mapping[str, Any]) -> Draft:
    shape = settings.get("build_input_shape")
    if isinstance(shape, list) and not any(isinstance(layer, InputLayer) for layer in layers):
        layers = [InputLayer(shape[1:]), *layers]
    knows = bool(layers) and isinstance(layers[0], InputLayer)
    calls = [Call(layer, (place - 1,) if place else ()) for place, layer in enumerate(layers)]
    return Draft(Sequential, name, layers, calls if knows else [], len(calls) - 1)


def _functional_to_keras(model: Model) -> dict[str, Any]:
    known = model.structure
    places = {
        tensor: (layer.name, place, 0)
        for layer, calls in known.calls_of.items()
        for place, tensor in enumerate(calls)
    }

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
        several = isinstance(tensor.layer, MergingLayer)
        return {"args": [given] if several else given, "kwargs": {}}

    layers = []
    for layer, calls in known.calls_of.items():
        inputs = [source.shape for source in calls[0].inputs]
        found = layer_to_keras(layer, inputs)
        nodes = [node(tensor) for tensor in calls if tensor.inputs]
        layers.append({**found, "name": layer.name, "inbound_nodes": nodes})
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {
            "name": model.name,
            "trainable": True,
            "layers": layers,
            "input_layers": [list(places[model.input])],
            "output_layers": [list(places[model.output])],
        },
        "registered_name": "Functional",
        "build_config": {"input_shape": None},
    }
