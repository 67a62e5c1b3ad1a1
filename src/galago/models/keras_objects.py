"""How Keras's files describe layers, initializers, losses and optimizers, and Galago's for them.

A description is {"module", "class_name", "config", "registered_name"}. What is written has only the
arguments that Keras 3.0 knew, so that every Keras 3 reads it. What is read is looked up in literal
tables; nothing that a file names is imported or called by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from galago import config, initializers, losses, metrics, optimizers
from galago.configurable import Configurable
from galago.errors import ArgumentError, FileFormatError
from galago.initializers import Initializer
from galago.layers import LAYERS, InputLayer, Layer, SpatialDropout2D
from galago.losses import Loss
from galago.optimizers import Optimizer
from galago.shapes import BatchShape, with_batch

C = TypeVar("C", bound=Configurable)

_LAYERS, _INITIALIZERS = "keras.layers", "keras.initializers"
_LOSSES, _METRICS, _OPTIMIZERS = "keras.losses", "keras.metrics", "keras.optimizers"

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
    "variance": (None,),
    # initializers
    "input_axes": (None,),
    "output_axes": (None,),
    # losses
    "dtype": ("float32", None),
    "ignore_class": (None,),
    "label_smoothing": (0.0,),
    "name": (_ANY,),
    "reduction": ("sum_over_batch_size",),
    # optimizers
    "amsgrad": (False,),
    "clipnorm": (None,),
    "clipvalue": (None,),
    "ema_momentum": (_ANY,),
    "ema_overwrite_frequency": (None,),
    "global_clipnorm": (None,),
    "gradient_accumulation_steps": (None,),
    "jit_compile": (_ANY,),
    "loss_scale_factor": (None,),
    "use_ema": (False,),
    "weight_decay": (None, 0.0),
}


class Problems:
    """What a file has that Galago does not: found all of it, then said at once."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, what: str) -> None:
        """Note one."""
        self._found.append(what)

    @contextmanager
    def within(self, owner: str) -> Iterator[None]:
        """Note what makes an argument wrong, instead of raising it."""
        try:
            yield
        except ArgumentError as error:
            self.add(f"{owner}: {error}")

    def error(self, file: str, advice: str) -> FileFormatError:
        """Return the error that lists them."""
        listed = "".join(f"\n- {what}" for what in self._found)
        return FileFormatError(f"{file}: Galago cannot take this over:{listed}\n{advice}")

    def __bool__(self) -> bool:
        return bool(self._found)


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
    if isinstance(layer, (InputLayer, SpatialDropout2D)):  # which do not take it in Keras
        del settings["trainable"]
    if isinstance(layer, InputLayer):
        settings["batch_shape"] = list(with_batch(tuple(settings.pop("shape"))))
    settings["dtype"] = layer.dtype
    defaults = type(layer).defaults()
    for name, value in layer.arguments().items():
        if isinstance(value, Initializer):
            settings[name] = described(_INITIALIZERS, value, value.get_config())
            if repr(value) == repr(initializers.get(defaults[name])):
                del settings[name]  # Keras's own default, which newer ones write in another way
    found = described(_LAYERS, layer, settings)
    if inputs and layer.weights:
        shapes = [list(shape) for shape in inputs]
        found["build_config"] = {"input_shape": shapes[0] if len(shapes) == 1 else shapes}
    return found


def layer_from_keras(description: Any, problems: Problems) -> Layer | None:
    """Return a new layer, or None and a problem."""
    name, settings = _parts(description)
    owner = f"{name} {settings.get('name')!r}"
    if not _of_keras(description) or name not in LAYERS:
        problems.add(f"{owner}: no layer of Galago")
        return None
    settings = dict(settings)
    policy = settings.pop("dtype", None)
    given = _policy(policy)
    if given not in (None, config.floatx()):
        problems.add(
            f"{owner}: computes in {given}, this program in {config.floatx()}; see "
            "galago.config.set_floatx()"
        )
        return None
    if name == InputLayer.__name__:
        whole = settings.pop("batch_shape", None) or settings.pop("batch_input_shape", None)
        settings["shape"] = whole[1:] if isinstance(whole, list) else whole
    for key, value in settings.items():
        if key.endswith("_initializer"):
            settings[key] = _initializer(value, f"{owner}: {key}", problems)
    return _made(LAYERS[name], settings, owner, problems)


