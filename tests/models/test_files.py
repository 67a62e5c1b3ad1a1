"""Models saved and loaded again: the same predictions, and training goes on where it was."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galago import applications, initializers, losses, metrics, optimizers
from galago.errors import (
    ArgumentError,
    FileFormatError,
    GalagoWarning,
    NotBuiltError,
    ShapeError,
)
from galago.layers import (
    ELU,
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Input,
    LeakyReLU,
    MaxPooling2D,
    RandomContrast,
    ReLU,
    Resizing,
    SeparableConv2D,
    Softmax,
    ZeroPadding2D,
)
from galago.models import Model, Sequential, load_model, save_model
from galago.saving import hdf5


def everything() -> Sequential:
    """Every layer that can stand in a row."""
    return Sequential(
        [
            Input((14, 14, 3)),
            ZeroPadding2D(((1, 0), (2, 1))),
            Conv2D(8, (3, 5), padding="same", dilation_rate=2, activation="relu"),
            BatchNormalization(momentum=0.9, scale=False),
            DepthwiseConv2D(3, depth_multiplier=2, use_bias=False),
            LeakyReLU(0.1),
            SeparableConv2D(6, 3, padding="same", activation="elu"),
            MaxPooling2D(),
            ELU(0.5),
            AveragePooling2D(3, strides=1, padding="same"),
            ReLU(max_value=6),
            Dropout(0.3, seed=4),
            Activation("tanh"),
            Flatten(),
            Dense(5, kernel_initializer="he_uniform", bias_initializer=initializers.Constant(0.5)),
            Softmax(),
        ],
        name="all_of_them",
    )


def branches() -> Model:
    """Layers that join, and one that is called twice."""
    inputs = Input((8, 8, 4), name="picture")
    relu = ReLU(name="twice")
    left = relu(Conv2D(4, 3, padding="same", name="left")(inputs))
    joined = Concatenate()([relu(Add()([inputs, left])), left])
    both = Add()([GlobalAveragePooling2D()(joined), GlobalMaxPooling2D()(joined)])
    return Model(inputs, Dense(3, activation="softmax")(both), name="branching")


MODELS: dict[str, Callable[[], Model]] = {
    "everything": everything,
    "branches": branches,
    "reference": lambda: applications.reference(filters=8),
    "dense_baseline": applications.dense_baseline,
    "lenet5": applications.lenet5,
    "resnet20": applications.resnet20,
    "mobilenet_like": applications.mobilenet_like,
    "vgg_like": applications.vgg_like,
}


def data(model: Model, count: int = 12) -> tuple[Any, Any]:
    random = np.random.default_rng(5)
    x = random.random((count, *model.input_sizes), np.float32)
    return x, random.integers(0, model.output_sizes[-1], count)


def trained(model: Model, optimizer: Any = "adam") -> Model:
    """A model whose weights, statistics and moments are not those of the start."""
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(model)
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    return model


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.keras"


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_is_the_saved_one(name: str, path: Path) -> None:
    model = trained(MODELS[name]())
    model.save(path)
    loaded = load_model(path)
    assert type(loaded) is type(model) and loaded.name == model.name
    assert loaded.get_config() == model.get_config()
    assert [v.path for v in loaded.weights] == [v.path for v in model.weights]
    x, _ = data(model)
    assert (loaded.predict(x, verbose=0) == model.predict(x, verbose=0)).all()


@pytest.mark.parametrize(
    "optimizer",
    [optimizers.Adam(0.003), optimizers.SGD(0.05), optimizers.SGD(0.05, 0.9, nesterov=True)],
    ids=repr,
)
def test_training_goes_on_as_if_it_had_not_stopped(
    optimizer: optimizers.Optimizer, path: Path
) -> None:
    model = trained(everything(), optimizer)
    save_model(model, path)
    loaded = load_model(path)
    x, y = data(model)
    for each in (model, loaded):
        each.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        assert (one == other).all()
    for one, other in zip(model.get_optimizer_state(), loaded.get_optimizer_state(), strict=True):
        assert (one == other).all()


def test_what_compile_was_told_comes_back(path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3)])
    model.compile(
        optimizers.Adam(0.01, beta_1=0.8),
        losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy", metrics.SparseCategoricalAccuracy(name="right")],
    )
    model.save(path)
    told = load_model(path).compilation
    assert told is not None
    assert repr(told.loss) == repr(losses.SparseCategoricalCrossentropy(from_logits=True))
    assert repr(told.control.optimizer) == repr(model.optimizer)
    assert [getattr(metric, "name", metric) for metric in told.metrics] == ["accuracy", "right"]
    assert load_model(path, compile=False).compilation is None


def test_class_names_are_kept(path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3)])
    model.save(path)
    assert load_model(path).class_names is None
    model.class_names = ["cat", "Hündin", "\udcff"]
    model.save(path)
    assert load_model(path).class_names == ("cat", "Hündin", "\udcff")
    model.pop()
    model.add(Dense(2))
    with pytest.raises(ArgumentError, match="a list of 2 different texts"):
        model.save(path)


@pytest.mark.parametrize("names", ["cat", ["cat"], [1, 2, 3], ["a", "b", "b"], {"a": 1}, 7])
def test_class_names_of_a_damaged_file_are_refused(names: Any, path: Path) -> None:
    Sequential([Input((4,)), Dense(3)]).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["metadata.json"] = json.dumps({"galago": {"class_names": names}}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(FileFormatError, match=r"expected class_names as a list of 3 different"):
        load_model(path)


@pytest.mark.parametrize(
    "loss",
    [
        losses.Huber(delta=0.25, name="bent"),
        losses.BinaryFocalCrossentropy(gamma=1.5, label_smoothing=0.1, reduction="sum"),
        losses.CosineSimilarity(),
        losses.hinge,
        "log_cosh",
    ],
)
def test_losses_come_back(path: Path, loss: Any) -> None:
    model = Sequential([Input((4,)), Dense(3, activation="sigmoid")])
    model.compile("sgd", loss)
    model.save(path)
    told = load_model(path).compilation
    assert told is not None
    assert model.compilation is not None
    assert repr(told.loss) == repr(model.compilation.loss)


def test_metrics_come_back_but_for_own_ones(path: Path) -> None:
    def own(y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred)

    model = Sequential([Input((4,)), Dense(3, activation="sigmoid")])
    listed = [
        "mse",
        metrics.mean_absolute_error,
        metrics.AUC(num_thresholds=9, curve="PR", label_weights=[1, 2, 3]),
        metrics.Precision([0.25], class_id=1),
        metrics.MeanIoU(3, sparse_y_pred=False, name="overlap"),
        own,
    ]
    weighted = [metrics.F1Score("macro"), "mse"]
    model.compile("sgd", "mse", metrics=listed, weighted_metrics=weighted)
    with pytest.warns(GalagoWarning, match="does not hold the metric 'own', which is not one of"):
        model.save(path)
    told = load_model(path).compilation
    assert told is not None
    assert [repr(metric) for metric in told.metrics] == [
        "'mse'",
        "'mean_absolute_error'",
        *(repr(metric) for metric in listed[2:5]),
    ]
    assert [repr(metric) for metric in told.weighted_metrics] == [repr(weighted[0]), "'mse'"]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("AUC", {"label_weights": 3}),
        ("AUC", {"num_thresholds": 10**12}),
        ("AUC", {"thresholds": "high"}),
        ("AUC", {"curve": ["ROC"]}),
        ("MeanIoU", {"num_classes": 10**9}),
        ("IoU", {"num_classes": 3, "target_class_ids": 1}),
        ("IoU", {"num_classes": 3, "target_class_ids": [5]}),
        ("Precision", {"thresholds": {}}),
        ("F1Score", {"average": {}}),
        ("F1Score", {}),
        ("MeanSquaredError", {"name": ["mse"]}),
        ("MeanSquaredError", {"dtype": {}}),
        ("Mean", {}),
    ],
)
def test_metrics_that_make_no_sense_are_refused(
    path: Path, name: str, settings: dict[str, Any]
) -> None:
    model = Sequential([Input((4,)), Dense(3)])
    model.compile("sgd", "mse", metrics=["mse"])
    model.save(path)
    given = {"module": "keras.metrics", "class_name": name, "config": settings}
    with pytest.raises(FileFormatError, match=f"{name}|f1_score"):
        load_model(changed(path, lambda c: c["compile_config"].update(metrics=[given])))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("SparseCategoricalCrossentropy", {"ignore_class": 1e300}),
        ("SparseCategoricalCrossentropy", {"ignore_class": 2**70}),
        ("Huber", {"delta": "1"}),
        ("MeanSquaredError", {"reduction": None}),
        ("MeanSquaredError", {"reduction": []}),
        ("MeanSquaredError", {"name": 5}),
        ("CosineSimilarity", {"axis": 0}),
        ("BinaryFocalCrossentropy", {"gamma": -1}),
    ],
)
def test_losses_that_make_no_sense_are_refused(
    path: Path, name: str, settings: dict[str, Any]
) -> None:
    model = Sequential([Input((4,)), Dense(3)])
    model.compile("sgd", "mse")
    model.save(path)
    given = {"module": "keras.losses", "class_name": name, "config": settings}
    with pytest.raises(FileFormatError, match=name):
        load_model(changed(path, lambda c: c["compile_config"].update(loss=given)))


def test_frozen_layers_stay_frozen(path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3, trainable=False), Dense(2, activation="softmax")])
    trained(model).save(path)
    loaded = load_model(path)
    assert [layer.trainable for layer in loaded.layers] == [False, True]
    assert len(loaded.get_optimizer_state()) == 2 + 2 * 2


def test_loading_draws_no_random_number(path: Path) -> None:
    import galago

    everything().save(path)
    galago.set_seed(3)
    load_model(path)
    after = Dense(4)
    after.build((None, 4))
    galago.set_seed(3)
    alone = Dense(4)
    alone.build((None, 4))
    assert (after.get_weights()[0] == alone.get_weights()[0]).all()


def test_weights_alone(tmp_path: Path) -> None:
    model, other = trained(everything()), everything()
    model.save_weights(tmp_path / "all.weights.h5")
    other.load_weights(tmp_path / "all.weights.h5")
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        assert (one == two).all()
    model.save(tmp_path / "all.keras")
    third = everything()
    third.load_weights(tmp_path / "all.keras")
    assert (third.get_weights()[0] == model.get_weights()[0]).all()


def test_weights_of_another_model_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "some.weights.h5"
    Sequential([Input((4,)), Dense(3), Dense(2)]).save_weights(path)
    for other, words in [
        (Sequential([Input((4,)), Dense(3), Dense(5)]), r"Dense .*: expected|expected weights"),
        (Sequential([Input((4,)), Dense(3)]), "found others: dense_1"),
        (Sequential([Input((4,)), Dense(3), Dense(2), Dense(2)]), "expected weights of shapes"),
    ]:
        before = other.get_weights()
        with pytest.raises((ShapeError, FileFormatError), match=words):
            other.load_weights(path)
        assert all((a == b).all() for a, b in zip(before, other.get_weights(), strict=True))
    with pytest.raises(NotBuiltError):
        Sequential([Dense(3)]).load_weights(path)


def test_names_of_files(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3)])
    with pytest.raises(ArgumentError, match=r"ends in '\.keras'"):
        model.save(tmp_path / "model.h5")
    with pytest.raises(ArgumentError, match=r"ends in '\.weights\.h5'"):
        model.save_weights(tmp_path / "model.h5")
    model.save(tmp_path / "model.keras")
    with pytest.raises(ArgumentError, match="there already"):
        model.save(tmp_path / "model.keras", overwrite=False)
    with pytest.raises(NotBuiltError, match="input shape is not known yet"):
        Sequential([Dense(3)]).save(tmp_path / "other.keras")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.keras"]


# ---- files that somebody else wrote ----


def changed(path: Path, change: Callable[[Any], None], weights: hdf5.Tree | None = None) -> Path:
    """The same file with another configuration."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    if weights is not None:
        members["model.weights.h5"] = hdf5.write(weights)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


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
