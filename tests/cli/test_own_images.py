"""From a folder of pictures to predictions: train, predict, evaluate, export."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx_reader
import pytest
from PIL import Image

from galago import applications, engine, naming
from galago.cli import main
from galago.cli.networks import NETWORKS, for_pixels, network
from galago.cli.train import Network
from galago.layers import Dense, Input
from galago.models import Sequential, load_model

Galago = Callable[..., Any]
COLOURS = {"blue": (20, 20, 220), "green": (20, 220, 20), "red": (220, 20, 20)}
PICTURES = 14


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noisy pictures of three colours, a class each, 12 x 10."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(4)
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for number in range(PICTURES):
            pixels = np.clip(random.normal(colour, 30, (12, 10, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(
                folder / name / f"{number}.{'png' if number % 2 else 'jpg'}"
            )
    return folder


@pytest.fixture(scope="module")
def trained(photos: Path, galago_piped: Galago) -> Any:
    """What `galago train` printed; the network is next to the pictures."""
    return galago_piped(
        "train", str(photos), "-o", str(photos.parent / "net.keras"), "--epochs", "12",
        "--learning-rate", "0.003",
    )  # fmt: skip


@pytest.fixture
def net(trained: Any, photos: Path) -> Path:
    return photos.parent / "net.keras"


def fails(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The only line of a command that ends with 1."""
    assert main(list(map(str, arguments))) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("Error: ") and err.count("\n") == 1
    return err[len("Error: ") : -1]


def test_training(trained: Any, photos: Path) -> None:
    assert (trained.code, trained.err) == (0, "")
    lines = trained.out.splitlines()
    assert lines[0] == (
        f"{photos}: 42 images of 3 classes; 34 to train on, 8 to validate. Taken as 12 x 10 "
        "pixels, in colours."
    )
    assert 'Model: "small_cnn"' in lines
    assert len([line for line in lines if " - val_accuracy: " in line]) == 12
    assert re.search(r"^Validation accuracy: 1\.0000, loss: 0\.\d{4}$", trained.out, re.MULTILINE)
    assert re.fullmatch(r"Fingerprint of the weights: [0-9a-f]{32}", lines[-3])
    assert lines[-1].startswith(f"Saved to {photos.parent / 'net.keras'} (")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", trained.out)


def test_the_file_takes_pixels_and_knows_the_classes(net: Path) -> None:
    model = load_model(net)
    assert model.class_names == ("blue", "green", "red")
    assert model.input_shape == (None, 12, 10, 3) and model.compiled
    plain = np.empty((3, 12, 10, 3), np.uint8)
    plain[:] = np.array(list(COLOURS.values()))[:, None, None]
    assert model.predict(plain, verbose=0).argmax(axis=1).tolist() == [0, 1, 2]


