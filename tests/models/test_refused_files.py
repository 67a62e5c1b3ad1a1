"""Files of models that are refused, and what is said of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from file_models import branches, changed, everything, trained

from galago import initializers, metrics
from galago.errors import (
    FileFormatError,
)
from galago.layers import (
    Dense,
    Input,
    RandomContrast,
    Resizing,
)
from galago.models import Sequential, load_model


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.keras"


def settings(config: Any, place: int) -> Any:
    return config["config"]["layers"][place]["config"]


def test_arguments_newer_than_keras_3_0_are_written_only_where_they_count(path: Path) -> None:
    plain = [Resizing(4, 5), RandomContrast(0.5)]
    chosen = [Resizing(4, 5, antialias=True), RandomContrast(0.5, (0, 1))]
    known = {"height", "width", "interpolation", "crop_to_aspect_ratio", "factor", "seed"}
    known |= {"name", "trainable", "dtype"}
    for made, more in ((plain, [set(), set()]), (chosen, [{"antialias"}, {"value_range"}])):
        Sequential([Input((8, 8, 1)), *made]).save(path)
        config = json.loads(zipfile.ZipFile(path).read("config.json"))["config"]
        assert [set(one["config"]) - known for one in config["layers"][1:]] == more


def test_all_that_is_not_known_is_listed_at_once(path: Path) -> None:
    trained(everything()).save(path)

    def change(config: Any) -> None:
        config["config"]["layers"][1]["class_name"] = "LSTM"
        penalty = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.1}}
        other = {**penalty, "class_name": "OrthogonalRegularizer"}
        settings(config, 2).update({"kernel_regularizer": other, "gamma_regularizer": penalty})
        settings(config, 2)["data_format"] = "channels_first"
        settings(config, 3)["dtype"] = "float16"
        settings(config, 4)["padding"] = "causal"
        config["compile_config"]["optimizer"]["class_name"] = "Lamb"
        config["compile_config"]["loss"] = {"class_name": "Circle", "module": "keras.losses"}

    with pytest.raises(FileFormatError) as caught:
        load_model(changed(path, change))
    text = str(caught.value)
    for words in (
        "LSTM 'zero_padding2d",
        "kernel_regularizer 'OrthogonalRegularizer': none of Galago",
        "gamma_regularizer=L2(l2=0.1)",
        "data_format='channels_first'",
        "computes in float16",
        "received 'causal'",
        "optimizer 'Lamb'",
        "loss 'Circle'",
        "compile=False",
    ):
        assert words in text


def test_what_compile_was_told_can_be_left_out(path: Path) -> None:
    trained(everything()).save(path)

    def change(config: Any) -> None:
        config["compile_config"]["optimizer"]["class_name"] = "Lamb"

    with pytest.raises(FileFormatError, match=r"'Lamb': none of Galago\nUse compile=False"):
        load_model(changed(path, change))
    assert load_model(path, compile=False).compilation is None


def test_advice_is_for_what_is_wrong(path: Path) -> None:
    trained(everything()).save(path)
    with pytest.raises(FileFormatError, match=r"save the model again\.$"):
        load_model(changed(path, lambda config: settings(config, 1).update(renorm=True)))


def test_calls_on_other_things_than_tensors_are_named(path: Path) -> None:
    branches().save(path)

    def change(config: Any) -> None:
        node = config["config"]["layers"][3]["inbound_nodes"][0]
        node["args"] = [node["args"][0][0], 2]

    with pytest.raises(
        FileFormatError, match=r"Add 'add.*': a call on the output of '\w+' and 2\n"
    ):
        load_model(changed(path, change))


@pytest.mark.parametrize(
    ("dtype", "words"), [("int32", "Galago does not"), ("float64", "set_floatx")]
)
def test_other_number_types(path: Path, dtype: str, words: str) -> None:
    Sequential([Input((4,)), Dense(3)]).save(path)
    with pytest.raises(FileFormatError, match=f"InputLayer '.*': computes in {dtype}.*{words}"):
        load_model(changed(path, lambda config: settings(config, 0).update(dtype=dtype)))


@pytest.mark.parametrize("name", ["Orthogonal", "OrthogonalInitializer"])
def test_both_names_of_the_orthogonal_initializer(path: Path, name: str) -> None:
    kernel = initializers.Orthogonal(0.5, seed=3)
    Sequential([Input((4,)), Dense(3, kernel_initializer=kernel)]).save(path)

    def change(config: Any) -> None:
        assert settings(config, 1)["kernel_initializer"]["class_name"] == "OrthogonalInitializer"
        settings(config, 1)["kernel_initializer"]["class_name"] = name

    found = load_model(changed(path, change)).layers[0].kernel_initializer
    assert repr(found) == repr(kernel)


@pytest.mark.parametrize("kind", ["__tensor__", "__numpy__"])
def test_arrays_in_arguments(path: Path, kind: str) -> None:
    model = Sequential([Input((4,)), Dense(3, activation="sigmoid")])
    model.compile("sgd", "mse", metrics=[metrics.AUC(label_weights=[1.0, 2.0, 3.0])])
    model.save(path)

    def change(config: Any) -> None:
        given = config["compile_config"]["metrics"][0]["config"]
        array = {"value": given["label_weights"], "dtype": "float32"}
        given["label_weights"] = {"class_name": kind, "config": array}

    told = load_model(changed(path, change)).compilation
    assert told is not None
    assert told.metrics[0].label_weights == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("module", "registered"),
    [("os", None), ("keras_hub.layers", None), ("keras.layers", "My>Dense"), (None, None)],
)
def test_classes_of_other_modules_are_refused(
    path: Path, module: str | None, registered: str | None
) -> None:
    Sequential([Input((4,)), Dense(3)]).save(path)

    def change(config: Any) -> None:
        config["config"]["layers"][1] |= {"module": module, "registered_name": registered}

    with pytest.raises(FileFormatError, match="no layer of Galago"):
        load_model(changed(path, change))


def test_a_model_larger_than_its_file_is_refused_before_it_is_made(path: Path) -> None:
    Sequential([Input((4,)), Dense(3)]).save(path)

    def change(config: Any) -> None:
        settings(config, 1)["units"] = 2**31 - 1

    with pytest.raises(FileFormatError, match=r"needs weights of shapes \[\(4, 2147483647\)"):
        load_model(changed(path, change))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(config=None),
        lambda c: c.update(class_name="Other"),
        lambda c: c["config"].update(layers=None),
        lambda c: c["config"].update(layers=[None, 3, "Dense"]),
        lambda c: settings(c, 0).update(batch_shape=5),
        lambda c: settings(c, 0).update(batch_shape=[None, -1]),
        lambda c: settings(c, 1).update(units="many"),
        lambda c: settings(c, 1).pop("units"),
        lambda c: c["compile_config"]["optimizer"]["config"].update(learning_rate=10**400),
        lambda c: c["compile_config"].update(metrics=["accuracy", "accuracy"]),
        lambda c: c["compile_config"]["optimizer"].update(
            class_name="SGD", config={"momentum": 0.5}
        ),
        lambda c: settings(c, 1).update(units=[[]]),
        lambda c: settings(c, 1).update(name={}),
        lambda c: settings(c, 1).update(activation={"class_name": "function", "config": "eval"}),
        lambda c: settings(c, 1).update(kernel_initializer={"class_name": "Lambda", "config": {}}),
        lambda c: settings(c, 1).update(kernel_initializer=[1]),
        lambda c: c["compile_config"].update(optimizer=None),
        lambda c: c["compile_config"].update(metrics=[{"class_name": "exec"}]),
    ],
)
def test_a_configuration_that_makes_no_sense(path: Path, change: Callable[[Any], None]) -> None:
    model = Sequential([Input((4,)), Dense(3, activation="softmax")])
    trained(model).save(path)
    with pytest.raises(FileFormatError, match=r"model\.keras"):
        load_model(changed(path, change))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["config"].update(input_layers=[]),
        lambda c: c["config"].update(output_layers=[["dense", 5, 0]]),
        lambda c: c["config"].update(output_layers=[["a", 0, 0], ["b", 0, 0]]),
        lambda c: c["config"]["layers"][1].update(inbound_nodes=None),
        lambda c: c["config"]["layers"][1].update(inbound_nodes=[{"args": [3]}]),
        lambda c: c["config"]["layers"][1]["inbound_nodes"][0].update(kwargs={"training": 1.5}),
        lambda c: c["config"]["layers"].pop(1),
    ],
)
def test_calls_that_make_no_sense(path: Path, change: Callable[[Any], None]) -> None:
    branches().save(path)
    with pytest.raises(FileFormatError, match=r"model\.keras"):
        load_model(changed(path, change))


@pytest.mark.parametrize("training", [None, False, True])
def test_what_a_call_says_of_training_counts_for_nothing(path: Path, training: Any) -> None:
    branches().save(path)

    def change(config: Any) -> None:
        config["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {"training": training}

    assert len(load_model(changed(path, change)).layers) == len(branches().layers)


def test_calls_in_a_circle(path: Path) -> None:
    branches().save(path)

    def change(config: Any) -> None:
        for layer in config["config"]["layers"]:
            if layer["name"] == "left":
                argument = layer["inbound_nodes"][0]["args"][0]
                argument["config"]["keras_history"] = ["twice", 0, 0]

    with pytest.raises(FileFormatError, match="in a circle"):
        load_model(changed(path, change))
