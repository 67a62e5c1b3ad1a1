"""The course's code as it stands in the notebooks, with only the import changed."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import galago as keras
from galago.errors import DataError, ShapeError

#: So many images keep this file at a few seconds; the full set is a benchmark's.
TRAIN, TEST = 3000, 1000


@pytest.fixture(scope="module")
def fashion() -> Any:
    mnist = keras.datasets.fashion_mnist
    (training_images, training_labels), (test_images, test_labels) = mnist.load_data(subset=True)
    return (
        training_images[:TRAIN],
        training_labels[:TRAIN],
        test_images[:TEST],
        test_labels[:TEST],
    )


def test_the_convolutional_notebook(fashion: Any, capsys: pytest.CaptureFixture[str]) -> None:
    training_images, training_labels, test_images, test_labels = fashion

    training_images = training_images.reshape(TRAIN, 28, 28, 1)
    training_images = training_images / 255.0
    test_images = test_images.reshape(TEST, 28, 28, 1)
    test_images = test_images / 255.0
    model = keras.models.Sequential(
        [
            keras.layers.Conv2D(64, (3, 3), activation="relu", input_shape=(28, 28, 1)),
            keras.layers.MaxPooling2D(2, 2),
            keras.layers.Conv2D(64, (3, 3), activation="relu"),
            keras.layers.MaxPooling2D(2, 2),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    model.fit(training_images, training_labels, epochs=2)
    test_loss, test_acc = model.evaluate(test_images, test_labels)

    assert test_acc > 0.72
    assert test_loss < 0.75
    out = capsys.readouterr().out
    assert " Total params: 243,786 (952.29 KB)\n" in out
    last = r"Epoch 2/2 - \d+s \d+[um]s/step - accuracy: 0\.\d{4} - loss: 0\.\d{4}\n32/32 - "
    assert re.search(last, out)


def test_the_dense_notebook(fashion: Any) -> None:
    training_images, training_labels, test_images, test_labels = fashion

    training_images, test_images = training_images / 255.0, test_images / 255.0
    model = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=(28, 28)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        training_images,
        training_labels,
        epochs=3,
        batch_size=32,
        validation_split=0.1,
        verbose=0,
    )
    assert history.history["val_accuracy"][-1] > 0.72
    assert history.history["loss"] == sorted(history.history["loss"], reverse=True)

    classifications = model.predict(test_images, verbose=0)
    assert classifications[0].shape == (10,)
    np.testing.assert_allclose(classifications.sum(axis=1), 1.0, rtol=1e-5)
    accuracy = model.evaluate(test_images, test_labels, verbose=0)[1]
    assert (classifications.argmax(axis=1) == test_labels).mean() == pytest.approx(accuracy)


def test_the_exercise_with_a_callback(fashion: Any, capsys: pytest.CaptureFixture[str]) -> None:
    training_images, training_labels, _, _ = fashion

    class myCallback(keras.callbacks.Callback):  # the course's name
        def on_epoch_end(self, epoch, logs={}):  # type: ignore[no-untyped-def]  # noqa: B006
            if logs.get("accuracy") > 0.6:
                print("\nReached 60% accuracy so cancelling training!")
                self.model.stop_training = True

    callbacks = myCallback()
    model = keras.models.Sequential()
    model.add(keras.layers.Flatten(input_shape=(28, 28)))
    model.add(keras.layers.Dense(32, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.Adam(),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(training_images / 255.0, training_labels, epochs=20, callbacks=[callbacks])
    assert len(history.epoch) < 20
    assert "Reached 60% accuracy so cancelling training!" in capsys.readouterr().out


def conv(filters: int, convolutions: int) -> list[keras.layers.Layer]:
    """The notebook's stack with so many convolutions, each with its pooling."""
    stack: list[keras.layers.Layer] = [keras.Input((28, 28, 1))]
    for _ in range(convolutions):
        stack.append(keras.layers.Conv2D(filters, (3, 3), activation="relu"))
        stack.append(keras.layers.MaxPooling2D(2, 2))
    dense = keras.layers.Dense(128, activation="relu")
    return [*stack, keras.layers.Flatten(), dense, keras.layers.Dense(10, activation="softmax")]


@pytest.mark.parametrize(
    ("filters", "convolutions", "flat", "parameters"),
    [
        (16, 2, 400, 55_098),
        (32, 2, 800, 113_386),
        (64, 2, 1600, 243_786),
        (128, 2, 3200, 559_882),
        (64, 1, 10_816, 1_386_506),
        (32, 1, 5408, 693_962),
        (64, 3, 64, 84_106),
    ],
)
def test_the_exercises_sizes(filters: int, convolutions: int, flat: int, parameters: int) -> None:
    model = keras.models.Sequential(conv(filters, convolutions))
    assert model.output_shapes[-3] == (flat,)
    assert model.count_params() == parameters


def test_a_fourth_convolution_has_nothing_left() -> None:
    with pytest.raises(ShapeError, match=r"kernel_size \(3, 3\) is larger than its input 1x1, whi"):
        keras.models.Sequential(conv(64, 4))


def test_the_exercise_with_five_classes(fashion: Any) -> None:
    training_images, training_labels, _, _ = fashion
    model = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=(28, 28)),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(DataError, match="expected labels from 0 to 4, one for each of the 5 outpu"):
        model.fit(training_images / 255.0, training_labels)


def test_the_exercise_without_flatten(fashion: Any) -> None:
    training_images, training_labels, _, _ = fashion
    model = keras.models.Sequential(
        [
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ShapeError, match=r"received \(28, 28\). Put Flatten\(\) before it."):
        model.fit(training_images / 255.0, training_labels)


def test_the_exercise_without_scaling(fashion: Any) -> None:
    training_images, training_labels, _, _ = fashion
    model = keras.models.Sequential(
        [
            keras.layers.Flatten(input_shape=(28, 28)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    assert training_images.dtype == np.uint8
    history = model.fit(training_images, training_labels, verbose=0)
    assert np.isfinite(history.history["loss"][0])
