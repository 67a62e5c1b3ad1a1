"""The cells of the course's notebooks with only the import line changed, on fewer images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from galago import tf
from galago.datasets import fashion_mnist, mnist

#: The notebooks have 60,000 and 10,000.
TRAIN, TEST = 3000, 1000


@pytest.fixture(autouse=True)
def fewer_images(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What load_data() gives: real images out of the package, no network."""
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data(subset=True)

    def load_data() -> Any:
        train = x_train[:TRAIN].copy(), y_train[:TRAIN].copy()
        return train, (x_test[:TEST].copy(), y_test[:TEST].copy())

    monkeypatch.setattr(fashion_mnist, "load_data", load_data)
    monkeypatch.setattr(mnist, "load_data", load_data)
    yield


class Axis:
    """Keeps what a cell draws in one place of its figure."""

    def imshow(self, picture: Any, cmap: str) -> None:
        self.picture = picture

    def grid(self, visible: bool) -> None:
        assert not visible


def test_hello_world() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(units=1, input_shape=[1])])
    model.compile(optimizer="sgd", loss="mean_squared_error")
    xs = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0], dtype=float)
    ys = np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0], dtype=float)
    model.fit(xs, ys, epochs=500, verbose=0)
    assert model.predict([10.0])[0, 0] == pytest.approx(19.0, abs=0.1)
    assert model.predict(np.array([10.0])).shape == (1, 1)


