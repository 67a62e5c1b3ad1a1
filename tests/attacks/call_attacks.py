"""Calls of functional models: in circles, of nobody, in numbers that never end."""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attack import Attack, Attacks, Maker
from descriptions import thing
from good import with_calls, with_config


def node(*histories: tuple[str, int, int]) -> dict[str, Any]:
    """A call on other calls."""
    given = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None, 4], "dtype": "float32", "keras_history": list(history)},
        }
        for history in histories
    ]
    return {"args": [given] if len(given) > 1 else given, "kwargs": {}}


def functional(name: str, layers: list[Any], ends: Any) -> dict[str, Any]:
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {
            "name": name,
            "layers": layers,
            "input_layers": [["start", 0, 0]],
            "output_layers": [ends],
        },
        "registered_name": "Functional",
    }


def laughs(config: Any) -> None:
    """A model that calls a model ten times that calls a model ten times ... 10^15 calls."""
    layers = config["config"]["layers"]
    start = copy.deepcopy(next(part for part in layers if part["class_name"] == "InputLayer"))
    relu = {**thing("keras.layers", "ReLU", name="relu"), "name": "relu"}
    inner = {**relu, "inbound_nodes": [node(("start", 0, 0))]}
    first = 0
    for level in range(15):
        name = "relu" if level == 0 else f"level_{level}"
        model = functional(f"level_{level + 1}", [start, inner], [name, first + 9, 0])
        first = 1
        calls = [node(("start", 0, 0))]
        calls += [node((name, number, 0)) for number in range(9)]
        model["config"]["layers"][1] = {**inner, "inbound_nodes": calls}
        inner = {**model, "name": model["config"]["name"]}
    config["config"] = model["config"]


def russian_dolls(depth: int) -> Callable[..., Any]:
    """Models in models."""

    def change(config: Any) -> None:
        inner = copy.deepcopy(config["config"]["layers"][-1])
        for _ in range(depth):
            inner = {"class_name": "Sequential", "config": {"layers": [inner]}}
        config["config"]["layers"][-1] = inner

    return with_config(change)


def circle(config: Any) -> None:
    layers = config["config"]["layers"]
    left = next(part for part in layers if part["name"] == "left")
    left["inbound_nodes"] = [node(("end", 0, 0))]


def changed_layer(name: str, **settings: Any) -> Callable[..., Any]:
    """A functional model one of whose layers has other entries."""

    def change(config: Any) -> None:
        next(part for part in config["config"]["layers"] if part["name"] == name).update(settings)

    return with_calls(change)


def with_room(make: Maker) -> Maker:
    """The same with two megabytes of nothing in the file, so that its memory is no limit."""

    def with_more(folder: Path) -> Path:
        path = make(folder)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("nothing", bytes(2 << 20))
        return path

    return with_more


def calls(count: int) -> Callable[..., Any]:
    """A layer that is called on its own output so many times, in few characters."""

    def change(config: Any) -> None:
        layers = {part["name"]: part for part in config["config"]["layers"]}
        left, end = layers["left"], layers["end"]
        one = left["inbound_nodes"][0]["args"][0]
        histories = [["start", 0, 0], *(["left", number, 0] for number in range(count - 1))]
        left["inbound_nodes"] = [
            {"args": [{**one, "config": {"keras_history": history}}]} for history in histories
        ]
        end["inbound_nodes"][0]["args"][0][0]["config"]["keras_history"] = ["left", count - 1, 0]

    return with_calls(change)


ATTACKS: Attacks = {
    # Calls of functional models.
    "calls in a circle": Attack(with_calls(circle), "in a circle"),
    "a layer that calls itself": Attack(
        changed_layer("left", inbound_nodes=[node(("left", 0, 0))]), "in a circle"
    ),
    "a call of a layer that is not there": Attack(
        changed_layer("left", inbound_nodes=[node(("nobody", 0, 0))]), "others that there are not"
    ),
    "a call of a number that is not there": Attack(
        changed_layer("left", inbound_nodes=[node(("start", 7, 0))]), "others that there are not"
    ),
    "a call of a negative number": Attack(
        changed_layer("left", inbound_nodes=[node(("start", -1, 0))]), "others that there are not"
    ),
    "another output of a call": Attack(
        changed_layer("left", inbound_nodes=[node(("start", 0, 3))]), "others that there are not"
    ),
    "a negative output of a call": Attack(
        changed_layer("left", inbound_nodes=[node(("start", 0, -1))]), ": "
    ),
    "another output of the model": Attack(
        with_calls(lambda c: c["config"].update(output_layers=[["left", 0, 1]])), "output_layers"
    ),
    "outputs by name that are not there": Attack(
        with_calls(lambda c: c["config"].update(output_layers={"a": ["left", 0, 9]})),
        "output_layers",
    ),
    "calls that are text": Attack(changed_layer("left", inbound_nodes="start"), "no list of calls"),
    "calls that are numbers": Attack(changed_layer("left", inbound_nodes=[1, 2]), "a call on"),
    "a call with code": Attack(
        changed_layer("left", inbound_nodes=[{**node(("start", 0, 0)), "kwargs": {"f": "exec"}}]),
        "a call with {'f': 'exec'}",
    ),
    "an output that is not there": Attack(
        with_calls(lambda c: c["config"].update(output_layers=[["nobody", 0, 0]])), "output_layers"
    ),
    "no output": Attack(
        with_calls(lambda c: c["config"].update(output_layers=[])), "output_layers"
    ),
    "outputs as number": Attack(
        with_calls(lambda c: c["config"].update(output_layers=3)), "output_layers"
    ),
    "an input that is a layer": Attack(
        with_calls(lambda c: c["config"].update(input_layers=[["left", 0, 0]])), ": "
    ),
    "two layers of one name": Attack(
        with_calls(lambda c: c["config"]["layers"].append(copy.deepcopy(c["config"]["layers"][1]))),
        ": ",
    ),
    "10,001 calls": Attack(with_room(calls(10_001)), "or too many"),
    "a row of 5,000 calls": Attack(calls(5_000), error=None),
    "10^15 calls": Attack(with_calls(laughs), "more than 10,000 calls"),
    "17 models in each other": Attack(russian_dolls(17), "deeper than 16"),
    "40 models in each other": Attack(russian_dolls(40), "100 deep at most"),
}
