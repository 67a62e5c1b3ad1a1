"""The public names of Keras, or of Galago: of modules, of objects, and of arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

#: Parts of Keras whose names are looked at: what has to do with images and small networks.
MODULES = (
    "activations",
    "callbacks",
    "config",
    "constraints",
    "datasets.fashion_mnist",
    "datasets.mnist",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "optimizers.schedules",
    "regularizers",
    "utils",
)


def _model(k: Any) -> Any:
    start = k.Input((4,))
    return k.Model(start, k.layers.Dense(2)(start))


#: Objects whose attributes and methods are looked at; others of their kind have them too.
OBJECTS: Mapping[str, Callable[[Any], Any]] = {
    "Model": _model,
    "Sequential": lambda k: k.Sequential([k.Input((4,)), k.layers.Dense(2)]),
    "Layer": lambda k: k.layers.Flatten(),
    "KerasTensor": lambda k: k.Input((4,)),
    "Variable": lambda k: _model(k).weights[0],
    "Callback": lambda k: k.callbacks.Callback(),
    "Loss": lambda k: k.losses.MeanSquaredError(),
    "Metric": lambda k: k.metrics.MeanSquaredError(),
    "Optimizer": lambda k: k.optimizers.SGD(),
    "Schedule": lambda k: k.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9),
    "Initializer": lambda k: k.initializers.Zeros(),
    "Regularizer": lambda k: k.regularizers.L2(),
    "Constraint": lambda k: k.constraints.NonNeg(),
}


def surface(package: Any, modules: Mapping[str, ModuleType]) -> dict[str, list[str]]:
    """What each module, object and signature has."""
    found = {"keras": _public(package)}
    for name, module in modules.items():
        found[name] = _public(module)
        for part in found[name]:
            arguments = _arguments(getattr(module, part))
            if arguments is not None:
                found[f"{name}.{part}()"] = arguments
    for name, make in OBJECTS.items():
        made = make(package)
        found[name] = _public(made)
        for part in found[name]:
            method = inspect.getattr_static(type(made), part, None)
            if inspect.isfunction(method):
                found[f"{name}.{part}()"] = _arguments(method) or []
    return found


def _public(owner: Any) -> list[str]:
    """Public names that stand for no module."""
    return sorted(
        name
        for name in dir(owner)
        if not name.startswith("_")
        and not inspect.ismodule(inspect.getattr_static(owner, name, None))
    )


def _arguments(thing: Any) -> list[str] | None:
    """Names of arguments; None for what has no signature."""
    if hasattr(thing, "argument_names"):  # layers and optimizers of Galago share some
        own = [name for name in inspect.signature(thing).parameters if name != "options"]
        of_layers = ["data_format"] if hasattr(thing, "takes_activity_regularizer") else []
        return [*thing.argument_names(), *own, *of_layers]
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [one.name for one in parameters if one.kind not in kinds and one.name != "self"]
