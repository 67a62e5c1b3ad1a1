"""Ways to call fit() whose events tests/models/keras_fit.json holds as real Keras gives them.

Every function gets the module to use, Keras or Galago. The model stays as it is (a learning rate
of 0), and the loss of a batch tells which one it was.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

ROWS = 10
X = np.zeros((ROWS, 1), np.float32)
Y = np.sqrt(np.arange(ROWS, dtype=np.float32))[:, None]


def batch(number: int) -> tuple[Any, Any]:
    """A batch whose loss is its number."""
    return np.zeros((2, 1), np.float32), np.full((2, 1), number**0.5, np.float32)


def generator(count: int) -> Iterator[tuple[Any, Any]]:
    return (batch(number) for number in range(count))


def pydataset(module: Any, count: int) -> Any:
    """A PyDataset that writes down what is asked of it, from the start of training on."""

    class Batches(module.utils.PyDataset):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.asked: list[Any] = []

        def __len__(self) -> int:
            return count

        def __getitem__(self, index: int) -> Any:
            self.asked.append(index)
            return batch(index)

        def on_epoch_begin(self) -> None:
            self.asked.append("begin")

        def on_epoch_end(self) -> None:
            self.asked.append("end")

    return Batches()


def trace(module: Any, *data: Any, **arguments: Any) -> dict[str, Any]:
    """Call fit(); return its callbacks' hooks and what it returned."""
    events: list[str] = []

    def loss(logs: Any) -> str:
        return f"{float(logs['loss']):.3f}"

    class Trace(module.callbacks.Callback):  # type: ignore[misc, name-defined]
        def on_train_begin(self, logs: Any = None) -> None:
            events.append(f"train of {self.params['steps']}")
            for source in (*data, arguments.get("validation_data")):
                getattr(source, "asked", []).clear()

        def on_train_end(self, logs: Any = None) -> None:
            events.append(f"end {' '.join(sorted(logs))}")

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            events.append(f"epoch {epoch}")

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            events.append(f"epoch {epoch} ends {' '.join(sorted(logs))}")

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            events.append(f"batch {batch}")

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            events[-1] += f" {loss(logs)}"
            if batch == stop_at:
                self.model.stop_training = True

        def on_test_begin(self, logs: Any = None) -> None:
            events.append("test")

        def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
            events.append(f"test batch {batch}")

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            events[-1] += f" {loss(logs)}"

        def on_test_end(self, logs: Any = None) -> None:
            events.append(f"test ends {loss(logs)}")

    stop_at = arguments.pop("stop_at", None)
    dense = module.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = module.Sequential([module.Input((1,)), dense])
    model.compile(module.optimizers.SGD(0.0), "mse")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(*data, verbose=0, callbacks=[Trace()], **{"shuffle": False} | arguments)
    found: dict[str, Any] = {
        "events": events,
        "epochs": history.epoch,
        "history": {name: len(values) for name, values in sorted(history.history.items())},
        "warned": any("ran out of data" in str(warning.message) for warning in caught),
    }
    if hasattr(data[0], "asked"):
        found["asked"] = data[0].asked
    return found


def single_batches(module: Any) -> dict[str, Any]:
    """What train_on_batch() and test_on_batch() return, one after the other."""
    returned: list[Any] = []
    for metrics in (None, ["mae"]):
        dense = module.layers.Dense(1, use_bias=False, kernel_initializer="ones")
        model = module.Sequential([module.Input((1,)), dense])
        model.compile(module.optimizers.SGD(0.25), "mse", metrics=metrics)
        x = np.array([[1.0], [2.0], [1.0]], np.float32)
        y = np.array([[0.0], [1.0], [3.0]], np.float32)
        for rows in (slice(0, 3), slice(1, 2)):
            returned.append(model.test_on_batch(x[rows], y[rows]))
            returned.append(model.train_on_batch(x[rows], y[rows]))
            returned.append(model.test_on_batch(x[rows], y[rows], return_dict=True))
            returned.append(model.train_on_batch(x[rows], y[rows], return_dict=True))
    return {"returned": [rounded(value) for value in returned]}


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else round(float(value), 4)