def test_threads_do_not_change_the_weights(
    trained: Any, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = engine.get_threads()
    options = ["--epochs", "12", "--learning-rate", "0.003", "--threads", "1"]
    assert main(["train", str(photos), *options]) == 0
    engine.set_threads(threads)
    assert capsys.readouterr().out.splitlines()[-1] in trained.out.splitlines()


def test_options_of_the_training(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--image-size", "16x20", "--grayscale", "--validation-split", "0.5"]
    assert main(["train", str(photos), *options, "--model", "reference", "--epochs", "1"]) == 0
    out = capsys.readouterr().out
    assert "21 to train on, 21 to validate. Taken as 16 x 20 pixels, grey." in out
    assert "(None, 16, 20, 1)" in out and "(None, 14, 18, 64)" in out and "Epoch 1/1" in out


def test_augmentation(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "augmented.keras"
    assert main(["train", str(photos), "--augment", "--epochs", "1", "-o", str(file)]) == 0
    assert "random_flip (RandomFlip)" in capsys.readouterr().out
    kinds = [type(layer).__name__ for layer in load_model(file).layers[:5]]
    assert kinds == [
        "RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast", "DepthwiseConv2D",
    ]  # fmt: skip


def test_pictures_of_several_sizes_are_taken_as_96(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(photos, tmp_path / "mixed")
    Image.new("RGB", (300, 200)).save(tmp_path / "mixed" / "red" / "large.png")
    assert (
        main(["train", str(tmp_path / "mixed"), "--model", "dense_baseline", "--epochs", "1"]) == 0
    )
    assert "Taken as 96 x 96 pixels" in capsys.readouterr().out


def test_predictions(net: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    red = photos / "red" / "3.png"
    assert main(["predict", str(net), str(red), str(photos / "blue"), "--top", "2"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["Image", "Class", "Probability", "Otherwise"]
    assert len(rows) == 1 + PICTURES
    assert re.fullmatch(rf"{red} +red +\d+\.\d% +(blue|green) \d+\.\d%", rows[0].rstrip())
    assert all(row.split()[1] == "blue" for row in rows[1:])


def test_predictions_for_programs(
    net: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    red = str(photos / "red" / "3.png")
    assert main(["predict", str(net), red, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    with Image.open(red) as image:
        expected = load_model(net).predict(np.asarray(image)[None], verbose=0)[0]
    assert found["file"] == red
    assert found["classes"][0]["class"] == "red"
    given = {entry["class"]: entry["probability"] for entry in found["classes"]}
    assert given == dict(zip(["blue", "green", "red"], map(float, expected), strict=True))


def test_models_of_others(tmp_path: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One output, no names, pixels from 0 to 1; and outputs that are no probabilities."""
    red = str(photos / "red" / "3.png")
    model = applications.dense_baseline(input_shape=(4, 4, 3), classes=2)
    model.pop()
    model.add(Dense(1, activation="sigmoid"))
    model.save(tmp_path / "one.keras")
    results = []
    for options in ([], ["--scaled"]):
        assert main(["predict", str(tmp_path / "one.keras"), red, "--json", *options]) == 0
        (found,) = json.loads(capsys.readouterr().out)
        assert sorted(entry["class"] for entry in found["classes"]) == ["0", "1"]
        assert sum(entry["probability"] for entry in found["classes"]) == pytest.approx(1)
        results.append(found["classes"])
    assert results[0] != results[1]
    model.pop()
    model.add(Dense(3))
    model.save(tmp_path / "logits.keras")
    assert main(["predict", str(tmp_path / "logits.keras"), red]) == 0
    assert capsys.readouterr().out.split()[:3] == ["Image", "Class", "Output"]


def test_pictures_without_colours(photos: Path, tmp_path: Path) -> None:
    applications.dense_baseline(classes=3).save(tmp_path / "grey.keras")  # (28, 28), no channels
    assert main(["predict", str(tmp_path / "grey.keras"), str(photos / "red")]) == 0


def test_evaluation(net: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(net), str(photos)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{photos}: 42 images of 3 classes.\n\nAccuracy: 1.0000\n\nClass ")
    assert out.splitlines()[-1].split() == ["All", "42", "42", "100.0%"]
    assert main(["evaluate", str(net), str(photos), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accuracy"] == 1.0 and found["images"] == found["correct"] == 42
    assert [entry["class"] for entry in found["classes"]] == ["blue", "green", "red"]


def test_evaluation_on_some_of_the_classes(
    net: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(photos / "red", tmp_path / "new" / "red")
    shutil.copytree(photos / "red", tmp_path / "new" / "green")
    assert main(["evaluate", str(net), str(tmp_path / "new"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [entry["images"] for entry in found["classes"]] == [0, PICTURES, PICTURES]
    assert [entry["correct"] for entry in found["classes"]] == [0, 0, PICTURES]
    assert found["classes"][1]["mistaken_for"] == "red"


def test_a_model_without_names_takes_the_folders(
    net: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = load_model(net)
    model.class_names = None
    model.save(tmp_path / "nameless.keras")
    assert main(["evaluate", str(tmp_path / "nameless.keras"), str(photos)]) == 0
    assert "\nred " in capsys.readouterr().out


def test_evaluation_on_fashion_mnist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for_pixels(applications.reference(1)).save(tmp_path / "clothes.keras")
    assert main(["evaluate", str(tmp_path / "clothes.keras"), "fashion_mnist"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("fashion_mnist: 2,000 images of 10 classes.") and "\nAnkle boot" in out
    applications.reference(1).save(tmp_path / "scaled.keras")
    assert main(["evaluate", str(tmp_path / "scaled.keras"), "fashion_mnist", "--scaled"]) == 0
    assert "\nAccuracy: 0." in capsys.readouterr().out


def test_exports(net: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = load_model(net)
    for suffix in ("onnx", "safetensors", "weights.h5"):
        path = photos.parent / f"out.{suffix}"
        assert main(["export", str(net), str(path)]) == 0
        out = capsys.readouterr().out
        assert re.match(rf"Saved to {path} \([\d.]+ kB\): ", out)
        if suffix == "onnx":
            assert out.endswith("takes (n, 12, 10, 3), gives (n, 3).\n")
            x = np.full((2, 12, 10, 3), 200.0)
            found = onnx_reader.run(onnx_reader.read(path.read_bytes()), x)
            np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-5)
        else:
            assert out.endswith(f"{len(model.weights)} arrays, {model.count_params():,} numbers.\n")
            naming.reset()
            other = network("small_cnn", (12, 10, 3), 3)
            other.load_weights(path)
            for one, two in zip(other.get_weights(), model.get_weights(), strict=True):
                assert (one == two).all()


@pytest.fixture
def spoiled(photos: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "spoiled"
    shutil.copytree(photos, folder)
    (folder / "blue" / "a.png").write_text("no picture")
    (folder / "red" / "b.jpg").write_text("none either")
    return folder


def test_bad_files_are_named_all_together(
    net: Path, spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(spoiled), "--image-size", "8"]) == 1
    messages = [capsys.readouterr().err]
    messages += [fails(capsys, command, net, spoiled) for command in ("evaluate", "predict")]
    for message in messages:
        assert "Expected pictures, found 2 files that are none: " in message
        assert "a.png (expected a JPEG, PNG, BMP, GIF or WEBP picture, found none)" in message
        assert "b.jpg (expected a JPEG" in message
    assert ["--skip-bad" in message for message in messages] == [True, True, False]


def test_a_bad_picture_among_the_predicted(
    net: Path, spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = fails(capsys, "predict", net, spoiled / "blue" / "a.png")
    assert message.endswith("found none). Name another folder or file.")


def test_bad_files_are_left_out_if_one_asks_for_it(
    net: Path, spoiled: Path, galago_piped: Galago
) -> None:
    run = galago_piped("evaluate", str(net), str(spoiled), "--skip-bad")
    assert run.code == 0 and run.out.startswith(f"{spoiled}: 42 images of 3 classes.")
    assert run.err.startswith("Warning: Left out 2 files that") and run.err.count("\n") == 1
    run = galago_piped("train", str(spoiled), "--skip-bad", "--epochs", "1")
    assert run.code == 0 and ": 42 images of 3 classes; 34 to train on" in run.out
    assert run.err.startswith("Warning: Left out 2 files that cannot be read: ")


def test_refusals(
    net: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "absent, which does not exist" in fails(capsys, "train", tmp_path / "absent")
    assert "There is no file 'absent.keras' in" in fails(
        capsys, "predict", tmp_path / "absent.keras", photos
    )
    assert "ends in .keras, received" in fails(capsys, "train", photos, "-o", tmp_path / "net")
    assert "a folder that exists" in fails(capsys, "train", photos, "-o", tmp_path / "a/net.keras")
    assert "ends in .onnx or .safetensors or" in fails(capsys, "export", net, tmp_path / "net.h5")
    assert "that exists" in fails(capsys, "export", net, tmp_path / "a" / "net.onnx")
    assert "Expected a folder for each class" in fails(capsys, "train", photos / "red")
    (tmp_path / "one" / "red").mkdir(parents=True)
    assert "found one: red" in fails(capsys, "train", tmp_path / "one")
    (tmp_path / "one" / "blue").mkdir()
    assert "found none in blue, red" in fails(capsys, "train", tmp_path / "one")
    assert "Expected pictures in" in fails(capsys, "evaluate", net, tmp_path / "one")
    assert "Expected pictures in" in fails(capsys, "predict", net, tmp_path / "one")
    few = "--validation-split", 0.01
    assert "found 42 with --validation-split 0.01. Add" in fails(capsys, "train", photos, *few)
    (tmp_path / "one" / "mauve").mkdir()
    message = fails(capsys, "evaluate", net, tmp_path / "one")
    assert "the model's classes, blue, green, red; found mauve. Rename" in message
    assert "28 x 28 grey pixels and 10 classes" in fails(capsys, "evaluate", net, "fashion_mnist")


def test_a_model_of_something_else(
    tmp_path: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Sequential([Input((4,)), Dense(2)]).save(tmp_path / "numbers.keras")
    for command in ("predict", "evaluate"):
        message = fails(capsys, command, tmp_path / "numbers.keras", photos)
        assert "this one takes (None, 4) and gives (None, 2)" in message


def test_the_networks_are_those_of_the_help() -> None:
    assert tuple(NETWORKS) == Network.__args__  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_divide_by_255(name: str) -> None:
    made = network(name, (32, 24, 3), 4)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 24, 3), dtype=np.uint8)
    bare = NETWORKS[name](input_shape=(32, 24, 3), classes=4)
    bare.set_weights(made.get_weights()[1:])
    expected = bare.predict(pixels / np.float32(255), verbose=0)
    np.testing.assert_allclose(made.predict(pixels, verbose=0), expected, atol=1e-5)
    assert made.layers[0].name == "rescaling" and not made.layers[0].trainable_weights
