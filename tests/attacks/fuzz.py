"""Damages good files at random and opens them: python fuzz.py KIND FIRST COUNT.

Prints one line of JSON for each case that broke a rule, then how many there were and how many of
them were opened. The same numbers give the same cases.
"""

from __future__ import annotations

import copy
import json
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import checkpoint_attacks as checkpoints
import good
import numpy as np
from watch import Watch
from ways import WAYS

from galago.errors import GalagoError
from galago.models import load_model

FREE, TIMES, SECONDS = 16 << 20, 4, 1.0
Random = np.random.Generator
#: What takes the place of a value in JSON.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 1.5, -0.0, 1e308, 255, 65536, 2**31 - 1, 2**31, 2**63),
    *(10**12, 10**39, -(10**39), "", "x", "relu", "os.system", "../x", "\ud800", "a/b", "x" * 9999),
    *([], [1], [1, 2], [[1]], [None, 8, 8, 1], {}, {"a": 1}, {"class_name": "Dense"}),
)


def damaged(content: bytes, random: Random) -> bytes:
    """Bytes that were flipped, cut off, moved, copied, taken out, or set to 0 or 255."""
    found = bytearray(content)
    start, size = int(random.integers(len(found))), int(random.integers(1, 64))
    kind = random.integers(8)
    if kind < 3:
        for place in random.integers(0, len(found), random.integers(1, 4)):
            found[place] ^= 1 << random.integers(8)
    elif kind == 3:
        del found[start:]
    elif kind == 4:
        other = int(random.integers(len(found)))
        found[start : start + size] = content[other : other + size]
    elif kind == 5:
        del found[start : start + size]
    elif kind == 6:
        found[start : start + size] = bytes([255 * int(random.integers(2))]) * size
    else:
        found[start:start] = random.bytes(size)
    return bytes(found)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or object in a value with each of its keys."""
    if isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def rewritten(value: Any, random: Random) -> Any:
    """A value some of whose parts are others, gone, or stand elsewhere."""
    value = copy.deepcopy(value)
    for _ in range(random.integers(1, 4)):
        found = list(places(value))
        if not found:
            break
        holder, key = found[random.integers(len(found))]
        other, its_key = found[random.integers(len(found))]
        kind = random.integers(5)
        if kind < 3:
            holder[key] = copy.deepcopy(VALUES[random.integers(len(VALUES))])
        elif kind == 3:
            holder[key] = copy.deepcopy(other[its_key])
        else:
            del holder[key]
    return value


class Kind(NamedTuple):
    """How a case is written into a folder, the way it is opened, and whether its result fits."""

    write: Callable[[Path, Random], Path]
    way: str


def keras(folder: Path, random: Random) -> Path:
    path = folder / "model.keras"
    path.write_bytes(damaged(saved("model.keras"), random))
    return path


def keras_config(folder: Path, random: Random) -> Path:
    return good.with_members(folder, config=json.dumps(rewritten(good.config(), random)).encode())


def keras_calls(folder: Path, random: Random) -> Path:
    """A functional model whose configuration was rewritten."""

    def change(config: Any) -> None:
        config["config"] = rewritten(config["config"], random)

    return good.with_calls(change)(folder)


def keras_weights(folder: Path, random: Random) -> Path:
    return good.with_members(folder, weights=damaged(good.members()[good.WEIGHTS], random))


def weights(folder: Path, random: Random) -> Path:
    path = folder / "net.weights.h5"
    path.write_bytes(damaged(saved("net.weights.h5"), random))
    return path


def tensors(folder: Path, random: Random) -> Path:
    path = folder / "net.safetensors"
    path.write_bytes(damaged(saved("net.safetensors"), random))
    return path


def checkpoint(folder: Path, random: Random) -> Path:
    return checkpoints.written(folder, damaged(saved("checkpoint"), random))


def checkpoint_state(folder: Path, random: Random) -> Path:
    content = json.loads(checkpoints.members()[checkpoints.STATE])
    content["state"] = rewritten(content["state"], random)
    text = json.dumps(content).encode()
    changed = {**checkpoints.members(), checkpoints.STATE: text}
    return checkpoints.written(folder, checkpoints.packed(changed))


KINDS: Mapping[str, Kind] = {
    "keras": Kind(keras, "load_model"),
    "keras_config": Kind(keras_config, "load_model"),
    "keras_calls": Kind(keras_calls, "load_model"),
    "keras_weights": Kind(keras_weights, "load_model"),
    "weights": Kind(weights, "load_weights"),
    "tensors": Kind(tensors, "load_weights"),
    "checkpoint": Kind(checkpoint, "fit"),
    "checkpoint_state": Kind(checkpoint_state, "fit"),
}
_SAVED: dict[str, bytes] = {}


def saved(name: str) -> bytes:
    """The bytes of a good file."""
    if name == "checkpoint":
        return _SAVED.setdefault(name, checkpoints.packed(checkpoints.members()))
    if name not in _SAVED:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            net = good.model()
            net.save(path) if name.endswith(".keras") else net.save_weights(path)
            _SAVED[name] = path.read_bytes()
    return _SAVED[name]


def fits(path: Path) -> bool:
    """Whether a model that was opened computes what it says, or says why it cannot."""
    model = load_model(path, compile=False)
    shapes = [tensor.shape[1:] for tensor in model.inputs]
    if any(np.prod(shape, dtype=float) > 1e5 for shape in [*shapes, *model.output_shapes]):
        return True  # large, and so it says
    try:
        x = [np.zeros((2, *shape), "f4") for shape in shapes]
        y = model.predict(x if len(x) > 1 else x[0], verbose=0)
    except GalagoError:
        return True
    return len(x) > 1 or isinstance(y, (list, dict)) or y.shape == (2, *model.output_shape[1:])


def main(name: str, first: int, count: int) -> None:
    warnings.simplefilter("ignore")
    kind, watch, opened = KINDS[name], Watch(), 0
    way = WAYS[kind.way]()
    with tempfile.TemporaryDirectory() as folder:  # lazily made good files are made outside
        kind.write(Path(folder), np.random.default_rng(0))
    tracemalloc.start()
    for number in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            path = kind.write(Path(folder), np.random.default_rng([7, number]))
            size = sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())
            wrong, took = "", []
            for _ in range(3):
                watch.breaches.clear()
                before = tracemalloc.get_traced_memory()[0]
                tracemalloc.reset_peak()
                start = time.process_time()
                try:
                    with watch.over(path, writes=kind.way == "fit"):
                        way(path)
                    opened += not took
                except GalagoError:
                    pass
                except BaseException as error:  # what no file may lead to
                    wrong = f"{type(error).__name__}: {error}"[:500]
                took.append(time.process_time() - start)
                if tracemalloc.get_traced_memory()[1] - before > FREE + TIMES * size:
                    wrong = "memory"
                if min(took) < SECONDS:
                    break
            else:
                wrong = "slow"
            if not wrong and kind.way == "load_model":
                try:
                    wrong = "" if fits(path) else "another shape"
                except GalagoError:
                    pass
                except BaseException as error:  # here neither
                    wrong = f"predict: {type(error).__name__}: {error}"[:500]
            if wrong or watch.breaches:
                print(json.dumps({"case": number, "wrong": wrong, "breaches": watch.breaches}))
    print(json.dumps({"cases": count, "opened": opened}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
