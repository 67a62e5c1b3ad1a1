"""fit, evaluate and predict from every source: with the bits that arrays give."""

from __future__ import annotations

import io
import itertools
import re
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.callbacks import Callback
from galago.data import Dataset, PyDataset
from galago.errors import ArgumentError, DataError, GalagoWarning

ROWS, BATCH = 22, 4
RANDOM = np.random.default_rng(1)
IMAGES = RANDOM.integers(0, 256, (ROWS, 6, 6, 1), np.uint8)
CLASSES = RANDOM.integers(0, 3, ROWS)


def make(*, built: bool = True) -> galago.Sequential:
    galago.set_seed(3)
    head = [galago.Input((6, 6, 1))] if built else []
    model = galago.Sequential(
        [
            *head,
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches() -> Iterator[tuple[Any, Any]]:
    for start in range(0, ROWS, BATCH):
        yield IMAGES[start : start + BATCH], CLASSES[start : start + BATCH]


class Loader:
    """As PyTorch's DataLoader: lists of tensors."""

    def __iter__(self) -> Iterator[list[Any]]:
        return ([Tensor(x), Tensor(y)] for x, y in batches())

    def __len__(self) -> int:
        return -(-ROWS // BATCH)


class Tensor:
    def __init__(self, values: Any) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values


class Batches(PyDataset):
    def __len__(self) -> int:
        return -(-ROWS // BATCH)

    def __getitem__(self, index: int) -> Any:
        return list(batches())[index]


def unsized() -> Any:
    class Unsized:
        def __iter__(self) -> Iterator[Any]:
            return batches()

    return Unsized()


def endless() -> Iterator[Any]:
    while True:
        yield from batches()


SOURCES: dict[str, Callable[[], tuple[Any, dict[str, Any]]]] = {
    "generator": lambda: (endless(), {"steps_per_epoch": 6}),
    "loader": lambda: (Loader(), {}),
    "iterable of unknown length": lambda: (unsized(), {}),
    "PyDataset": lambda: (Batches(), {}),
    "PyDataset with threads": lambda: (Batches(workers=3, max_queue_size=2), {}),
    "Dataset": lambda: (Dataset.from_tensor_slices((IMAGES, CLASSES)).batch(BATCH), {}),
    "Dataset with a thread": lambda: (Dataset.from_generator(batches).prefetch(2), {}),
    "cached Dataset": lambda: (Dataset.from_generator(batches).cache(), {}),
}


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize("name", SOURCES)
def test_fit_from_every_source(name: str, built: bool) -> None:
    expected, model = make(), make(built=built)
    history = expected.fit(
        IMAGES, CLASSES, BATCH, 3, 0, validation_split=0.0, shuffle=False, validation_data=pair()
    )
    source, arguments = SOURCES[name]()
    validation = SOURCES[name]()
    steps = {"validation_steps": 6} if validation[1] else {}
    threads = threading.active_count()
    found = model.fit(
        source,
        epochs=3,
        verbose=0,
        shuffle=False,
        validation_data=validation[0],
        **arguments,
        **steps,
    )
    assert found.history == history.history
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert threading.active_count() == threads


def pair() -> tuple[Any, Any]:
    return IMAGES, CLASSES


@pytest.mark.parametrize("name", SOURCES)
def test_evaluate_and_predict_from_every_source(name: str) -> None:
    model = make()
    source, arguments = SOURCES[name]()
    steps = {"steps": 6} if arguments else {}
    assert model.evaluate(source, verbose=0, **steps) == pytest.approx(
        model.evaluate(IMAGES, CLASSES, BATCH, verbose=0), rel=1e-15
    )
    found = model.predict(source, verbose=0, **steps)
    np.testing.assert_array_equal(found, model.predict(IMAGES, verbose=0))


def test_batches_without_labels_are_predicted() -> None:
    model = make()
    expected = model.predict(IMAGES, verbose=0)
    for given in ((x for x, _ in batches()), ((x,) for x, _ in batches())):
        np.testing.assert_array_equal(model.predict(given, verbose=0), expected)


def test_batches_of_varying_size_count_by_their_rows() -> None:
    cuts = [0, 1, 6, 20, ROWS]
    parts = [(IMAGES[one:two], CLASSES[one:two]) for one, two in itertools.pairwise(cuts)]
    model = make()
    found = model.evaluate(iter(parts), verbose=0)
    assert found == pytest.approx(model.evaluate(IMAGES, CLASSES, verbose=0), rel=1e-6)
    assert len(model.fit(iter(parts), verbose=0).epoch) == 1


@pytest.mark.parametrize(
    "convert", [np.ndarray.tolist, Tensor, memoryview, np.asfortranarray], ids=str
)
def test_arrays_of_every_kind(convert: Any) -> None:
    expected = make().predict(IMAGES, verbose=0)
    np.testing.assert_array_equal(make().predict(convert(IMAGES), verbose=0), expected)
    assert make().evaluate(convert(IMAGES), CLASSES.tolist(), verbose=0) == make().evaluate(
        IMAGES, CLASSES, verbose=0
    )


def test_a_pipeline_is_shuffled_as_one_long_run_would() -> None:
    def data() -> Dataset:
        return Dataset.from_tensor_slices((IMAGES, CLASSES)).shuffle(ROWS, seed=1).batch(BATCH)

    long, parts = make(), make()
    long.fit(data(), epochs=3, verbose=0)
    parts.fit(data(), epochs=1, verbose=0)
    parts.fit(data(), epochs=3, initial_epoch=1, verbose=0)
    for one, other in zip(long.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_pydataset_is_shuffled_by_whole_batches_unless_told_otherwise() -> None:
    class Watched(Batches):
        asked: list[int] = []  # noqa: RUF012

        def __getitem__(self, index: int) -> Any:
            self.asked.append(index)
            return super().__getitem__(index)

    make().fit(Watched(), epochs=2, verbose=0)
    orders = Watched.asked[:6], Watched.asked[6:]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(6))
    assert orders[0] != orders[1]


class TestGenerators:
    def test_training_ends_with_the_generator(self) -> None:
        model = make()
        with pytest.warns(GalagoWarning, match="expected batches for another epoch"):
            history = model.fit(batches(), epochs=3, verbose=0)
        assert (history.epoch, history.params["steps"]) == ([0], None)
        with pytest.warns(GalagoWarning, match="expected 4 batches in an epoch, received 2"):
            history = model.fit(batches(), epochs=3, steps_per_epoch=4, verbose=0)
        assert history.epoch == [0, 1]

    def test_without_more_epochs_its_end_is_no_news(self) -> None:
        assert make().fit(batches(), verbose=0).epoch == [0]

    def test_validation_goes_on_where_it_stopped(self) -> None:
        model = make()
        with pytest.warns(GalagoWarning, match="Lower validation_steps"):
            history = model.fit(
                IMAGES, CLASSES, epochs=5, verbose=0, validation_data=batches(), validation_steps=2
            )
        assert len(history.epoch) == 5
        assert len(history.history["val_loss"]) == 3

    def test_steps_leave_the_rest(self) -> None:
        given = batches()
        make().evaluate(given, steps=2, verbose=0)
        assert len(list(given)) == 4


class TestMistakes:
    def test_a_bad_batch_ends_training_and_keeps_what_was_learned(self) -> None:
        events: list[str] = []

        class Watch(Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                events.append(f"batch {batch}")

        def given() -> Iterator[Any]:
            yield from list(batches())[:2]
            yield IMAGES[:, 1:], CLASSES

        expected, model = make(), make()
        expected.fit(IMAGES[:8], CLASSES[:8], BATCH, verbose=0, shuffle=False)
        with pytest.raises(DataError) as caught:
            model.fit(given(), verbose=0, callbacks=[Watch()])
        assert str(caught.value) == (
            f"fit(), batch 2: expected x of shape (n, 6, 6, 1), received ({ROWS}, 5, 6, "
            "1). Resize the examples, or build the model with input_shape=(5, 6, 1)."
        )
        assert events == ["batch 0", "batch 1"]
        for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        model.fit(IMAGES, CLASSES, verbose=0)

    def test_an_error_of_the_source_comes_through(self) -> None:
        def given() -> Iterator[Any]:
            yield from list(batches())[:1]
            raise OSError("no disk")

        threads = threading.active_count()
        for source in (given(), Dataset.from_generator(given).prefetch(2)):
            with pytest.raises(OSError, match="no disk") as caught:
                make().fit(source, verbose=0)
            assert re.fullmatch(
                r"The (generator|Dataset) raised this instead of batch 1\.",
                caught.value.__notes__[0],
            )
        assert threading.active_count() == threads

    @pytest.mark.parametrize("end", ["stopped", "interrupted"])
    def test_no_thread_stays(self, end: str) -> None:
        class End(Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                self.model.stop_training = True
                if end == "interrupted":
                    raise KeyboardInterrupt

        threads = threading.active_count()
        data = Dataset.from_generator(batches).repeat().prefetch(2)
        try:
            make().fit(data, steps_per_epoch=4, verbose=0, callbacks=[End()])
        except KeyboardInterrupt:
            assert end == "interrupted"
        assert threading.active_count() == threads

    @pytest.mark.parametrize("built", [True, False])
    @pytest.mark.parametrize("run", ["fit", "evaluate", "predict"])
    def test_nothing(self, run: str, built: bool) -> None:
        with pytest.raises(DataError) as caught:
            getattr(make(built=built), run)(iter([]), verbose=0)
        assert str(caught.value) == (
            f"{run}(): expected at least one batch, received a generator that gives none. Check "
            "what it is made of; an iterator can be used once only."
        )

    @pytest.mark.parametrize(
        ("x", "arguments", "error", "message"),
        [
            (
                Dataset.from_generator(batches).repeat(),
                {},
                ArgumentError,
                "fit(): expected steps_per_epoch for a Dataset that repeats for ever, received "
                "None. Pass steps_per_epoch, or repeat(count).",
            ),
            (
                Loader(),
                {"y": CLASSES},
                ArgumentError,
                "fit(): expected x alone, as the Loader gives whole batches, received y too. Let "
                "it give (x, y) or (x, y, sample_weight).",
            ),
            (
                Loader(),
                {"validation_split": 0.5},
                ArgumentError,
                "fit(): expected arrays to split, received a Loader with validation_split=0.5. "
                "Pass validation_data instead.",
            ),
            (
                IMAGES,
                {"y": CLASSES, "validation_data": (Loader(), CLASSES)},
                DataError,
                "fit(): expected numbers for validation x, received Loader of type object. "
                "Convert it, for example with np.asarray(validation x, dtype='float32').",
            ),
            (
                IMAGES,
                {"y": CLASSES, "validation_data": iter([(IMAGES, CLASSES * 0 - 7)])},
                DataError,
                "fit(), validation batch 0: expected labels from 0 to 2, one for each of the 3 "
                "outputs of Dense 'dense', received -7 at row 0 of y. Correct the labels; classes "
                "count from 0.",
            ),
            (
                iter([(IMAGES, CLASSES, CLASSES[:2])]),
                {},
                DataError,
                f"fit(), batch 0: expected sample_weight of shape ({len(CLASSES)},), received "
                "(2,). Pass one weight for each example.",
            ),
            (
                iter([(IMAGES[:0], CLASSES[:0])]),
                {},
                DataError,
                "fit(), batch 0: expected at least one row in x, received shape (0, 6, 6, 1). "
                "Pass a non-empty array with one row for each example.",
            ),
            (
                Dataset.from_tensor_slices((IMAGES, CLASSES)),
                {},
                DataError,
                "fit(), batch 0: expected x of several examples, received a single one of shape "
                "(6, 6, 1). Let the Dataset give batches, a Dataset with batch(32).",
            ),
            (
                IMAGES,
                {"y": CLASSES, "steps_per_epoch": 0},
                ArgumentError,
                "fit(): steps_per_epoch must be a whole number of at least 1, received 0. Pass an "
                "int, such as steps_per_epoch=1.",
            ),
            (
                IMAGES,
                {"y": CLASSES, "validation_steps": 1.5},
                ArgumentError,
                "fit(): validation_steps must be a whole number of at least 1, received 1.5. Pass "
                "an int, such as validation_steps=1.",
            ),
        ],
    )
    def test_errors(
        self, x: Any, arguments: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error) as caught:
            make().fit(x, verbose=0, **arguments)
        assert str(caught.value) == message


def test_progress_of_a_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    model = make()
    model.fit(unsized(), epochs=2, verbose=2)
    model.evaluate(batches(), verbose=2)
    model.predict(batches(), verbose=2)
    starts = [line.partition(" - ")[0] for line in stream.getvalue().splitlines()]
    assert starts == ["Epoch 1/2", "Epoch 2/2", "6/6", "6/6"]