def steps_of_arrays(module: Any) -> dict[str, Any]:
    """What evaluate() and predict() make of `steps`."""
    model = module.Sequential([module.Input((1,)), module.layers.Flatten()])
    model.compile(module.optimizers.SGD(), "mse")
    x = np.arange(ROWS, dtype=np.float32)[:, None]
    y = np.zeros_like(x)

    def rows(count: int) -> Iterator[tuple[Any, Any]]:
        return ((x[row : row + 2], y[row : row + 2]) for row in range(0, 2 * count, 2))

    return {
        "returned": [
            rounded(model.evaluate(x, y, batch_size=3, steps=2, verbose=0)),
            rounded(model.evaluate(x, y, steps=3, verbose=0)),
            rounded(model.evaluate(rows(5), steps=2, verbose=0)),
            model.predict(x, batch_size=3, steps=2, verbose=0).tolist(),
            model.predict(x, steps=3, verbose=0).tolist(),
            model.predict(rows(5), steps=2, verbose=0).tolist(),
            model.predict(((a,) for a, _ in rows(2)), steps=2, verbose=0).tolist(),
        ]
    }


#: Ways that Galago takes as Keras does.
CASES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "arrays": lambda m: trace(m, X, Y, batch_size=4, epochs=2),
    "arrays, steps of a pass": lambda m: trace(m, X, Y, batch_size=4, steps_per_epoch=2, epochs=4),
    "arrays, exactly two epochs a pass": lambda m: trace(
        m, X, Y, batch_size=2, steps_per_epoch=3, epochs=3
    ),
    "arrays, more steps than a pass": lambda m: trace(
        m, X, Y, batch_size=4, steps_per_epoch=5, epochs=2
    ),
    "arrays, steps without a batch size": lambda m: trace(m, X, Y, steps_per_epoch=4, epochs=2),
    "arrays, initial epoch": lambda m: trace(m, X, Y, batch_size=5, epochs=4, initial_epoch=2),
    "arrays, initial epoch is the last": lambda m: trace(m, X, Y, epochs=2, initial_epoch=2),
    "arrays, stopped": lambda m: trace(
        m, X, Y, batch_size=2, epochs=3, stop_at=1, validation_data=(X[:2], Y[:2])
    ),
    "arrays, stopped with steps": lambda m: trace(
        m, X, Y, batch_size=2, steps_per_epoch=4, epochs=3, stop_at=1
    ),
    "validation every second epoch": lambda m: trace(
        m, X, Y, batch_size=5, epochs=4, validation_data=(X[:3], Y[:3]), validation_freq=2
    ),
    "validation after some epochs": lambda m: trace(
        m, X, Y, batch_size=5, epochs=4, validation_data=(X[:3], Y[:3]), validation_freq=[1, 4]
    ),
    "validation never": lambda m: trace(
        m, X, Y, batch_size=5, epochs=2, validation_data=(X[:3], Y[:3]), validation_freq=3
    ),
    "validation every second epoch from the second": lambda m: trace(
        m,
        *(X, Y),
        batch_size=5,
        epochs=4,
        initial_epoch=1,
        validation_data=(X[:3], Y[:3]),
        validation_freq=2,
    ),
    "validation in batches of the training": lambda m: trace(
        m, X, Y, batch_size=4, validation_data=(X, Y)
    ),
    "validation in batches of its own": lambda m: trace(
        m, X, Y, batch_size=4, validation_data=(X, Y), validation_batch_size=6
    ),
    "validation steps": lambda m: trace(
        m, X, Y, epochs=3, validation_data=(X, Y), validation_steps=2, validation_batch_size=4
    ),
    "validation steps without a batch size": lambda m: trace(
        m, X, Y, epochs=2, validation_data=(X, Y), validation_steps=4
    ),
    "more validation steps than batches": lambda m: trace(
        m, X, Y, epochs=2, validation_data=(X, Y), validation_steps=4, validation_batch_size=4
    ),
    "validation split": lambda m: trace(
        m, X, Y, batch_size=4, validation_split=0.3, validation_batch_size=2
    ),
    "validation split with steps": lambda m: trace(
        m, X, Y, validation_split=0.3, steps_per_epoch=3, validation_steps=2
    ),
    "generator, steps": lambda m: trace(m, generator(9), steps_per_epoch=3, epochs=3),
    "generator, more steps than batches": lambda m: trace(m, generator(2), steps_per_epoch=3),
    "generator, exactly its batches": lambda m: trace(m, generator(4), steps_per_epoch=4),
    "generator validates": lambda m: trace(
        m, X, Y, validation_data=generator(3), validation_steps=3
    ),
    "PyDataset": lambda m: trace(m, pydataset(m, 4), epochs=2),
    "PyDataset, steps of a pass": lambda m: trace(m, pydataset(m, 4), steps_per_epoch=3, epochs=3),
    "PyDataset, more steps than a pass": lambda m: trace(
        m, pydataset(m, 4), steps_per_epoch=6, epochs=2
    ),
    "PyDataset validates": lambda m: trace(
        m, X, Y, epochs=2, validation_data=pydataset(m, 3), validation_steps=2
    ),
    "single batches": single_batches,
    "steps of evaluate and predict": steps_of_arrays,
}
