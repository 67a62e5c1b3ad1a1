"""How Keras's files describe layers, initializers, losses and optimizers, and Galago's for them.

A description is {"module", "class_name", "config", "registered_name"}. What is written has only the
arguments that Keras 3.0 knew, so that every Keras 3 reads it. What is read is looked up in literal
tables; nothing that a file names is imported or called by its name.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from galago import (
    config,
    constraints,
    initializers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from galago.configurable import Configurable
from galago.constraints import Constraint
from galago.errors import ArgumentError, GalagoWarning
from galago.initializers import Initializer
from galago.layers import LAYERS, InputLayer, Layer, SpatialDropout1D, SpatialDropout2D
from galago.losses import Loss
from galago.metrics import Metric
from galago.models.problems import Problems
from galago.optimizers import Optimizer, schedules
from galago.optimizers.schedules import SCHEDULES
from galago.regularizers import Regularizer
from galago.shapes import BatchShape, with_batch

C = TypeVar("C", bound=Configurable)

_LAYERS, _INITIALIZERS = "keras.layers", "keras.initializers"
_REGULARIZERS, _CONSTRAINTS = "keras.regularizers", "keras.constraints"
_SCHEDULES = "keras.optimizers.schedules"
_LOSSES, _METRICS, _OPTIMIZERS = "keras.losses", "keras.metrics", "keras.optimizers"

#: The name of this initializer that every version takes in a layer's argument.
_ORTHOGONAL = "OrthogonalInitializer"

#: Arguments of Keras that Galago does not have, with the values that change nothing; any value
#: where the argument says nothing about what is computed.
_ANY = object()
NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    # layers
    "activity_regularizer": (None,),
    "alpha_regularizer": (None,),
    "alpha_constraint": (None,),
    "kernel_regularizer": (None,),
    "bias_regularizer": (None,),
    "depthwise_regularizer": (None,),
    "pointwise_regularizer": (None,),
    "beta_regularizer": (None,),
    "gamma_regularizer": (None,),
    "kernel_constraint": (None,),
    "bias_constraint": (None,),
    "depthwise_constraint": (None,),
    "pointwise_constraint": (None,),
    "beta_constraint": (None,),
    "gamma_constraint": (None,),
    "axis": (-1, [-1]),
    "bounding_box_format": (_ANY,),
    "data_format": ("channels_last", None),
    "invert": (False,),
    "keepdims": (False,),
    "lora_alpha": (None,),
    "lora_rank": (None,),
    "mean": (None,),
    "noise_shape": (None,),
    "optional": (False,),
    "quantization_config": (None,),
    "ragged": (False, None),
    "renorm": (False,),
    "renorm_clipping": (None,),
    "renorm_momentum": (_ANY,),
    "rms_scaling": (False,),
    "sparse": (False, None),
    "synchronized": (False,),
    "value_range": (_ANY,),  # of rotations in Keras 3.0, where it does nothing
    "variance": (None,),
    # initializers
    "input_axes": (None,),
    "output_axes": (None,),
    # losses
    "dtype": ("float32", None),
    "name": (_ANY,),
    # optimizers
    "gradient_accumulation_steps": (None,),
    "jit_compile": (_ANY,),
    "loss_scale_factor": (None,),
}


#: Layers that do not take `trainable` in Keras.
_NEVER_TRAINABLE = (InputLayer, SpatialDropout1D, SpatialDropout2D)

#: Arguments that came after Keras 3.0, by layers: written only where they say something.
LATER: Mapping[str, tuple[str, ...]] = {
    "Resizing": ("pad_to_aspect_ratio", "fill_mode", "fill_value", "antialias"),
    "RandomContrast": ("value_range",),
}


def described(module: str, thing: Configurable, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description."""
    return {
        "module": module,
        "class_name": type(thing).__name__,
        "config": dict(settings),
        "registered_name": None,
    }


def layer_to_keras(layer: Layer, inputs: Sequence[BatchShape]) -> dict[str, Any]:
    """Return a layer's description; `inputs` are the shapes that it was built for."""
    settings = layer.get_config()
    if isinstance(layer, _NEVER_TRAINABLE):
        del settings["trainable"]
    if isinstance(layer, InputLayer):
        settings["batch_shape"] = list(with_batch(tuple(settings.pop("shape"))))
    settings["dtype"] = layer.dtype
    defaults = type(layer).defaults()
    for name in LATER.get(type(layer).__name__, ()):
        if layer.arguments()[name] == defaults[name]:
            del settings[name]
    for name, value in layer.arguments().items():
        if isinstance(value, Initializer):
            settings[name] = described(_INITIALIZERS, value, value.get_config())
            if isinstance(value, initializers.Orthogonal):
                settings[name]["class_name"] = _ORTHOGONAL
            # Keras's own default newer ones write in another way; KnownGood it does not have.
            default = repr(value) == repr(initializers.get(defaults[name]))
            if default or isinstance(value, initializers.KnownGood):
                del settings[name]
        if isinstance(value, Regularizer):
            settings[name] = described(_REGULARIZERS, value, value.get_config())
        if isinstance(value, Constraint):
            settings[name] = described(_CONSTRAINTS, value, value.get_config())
    found = described(_LAYERS, layer, settings)
    if inputs and layer.weights:
        shapes = [list(shape) for shape in inputs]
        found["build_config"] = {"input_shape": shapes[0] if len(shapes) == 1 else shapes}
    return found


