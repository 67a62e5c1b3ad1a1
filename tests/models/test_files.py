"""Models saved and loaded again: the same predictions, and training goes on where it was."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from file_models import MODELS, changed, data, everything, trained

from galago import losses, metrics, optimizers
from galago.errors import (
    ArgumentError,
    FileFormatError,
    GalagoWarning,
    NotBuiltError,
    ShapeError,
)
from galago.layers import (
    Dense,
    Input,
)
from galago.models import Sequential, load_model, save_model


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
