"""What makes two trainings one: the numbers that a checkpoint is held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from galago.models.compilation import Compilation
from galago.training.adapters import Examples
from galago.training.loop import Schedule

if TYPE_CHECKING:
    from galago.models.trainer import Trainer

#: What is told in words where it differs, not as a sum.
_SUMS = ("model", "data", "validation data")


def identity(
    model: Trainer,
    compiled: Compilation,
    schedule: Schedule,
    train: Examples,
    validation: Examples | None,
) -> dict[str, str]:
    """Return what has to be the same for a training to go on from a checkpoint, as text.

    The learning rate, the number of epochs, seeds and names of layers are not among it.
    """
    optimizer = compiled.control.optimizer
    settings = {k: v for k, v in optimizer.get_config().items() if k != "learning_rate"}
    trainable = [compiled.is_trainable(layer) for layer in model.layers]
    return {
        "model": _sum([json.dumps([_structure(model), model.dtype, trainable]).encode()]),
        "optimizer": f"{type(optimizer).__name__} {json.dumps(settings, sort_keys=True)}",
        "loss": repr(compiled.loss),
        "metrics": repr(list(compiled.metrics)),
        "batch_size": str(schedule.batch_size),
        "shuffle": str(schedule.shuffle),
        "data": _sum(_content(train)),
        "validation data": "none" if validation is None else _sum(_content(validation)),
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
    graph = model.lower()
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


def _content(examples: Examples) -> Iterable[bytes | memoryview]:
    for array in examples:
        kept: npt.NDArray[Any] = np.ascontiguousarray(array)
        yield f"{kept.dtype.str} {kept.shape}\n".encode()
        yield kept.reshape(-1).view(np.uint8).data


def _sum(parts: Iterable[bytes | memoryview]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