def wrong_type(given: Any) -> str:
    """What is wrong with a layer's number type; nothing where it is that of the program."""
    if given in (None, config.floatx()):
        return ""
    other = f"this program in {config.floatx()}; see galago.config.set_floatx()"
    why = other if given in ("float32", "float64") else "which Galago does not"
    return f"computes in {given}, {why}"


def layer_from_keras(description: Any, problems: Problems) -> Layer | None:
    """Return a new layer, or None and a problem."""
    name, settings = class_and_settings(description)
    owner = f"{name} {settings.get('name')!r}"
    if not of_keras(description) or name not in LAYERS:
        problems.add("no layer of Galago", owner)
        return None
    settings = dict(settings)
    policy = settings.pop("dtype", None)
    if wrong := wrong_type(policy_name(policy)):
        problems.add(wrong, owner)
        return None
    if name == InputLayer.__name__:
        whole = settings.pop("batch_shape", None) or settings.pop("batch_input_shape", None)
        settings["shape"] = whole[1:] if isinstance(whole, list) else whole
    for key, value in settings.items():
        for kind, known in _PARTS.items():
            if key.endswith(f"_{kind}") and isinstance(value, Mapping):
                settings[key] = _part(value, known, key, owner, problems)
    return _made(LAYERS[name], settings, owner, problems)


#: Losses that old versions know as classes alone.
_NOT_BY_NAME = ("binary_focal_crossentropy", "categorical_focal_crossentropy")


def losses_to_keras(given: Any) -> Any:
    """Return names and descriptions of losses: of one, a list or a dictionary by outputs."""

    def one(loss: Loss | None) -> str | dict[str, Any] | None:
        if loss is None:
            return None
        plain = repr(loss) == repr(losses.get(loss.kind)) and loss.kind not in _NOT_BY_NAME
        return loss.kind if plain else described(_LOSSES, loss, _chosen(loss))

    return _mapped(given, one)


def losses_from_keras(given: Any, problems: Problems) -> Any:
    """Return the losses of a file, or None and problems where one is not known."""

    def one(loss: Any) -> Any:
        if loss is None:
            return None
        return _named_or_made(loss, "loss", losses.get, losses.LOSSES, problems)

    described_one = isinstance(given, Mapping) and "class_name" in given
    return one(given) if described_one else _mapped(given, one)


def metrics_to_keras(given: Any) -> Any:
    """Return names and descriptions of metrics, None for none; by outputs if they were given so.

    A metric of the user's own stays out, with a warning: no file could bring it back.
    """
    if not isinstance(given, tuple):
        return _mapped(given, lambda one: metrics_to_keras(one) or [])
    found: list[Any] = []
    for metric in given:
        name = metrics.name_of(metric)
        if isinstance(metric, str) or getattr(metrics, name, None) is metric:
            found.append(name)
        elif metrics.METRICS.get(type(metric).__name__) is type(metric):
            found.append(described(_METRICS, metric, _chosen(metric)))
        else:
            warnings.warn(
                f"save(): the file does not hold the metric {name!r}, which is not one of "
                "galago.metrics. Call compile() with it after loading.",
                GalagoWarning,
                stacklevel=2,
            )
    return found or None


def metrics_from_keras(given: Any, what: str, problems: Problems) -> Any:
    """Return metrics and their names, and a problem for each that is not known."""

    def named(name: str) -> Any:
        metrics.check(name)
        return name

    def one(metric: Any) -> Any:
        if metric is None or isinstance(metric, list):
            return [one(part) for part in metric or ()]
        return _named_or_made(metric, what, named, metrics.METRICS, problems)

    if isinstance(given, Mapping) and "class_name" not in given:
        return {str(key): one(part) for key, part in given.items()}
    return one(given if isinstance(given, list) else [given])


def _mapped(given: Any, one: Callable[[Any], Any]) -> Any:
    """One, a list or a dictionary, with a function applied to each."""
    if isinstance(given, Mapping):
        return {str(key): one(part) for key, part in given.items()}
    return [one(part) for part in given] if isinstance(given, list) else one(given)


def _chosen(thing: Loss | Metric) -> dict[str, Any]:
    """The arguments that are not as they are by default, which older versions may not know."""
    usual = {**type(thing).defaults(), "dtype": config.floatx()}
    settings = thing.get_config()
    return {k: v for k, v in settings.items() if k == "name" or k not in usual or v != usual[k]}


