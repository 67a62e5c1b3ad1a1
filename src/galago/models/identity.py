"""What makes two trainings one: the numbers that a checkpoint is held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from galago.errors import ArgumentError
from galago.models.compilation import Compilation
from galago.training.adapters import Examples
from galago.training.feed import Feed
from galago.training.sources import ArraySource

if TYPE_CHECKING:
    from galago.models.trainer import Trainer

#: What is told in words where it differs, not as a sum.
_SUMS = ("model", "data", "validation data")


def identity(
    model: Trainer,
    compiled: Compilation,
    train: Feed,
    validation: Feed | None,
) -> dict[str, str]:
    """Return what has to be the same for a training to go on from a checkpoint, as text.

    The learning rate, the number of epochs, seeds and names are not among it. Raises
    ArgumentError for data that may be other data the next time.
    """
    data = _arrays(train, "steps_per_epoch")
    valid = None if validation is None else _arrays(validation, "validation_steps")
    optimizer = compiled.control.optimizer
    free = ("learning_rate", "name")
    settings = {k: v for k, v in optimizer.get_config().items() if k not in free}
    trainable = [compiled.is_trainable(layer) for layer in model.leaves]
    return {
        "model": _sum([json.dumps([_structure(model), model.dtype, trainable]).encode()]),
        "optimizer": f"{type(optimizer).__name__} {json.dumps(settings, sort_keys=True)}",
        "loss": repr((compiled.loss, compiled.loss_weights)),
        "metrics": repr((compiled.metrics, compiled.weighted_metrics)),
        "batch_size": str(data.batch),
        "shuffle": str(data.shuffle),
        "data": _sum(_content(data.examples)),
        "validation data": "none" if valid is None else _sum(_content(valid.examples)),
        "validation_batch_size": "none" if valid is None else str(valid.batch),
    }


def difference(found: Mapping[str, Any], wanted: Mapping[str, str]) -> str | None:
    """Return in words what is not the same, None if all is.

    >>> difference({"batch_size": "32"}, {"batch_size": "64"})
    'its batch_size is 32, and here it is 64'
    """
    for name, value in wanted.items():
        if found.get(name) != value:
            if name in _SUMS:
                return f"its {name} is another one"
            return f"its {name} is {found.get(name)}, and here it is {value}"
    return None


def _structure(model: Trainer) -> list[Any]:
    """The graph without names, which count on within a process, and without drawn seeds."""
    graph = model.to_graph()
    nodes = [
        [
            node.op,
            node.inputs,
            node.shape,
            [pair for pair in node.attributes if pair[0] != "seed"],
            [graph.parameters[place].shape for place in node.parameters],
        ]
        for node in graph.nodes
    ]
    return [nodes, graph.outputs]


def _arrays(feed: Feed, argument: str) -> ArraySource:
    """The arrays behind a feed whose epochs are whole passes."""
    source = feed.source
    if not isinstance(source, ArraySource):
        raise ArgumentError(
            f"fit(): expected arrays for a training with checkpoints, received a {source.kind}, "
            "which may give other batches the next time. Pass arrays, or leave out the checkpoint "
            "and save the model with ModelCheckpoint."
        )
    if not feed.whole:
        raise ArgumentError(
            f"fit(): expected whole epochs for a training with checkpoints, received {argument}. "
            f"Leave {argument} out, or the checkpoint."
        )
    return source


def _content(examples: Examples) -> Iterable[bytes | memoryview]:
    for array in (*examples.x, *examples.y, *(examples.weights or ())):
        if array is None:
            continue
        kept: npt.NDArray[Any] = np.ascontiguousarray(array)
        yield f"{kept.dtype.str} {kept.shape}\n".encode()
        yield kept.reshape(-1).view(np.uint8).data


def _sum(parts: Iterable[bytes | memoryview]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