def test_part_4_computer_vision(capsys: pytest.CaptureFixture[str]) -> None:
    print(tf.__version__)
    mnist = tf.keras.datasets.fashion_mnist
    (training_images, training_labels), (test_images, test_labels) = mnist.load_data()
    training_images = training_images / 255.0
    test_images = test_images / 255.0
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation=tf.nn.relu),
            tf.keras.layers.Dense(10, activation=tf.nn.softmax),
        ]
    )
    model.compile(
        optimizer=tf.optimizers.Adam(),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(training_images, training_labels, epochs=5)
    _, accuracy = model.evaluate(test_images, test_labels)
    assert accuracy > 0.75
    classifications = model.predict(test_images)
    assert classifications[0].sum() == pytest.approx(1.0, abs=1e-5)
    out = capsys.readouterr().out
    assert out.startswith("2.")
    assert "\nEpoch 5/5 - " in out


def test_part_4_the_callback(capsys: pytest.CaptureFixture[str]) -> None:
    class myCallback(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs={}):  # type: ignore[no-untyped-def]  # noqa: B006
            if logs.get("loss") < 0.9:
                print("\nReached 60% accuracy so cancelling training!")
                self.model.stop_training = True

    callbacks = myCallback()
    mnist = tf.keras.datasets.fashion_mnist
    (training_images, training_labels), (test_images, test_labels) = mnist.load_data()
    training_images = training_images / 255.0
    test_images = test_images / 255.0
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(512, activation=tf.nn.relu),
            tf.keras.layers.Dense(10, activation=tf.nn.softmax),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    history = model.fit(training_images, training_labels, epochs=5, callbacks=[callbacks])
    assert len(history.epoch) < 5
    assert model.evaluate(test_images, test_labels) < 0.9
    assert "Reached 60% accuracy so cancelling training!" in capsys.readouterr().out


def convolutional() -> Any:
    """Part 6, lesson 2: the network."""
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Conv2D(64, (3, 3), activation="relu", input_shape=(28, 28, 1)),
            tf.keras.layers.MaxPooling2D(2, 2),
            tf.keras.layers.Conv2D(64, (3, 3), activation="relu"),
            tf.keras.layers.MaxPooling2D(2, 2),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_part_6_convolutions(capsys: pytest.CaptureFixture[str]) -> None:
    mnist = tf.keras.datasets.fashion_mnist
    (training_images, training_labels), (test_images, test_labels) = mnist.load_data()
    training_images = training_images.reshape(TRAIN, 28, 28, 1)
    training_images = training_images / 255.0
    test_images = test_images.reshape(TEST, 28, 28, 1)
    test_images = test_images / 255.0
    model = convolutional()
    model.summary()
    model.fit(training_images, training_labels, epochs=1)
    test_loss = model.evaluate(test_images, test_labels)
    assert test_loss[1] > 0.6
    assert " Total params: 243,786 (952.29 KB)\n" in capsys.readouterr().out

    axarr = np.array([[Axis() for _ in range(4)] for _ in range(3)])
    FIRST_IMAGE = 0
    SECOND_IMAGE = 7
    THIRD_IMAGE = 26
    CONVOLUTION_NUMBER = 1
    layer_outputs = [layer.output for layer in model.layers]
    activation_model = tf.keras.models.Model(inputs=model.input, outputs=layer_outputs)
    for x in range(0, 4):
        f1 = activation_model.predict(test_images[FIRST_IMAGE].reshape(1, 28, 28, 1))[x]
        axarr[0, x].imshow(f1[0, :, :, CONVOLUTION_NUMBER], cmap="inferno")
        axarr[0, x].grid(False)
        f2 = activation_model.predict(test_images[SECOND_IMAGE].reshape(1, 28, 28, 1))[x]
        axarr[1, x].imshow(f2[0, :, :, CONVOLUTION_NUMBER], cmap="inferno")
        axarr[1, x].grid(False)
        f3 = activation_model.predict(test_images[THIRD_IMAGE].reshape(1, 28, 28, 1))[x]
        axarr[2, x].imshow(f3[0, :, :, CONVOLUTION_NUMBER], cmap="inferno")
        axarr[2, x].grid(False)
    for row in axarr:
        assert [axis.picture.shape[0] for axis in row] == [26, 13, 11, 5]
        pooled = row[0].picture.reshape(13, 2, 13, 2).max(axis=(1, 3))
        np.testing.assert_array_equal(row[1].picture, pooled)
        assert all(axis.picture.min() >= 0 for axis in row)


def test_the_later_edition_leaves_the_last_axis_out() -> None:
    (training_images, training_labels), (test_images, test_labels) = (
        tf.keras.datasets.fashion_mnist.load_data()
    )
    training_images = training_images / 255.0
    test_images = test_images / 255.0
    model = tf.keras.models.Sequential(
        [
            tf.keras.Input(shape=(28, 28, 1)),
            tf.keras.layers.Conv2D(16, (3, 3), activation="relu"),
            tf.keras.layers.MaxPooling2D(2, 2),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(training_images, training_labels, epochs=1, verbose=0)
    expected = model.evaluate(test_images[..., None], test_labels, verbose=False)
    assert model.evaluate(test_images, test_labels, verbose=False) == expected

    layers = [
        layer
        for layer in model.layers
        if isinstance(layer, (tf.keras.layers.Conv2D, tf.keras.layers.MaxPooling2D))
    ]
    activation_model = tf.keras.models.Model(
        inputs=model.inputs, outputs=[layer.output for layer in layers]
    )
    maps = activation_model.predict(test_images[:1], verbose=False)
    assert [found.shape for found in maps] == [(1, 26, 26, 16), (1, 13, 13, 16)]


def test_exercise_3(capsys: pytest.CaptureFixture[str]) -> None:
    class myCallback(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs={}):  # type: ignore[no-untyped-def]  # noqa: B006
            if logs.get("accuracy") > 0.8:
                print("\nReached 99.8% accuracy so cancelling training!")
                self.model.stop_training = True

    callbacks = myCallback()
    mnist = tf.keras.datasets.mnist
    (training_images, training_labels), (test_images, test_labels) = mnist.load_data()
    training_images = training_images.reshape(TRAIN, 28, 28, 1) / 255.0
    test_images = test_images.reshape(TEST, 28, 28, 1) / 255.0
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)),
            tf.keras.layers.MaxPooling2D(2, 2),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(training_images, training_labels, epochs=19, callbacks=[callbacks])
    assert len(history.epoch) < 19
    assert history.history["accuracy"][-1] > 0.8
    assert model.evaluate(test_images, test_labels)[1] > 0.7
    assert "Reached 99.8% accuracy so cancelling training!" in capsys.readouterr().out