def optimizer_to_keras(optimizer: Optimizer) -> dict[str, Any]:
    """Return an optimizer's description. Raises ArgumentError for a schedule that is not ours."""
    settings = optimizer.get_config()
    if optimizer.scheduled:
        schedule = optimizer.arguments()["learning_rate"]
        if type(schedule) not in SCHEDULES.values():
            raise ArgumentError(
                f"{type(schedule).__name__}: expected a learning rate schedule of Galago, which "
                "files can name, received a class of your own. Save the weights alone, or set "
                "optimizer.learning_rate to another schedule."
            )
        settings["learning_rate"] = described(_SCHEDULES, schedule, schedule.get_config())
    return described(_OPTIMIZERS, optimizer, settings)


def optimizer_from_keras(description: Any, problems: Problems) -> Optimizer | None:
    """Return an optimizer, or None and a problem."""
    rate = class_and_settings(description)[1].get("learning_rate")
    if isinstance(rate, Mapping):
        schedule = _named_or_made(rate, "learning_rate", schedules.get, SCHEDULES, problems)
        if schedule is None:
            return None
        settings = {**description["config"], "learning_rate": schedule}
        description = {**description, "config": settings}
    found: Optimizer | None = _named_or_made(
        description, "optimizer", optimizers.get, optimizers.OPTIMIZERS, problems
    )
    return found


#: How a configuration marks an array.
_ARRAYS = ("__numpy__", "__tensor__")

#: What stands in the arguments of layers as a description; a name is looked up by the layer.
_PARTS: Mapping[str, Mapping[str, type[Configurable]]] = {
    "initializer": {
        **{n: c for n, c in initializers.INITIALIZERS.items() if c is not initializers.KnownGood},
        "IdentityInitializer": initializers.Identity,  # as Keras before 3.4 calls them
        _ORTHOGONAL: initializers.Orthogonal,
    },
    "regularizer": regularizers.REGULARIZERS,
    "constraint": constraints.CONSTRAINTS,
}


def _part(
    value: Mapping[str, Any],
    known: Mapping[str, type[Configurable]],
    key: str,
    owner: str,
    problems: Problems,
) -> Any:
    """What a description in a layer's argument stands for, or a problem and nothing."""
    name, settings = class_and_settings(value)
    made = None
    if not of_keras(value) or name not in known:
        problems.add(f"{key} {name!r}: none of Galago", owner)
    else:
        made = _made(known[name], settings, f"{owner}: {key}", problems)
    return "zeros" if made is None and key.endswith("_initializer") else made


def _named_or_made(
    description: Any,
    what: str,
    named: Callable[[str], Any],
    known: Mapping[str, type[Configurable]],
    problems: Problems,
) -> Any:
    """What a name or a description stands for, or None and a problem."""
    if isinstance(description, str):
        with problems.within(what):
            return named(description)
        return None
    name, settings = class_and_settings(description)
    if not of_keras(description) or name not in known:
        problems.add(f"{what} {name or description!r}: none of Galago")
        return None
    return _made(known[name], settings, f"{what} {name}", problems)


def _made(cls: type[C], settings: Mapping[str, Any], owner: str, problems: Problems) -> C | None:
    """An object with these settings, but those that change nothing."""
    known = cls.argument_names()
    kept: dict[str, Any] = {}
    for key, value in settings.items():
        if key in known:
            kept[key] = _array(value)
        elif not any(_same(value, neutral) for neutral in NEUTRAL.get(key, ())):
            problems.add(f"{key}={value!r}", owner)
    if missing := [key for key in cls.required_names() if key not in kept]:
        problems.add(f"no {', '.join(missing)}", owner)
        return None
    with problems.within(owner):
        return cls.from_config(kept)
    return None


def _array(value: Any) -> Any:
    """A value; of an array, which Keras wraps in a description, its numbers."""
    name, settings = class_and_settings(value)
    return settings.get("value") if name in _ARRAYS else value


def _same(value: Any, neutral: Any) -> bool:
    """Whether a value is a neutral one; True is not 1 here."""
    return neutral is _ANY or (type(value) is type(neutral) and bool(value == neutral))


def class_and_settings(description: Any) -> tuple[str, Mapping[str, Any]]:
    """Class name and settings; empty where a file has something else in their place."""
    if not isinstance(description, Mapping):
        return "", {}
    name, settings = description.get("class_name"), description.get("config")
    return (
        name if isinstance(name, str) else "",
        settings if isinstance(settings, Mapping) else {},
    )


def of_keras(description: Any) -> bool:
    """Whether a description is of one of Keras's own classes."""
    if not isinstance(description, Mapping):
        return False
    module, registered = description.get("module"), description.get("registered_name")
    own = isinstance(module, str) and (module == "keras" or module.startswith("keras."))
    return own and registered in (None, description.get("class_name"))


def policy_name(policy: Any) -> Any:
    """The name of a number type, which may be wrapped in a description."""
    return class_and_settings(policy)[1].get("name") if isinstance(policy, Mapping) else policy
