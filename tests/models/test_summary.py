"""The tables, compared with files that Keras itself printed.

`tools/make_keras_summaries.py` writes the files: it builds the same MODELS with Keras.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago.errors import ArgumentError, UnknownNameError

FILES = Path(__file__).parent / "keras_summaries"

Summary = Callable[..., None]


def reference(k: Any) -> Any:
    layers = [
        k.layers.Conv2D(64, (3, 3), activation="relu", input_shape=(28, 28, 1)),
        k.layers.MaxPooling2D(2, 2),
        k.layers.Conv2D(64, (3, 3), activation="relu"),
        k.layers.MaxPooling2D(2, 2),
        k.layers.Flatten(),
        k.layers.Dense(128, activation="relu"),
        k.layers.Dense(10, activation="softmax"),
    ]
    return k.Sequential(layers)


def baseline(k: Any) -> Any:
    flatten = k.layers.Flatten(input_shape=(28, 28))
    return k.Sequential(
        [flatten, k.layers.Dense(128, activation="relu"), k.layers.Dense(10, activation="softmax")]
    )


def trained(k: Any, optimizer: Any) -> Any:
    model = baseline(k)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    model.fit(np.zeros((4, 28, 28)), np.zeros(4, int), verbose=0)
    return model


def deferred(k: Any) -> Any:
    layers = [
        k.layers.Conv2D(8, 5, padding="same", strides=2),
        k.layers.ReLU(),
        k.layers.AveragePooling2D(3, padding="same"),
        k.layers.Flatten(name="flat"),
        k.layers.Dense(7, use_bias=False),
        k.layers.Softmax(),
    ]
    return k.Sequential(layers, name="deferred")


def built_later(k: Any) -> Any:
    model = deferred(k)
    model.build((None, 31, 29, 3))
    model.pop()
    model.layers[0].trainable = False
    return model


def long_names(k: Any) -> Any:
    layers = [
        k.layers.Input((64, 64, 3)),
        k.layers.Conv2D(32, 3, dilation_rate=2, name="a_really_long_name_for_a_layer_of_this_net"),
        k.layers.Conv2D(64, 3, groups=4, padding="same", name="with spaces in the name and more"),
        k.layers.MaxPool2D((3, 2), strides=(2, 1)),
        k.layers.Flatten(),
        k.layers.Dense(12),
    ]
    return k.Sequential(layers, name="big")


def residual(k: Any) -> Any:
    """Two blocks with shortcuts, one of them projected, and what there is for images besides."""
    inputs = k.layers.Input((32, 32, 3))
    x = k.layers.ZeroPadding2D(((1, 0), (0, 1)), name="padded")(inputs)
    x = k.layers.Conv2D(16, 3, use_bias=False)(x)
    x = k.layers.BatchNormalization()(x)
    shortcut = x = k.layers.ReLU()(x)
    x = k.layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = k.layers.Add()([x, shortcut])
    shortcut = k.layers.Conv2D(32, 1, 2, name="projection_with_a_long_name")(x)
    x = k.layers.DepthwiseConv2D(3, 2, padding="same", depth_multiplier=2)(x)
    x = k.layers.BatchNormalization(scale=False, trainable=False)(x)
    x = k.layers.Concatenate()([x, shortcut])
    x = k.layers.SeparableConv2D(8, 3, use_bias=False)(x)
    x = k.layers.Dropout(0.25)(x)
    wide, high = k.layers.GlobalAveragePooling2D()(x), k.layers.GlobalMaxPooling2D()(x)
    x = k.layers.add([wide, high, wide], name="both")
    return k.Model(inputs, k.layers.Dense(10, activation="softmax")(x))


def shared(k: Any) -> Any:
    """Layers without weights, called several times, and some of another model."""
    relu, pool, flatten = k.layers.ReLU(), k.layers.MaxPooling2D(2), k.layers.Flatten()
    inputs = k.Input((12, 12, 2), name="image")
    flatten(relu(inputs))
    left = pool(relu(k.layers.Conv2D(4, 3, name="left")(inputs)))
    right = pool(relu(k.layers.Conv2D(4, 5, name="right", padding="same")(pool(inputs))))
    joined = k.layers.concatenate([flatten(left), flatten(pool(right)), flatten(inputs)])
    return k.Model(inputs=inputs, outputs=k.layers.Dense(3)(joined), name="two ways")


def chain(k: Any) -> Any:
    inputs = k.Input((8, 8, 1))
    x = k.layers.BatchNormalization(center=False)(inputs)
    x = k.layers.GlobalMaxPooling2D(keepdims=True)(x)
    return k.Model(inputs, k.layers.Dense(2)(k.layers.Flatten()(x)))


def cut(k: Any) -> Any:
    """The first layers of a sequential model as a functional one: the fifth of its name."""
    model = reference(k)
    model.pop()
    model.add(k.layers.Dense(3))
    deferred(k).build((None, 31, 29, 3))
    return k.Model(inputs=model.inputs[0], outputs=model.layers[4].output)


def unbuilt(k: Any) -> Any:
    layers = [
        k.layers.ZeroPadding2D(2),
        k.layers.DepthwiseConv2D(3),
        k.layers.SeparableConv2D(3, 3),
        k.layers.BatchNormalization(),
        k.layers.Dropout(0.5),
        k.layers.GlobalAveragePooling2D(keepdims=True),
        k.layers.GlobalMaxPooling2D(),
    ]
    return k.Sequential(layers)


def residual_trained(k: Any) -> Any:
    model = residual(k)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(np.zeros((4, 32, 32, 3)), np.zeros(4, int), verbose=0)
    return model


def features(k: Any) -> Any:
    """A model whose two outputs another one reads, with a row of layers in it, partly frozen."""
    start = k.Input((8, 8, 3), name="start")
    fine = k.layers.Conv2D(4, 3, activation="relu")(start)
    frozen = k.layers.Conv2D(6, 3, strides=2, trainable=False, name="frozen")
    inner = k.Model(start, {"fine": fine, "coarse": frozen(fine)}, name="features")
    tail = k.Sequential([k.layers.Flatten(), k.layers.Dense(5)], name="tail")
    image = k.Input((8, 8, 3), name="image")
    maps = inner(image)
    tails = [tail(maps["fine"]), k.layers.GlobalMaxPooling2D()(maps["coarse"])]
    outer = k.Model(image, k.layers.Concatenate()(tails), name="outer")
    again = k.Input((8, 8, 3), name="again")
    return k.Model(again, [outer(again), inner(again)["coarse"]], name="whole")


def from_the_middle(k: Any) -> Any:
    """From two hidden places of a model to its end: its layers are called again."""
    inputs = k.Input((8, 8, 3))
    relu = k.layers.ReLU()
    left = k.layers.Conv2D(4, 3, name="left")(inputs)
    right = k.layers.Conv2D(4, 3, name="right")(inputs)
    x = k.layers.Add()([relu(k.layers.ReLU(name="once")(left)), relu(right)])
    end = k.layers.Dense(2)(k.layers.Flatten()(x))
    return k.Model([left, right], [end, k.Model(inputs, end).layers[-2].output])


def several_in_a_row(k: Any) -> Any:
    inputs = k.Input((4,))
    hidden = k.layers.Dense(3)(inputs)
    return k.Model(inputs, [hidden, k.layers.Dense(2, trainable=False)(hidden)])


def empty(k: Any) -> Any:
    return k.Sequential()


#: Name of the file -> what prints it.
MODELS: dict[str, Callable[[Any], None]] = {
    "reference": lambda k: reference(k).summary(),
    "baseline": lambda k: baseline(k).summary(),
    "baseline_trained_adam": lambda k: trained(k, "adam").summary(),
    "baseline_trained_sgd": lambda k: trained(k, "sgd").summary(),
    "baseline_trained_momentum": lambda k: trained(k, k.optimizers.SGD(momentum=0.9)).summary(),
    "deferred": lambda k: deferred(k).summary(),
    "built_later": lambda k: built_later(k).summary(),
    "long_names": lambda k: long_names(k).summary(),
    "long_names_60": lambda k: long_names(k).summary(line_length=60),
    "long_names_33": lambda k: long_names(k).summary(line_length=33),
    "empty": lambda k: empty(k).summary(),
    "residual": lambda k: residual(k).summary(),
    "residual_60": lambda k: residual(k).summary(line_length=60),
    "residual_45": lambda k: residual(k).summary(line_length=45),
    "residual_trained": lambda k: residual_trained(k).summary(),
    "shared": lambda k: shared(k).summary(),
    "chain": lambda k: chain(k).summary(),
    "cut": lambda k: cut(k).summary(),
    "unbuilt": lambda k: unbuilt(k).summary(),
    "features": lambda k: features(k).summary(),
    "features_expanded": lambda k: features(k).summary(expand_nested=True, line_length=76),
    "features_trainable": lambda k: features(k).summary(expand_nested=True, show_trainable=True),
    "features_range": lambda k: features(k).summary(layer_range=["ag", "feat"]),
    "positions": lambda k: residual(k).summary(positions=[0.2, 0.5, 0.66, 0.9]),
    "positions_trainable": lambda k: reference(k).summary(
        positions=[0.3, 0.4, 0.9], show_trainable=True, line_length=70
    ),
    "range": lambda k: reference(k).summary(layer_range=("max_pooling2d_1", "conv2d$")),
    "from_the_middle": lambda k: from_the_middle(k).summary(),
    "several_in_a_row": lambda k: several_in_a_row(k).summary(show_trainable=True),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_table_is_keras(
    name: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    fake_engine: object,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    MODELS[name](galago)
    expected = (FILES / f"{name}.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out == expected


def test_every_file_is_compared() -> None:
    assert {path.stem for path in FILES.glob("*.txt")} == set(MODELS)


@pytest.mark.parametrize(("columns", "width"), [("200", 88), ("100", 88), ("70", 66), ("10", 24)])
def test_the_terminal_decides_the_width(
    columns: str, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    baseline(galago).summary()
    assert len(capsys.readouterr().out.splitlines()[1]) == width


def test_a_wide_table_is_not_cut_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    baseline(galago).summary(line_length=120)
    lines = capsys.readouterr().out.splitlines()
    assert {len(line) for line in lines[1:-3]} == {120}
    assert lines[2].endswith("Param # ┃")


def test_print_fn_gets_the_whole_text_once() -> None:
    texts: list[str] = []
    baseline(galago).summary(print_fn=texts.append)
    assert len(texts) == 1
    assert texts[0].endswith(" Non-trainable params: 0 (0.00 B)\n")


def test_an_output_without_the_frame_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setenv("COLUMNS", "60")
    model = galago.Sequential([galago.layers.Dense(3, input_shape=(2,))], name="m")
    model.summary()
    sys.stdout.flush()
    assert raw.getvalue().decode("ascii").splitlines()[:6] == [
        'Model: "m"',
        "+------------------------+-----------------+-----------+",
        "| Layer (type)           | Output Shape    |   Param # |",
        "+========================+=================+===========+",
        "| dense (Dense)          | (None, 3)       |         9 |",
        "+------------------------+-----------------+-----------+",
    ]


def test_the_classic_table(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(4):
        galago.layers.MaxPooling2D()
    reference(galago).summary(style="classic")
    thin, thick = "_" * 65, "=" * 65
    assert capsys.readouterr().out.splitlines() == [
        'Model: "sequential"',
        thin,
        "Layer (type)                 Output Shape              Param #   ",
        thick,
        "conv2d (Conv2D)              (None, 26, 26, 64)        640       ",
        thin,
        "max_pooling2d_4 (MaxPooling2 (None, 13, 13, 64)        0         ",
        thin,
        "conv2d_1 (Conv2D)            (None, 11, 11, 64)        36928     ",
        thin,
        "max_pooling2d_5 (MaxPooling2 (None, 5, 5, 64)          0         ",
        thin,
        "flatten (Flatten)            (None, 1600)              0         ",
        thin,
        "dense (Dense)                (None, 128)               204928    ",
        thin,
        "dense_1 (Dense)              (None, 10)                1290      ",
        thick,
        "Total params: 243,786",
        "Trainable params: 243,786",
        "Non-trainable params: 0",
        thin,
    ]


def test_the_classic_table_of_layers_that_branch(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = galago.Input((4,), name="x")
    x = galago.layers.Add()([galago.layers.Dense(4)(inputs), inputs])
    galago.Model(inputs, x, name="m").summary(style="classic")
    thin, thick = "_" * 98, "=" * 98
    texts = [
        ("Layer (type)", "Output Shape", "Param #", "Connected to"),
        ("x (InputLayer)", "(None, 4)", "0", ""),
        ("dense (Dense)", "(None, 4)", "20", "x[0][0]"),
        ("add (Add)", "(None, 4)", "0", "dense[0][0]"),
        ("", "", "", "x[0][0]"),
    ]
    rows = [f"{a:31.31} {b:20.20} {c:11.11} {d:33}" for a, b, c, d in texts]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ['Model: "m"', thin, rows[0]]
    assert lines[3:10] == [thick, rows[1], thin, rows[2], thin, rows[3], rows[4]]
    assert lines[10] == thick


def test_the_classic_table_in_another_width(capsys: pytest.CaptureFixture[str]) -> None:
    baseline(galago).summary(style="classic", line_length=100)
    lines = capsys.readouterr().out.splitlines()
    assert {len(line) for line in lines[1:-4]} == {100}
    assert lines[4].split() == ["flatten", "(Flatten)", "(None,", "784)", "0"]


def test_the_classic_table_of_an_unbuilt_model(capsys: pytest.CaptureFixture[str]) -> None:
    galago.Sequential([galago.layers.Dense(3)]).summary(style="classic")
    line = capsys.readouterr().out.splitlines()[4]
    assert line == "dense (Dense)                ?                         ?         "


def test_wrong_arguments() -> None:
    model = baseline(galago)
    with pytest.raises(UnknownNameError) as caught:
        model.summary(style="clasic")
    assert str(caught.value) == (
        "summary(): expected a known style, received 'clasic'. Did you mean 'classic'? "
        "Known: keras, classic."
    )
    pattern = "summary(): expected layer_range as the names of two layers, or regular expressions"
    for names in ("dense", ["dense"], ["flatten", "conv"], ["(", "dense"], [1, 2]):
        with pytest.raises(ArgumentError) as caught_range:
            model.summary(layer_range=names)
        assert str(caught_range.value) == (
            f"{pattern} for them, received {names!r}. The layers are: flatten, dense, dense_1."
        )
    for positions in ([0.5, 1.0], [0.5, 0.4, 1.0], [0.5, 0.9, 1.2], 0.5, [0.0, 0.5, 1.0]):
        with pytest.raises(ArgumentError) as caught_positions:
            model.summary(positions=positions)
        assert str(caught_positions.value) == (
            "summary(): expected positions as 3 numbers that rise from 0 to 1, one for each of "
            f"Layer (type), Output Shape, Param #, received {positions!r}. Leave them out for "
            "Keras's."
        )
    with pytest.raises(ArgumentError) as caught_classic:
        model.summary(style="classic", show_trainable=True)
    assert str(caught_classic.value) == (
        "summary(): expected style='keras' for positions and show_trainable, received 'classic'. "
        "Leave out one or the other."
    )
    with pytest.raises(ArgumentError) as caught_width:
        model.summary(line_length=10)
    assert str(caught_width.value) == (
        "summary(): line_length must be a whole number of at least 24, received 10. "
        "Pass an int, such as line_length=24."
    )