def loss_to_keras(loss: Loss) -> str | dict[str, Any]:
    """Return a loss's name if it is as its name says, else its description."""
    plain = repr(loss) == repr(losses.get(loss.kind))
    return loss.kind if plain else described(_LOSSES, loss, loss.get_config())


def loss_from_keras(description: Any, problems: Problems) -> Loss | None:
    """Return a loss, or None and a problem."""
    found: Loss | None = _named_or_made(description, "loss", losses.get, losses.LOSSES, problems)
    return found


def metric_to_keras(metric: Any) -> Any:
    """Return a metric's name if it was given by name, else its description."""
    if isinstance(metric, str):
        return metric
    return described(_METRICS, metric, metric.get_config())


def metric_from_keras(description: Any, problems: Problems) -> Any:
    """Return a metric or its name, or None and a problem."""

    def named(name: str) -> Any:
        metrics.check(name)
        return name

    return _named_or_made(description, "metric", named, metrics.METRICS, problems)


def optimizer_to_keras(optimizer: Optimizer) -> dict[str, Any]:
    """Return an optimizer's description."""
    return described(_OPTIMIZERS, optimizer, optimizer.get_config())


def optimizer_from_keras(description: Any, problems: Problems) -> Optimizer | None:
    """Return an optimizer, or None and a problem."""
    found: Optimizer | None = _named_or_made(
        description, "optimizer", optimizers.get, optimizers.OPTIMIZERS, problems
    )
    return found


def _initializer(value: Any, owner: str, problems: Problems) -> Any:
    """An initializer, or its name as it stands: it is looked up where the layer is made."""
    if not isinstance(value, Mapping):
        return value
    name, settings = _parts(value)
    if not _of_keras(value) or name not in initializers.INITIALIZERS:
        problems.add(f"{owner} {name!r}: none of Galago")
        return "zeros"
    return _made(initializers.INITIALIZERS[name], settings, owner, problems) or "zeros"


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
    name, settings = _parts(description)
    if not _of_keras(description) or name not in known:
        problems.add(f"{what} {name or description!r}: none of Galago")
        return None
    return _made(known[name], settings, f"{what} {name}", problems)


def _made(cls: type[C], settings: Mapping[str, Any], owner: str, problems: Problems) -> C | None:
    """An object with these settings, but those that change nothing."""
    known = cls.argument_names()
    kept: dict[str, Any] = {}
    for key, value in settings.items():
        if key in known:
            kept[key] = value
        elif not any(_same(value, neutral) for neutral in NEUTRAL.get(key, ())):
            problems.add(f"{owner}: {key}={value!r}")
    if missing := [key for key in cls.required_names() if key not in kept]:
        problems.add(f"{owner}: no {', '.join(missing)}")
        return None
    with problems.within(owner):
        return cls.from_config(kept)
    return None


def _same(value: Any, neutral: Any) -> bool:
    """Whether a value is a neutral one; True is not 1 here."""
    return neutral is _ANY or (type(value) is type(neutral) and bool(value == neutral))


def _parts(description: Any) -> tuple[str, Mapping[str, Any]]:
    """Class name and settings; empty where a file has something else in their place."""
    if not isinstance(description, Mapping):
        return "", {}
    name, settings = description.get("class_name"), description.get("config")
    return (
        name if isinstance(name, str) else "",
        settings if isinstance(settings, Mapping) else {},
    )


def _of_keras(description: Any) -> bool:
    """Whether a description is of one of Keras's own classes."""
    if not isinstance(description, Mapping):
        return False
    module, registered = description.get("module"), description.get("registered_name")
    own = isinstance(module, str) and (module == "keras" or module.startswith("keras."))
    return own and registered in (None, description.get("class_name"))


def _policy(policy: Any) -> Any:
    """The name of a number type, which may be wrapped in a description."""
    return _parts(policy)[1].get("name") if isinstance(policy, Mapping) else policy
