"""Folders as data sets: order, subsets, batches, and every refusal."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import galago
from galago.data import ImageFolder
from galago.errors import (
    ArgumentError,
    DatasetError,
    GalagoError,
    GalagoWarning,
    UnknownNameError,
)
from galago.utils import image_dataset_from_directory


@pytest.fixture(scope="module")
def shades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of ten pictures; a picture's colour is its number."""
    folder = tmp_path_factory.mktemp("shades")
    for number in range(20):
        path = folder / ("dark" if number < 10 else "light") / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4), (number,) * 3).save(path)
    return folder


def load(folder: Path, **arguments: Any) -> Any:
    return image_dataset_from_directory(
        folder, **{"image_size": 4, "verbose": False, "seed": 1} | arguments
    )


def numbers(images: Any) -> list[int]:
    return [int(image.flat[0]) for image in images]


def test_batches(shades: Path) -> None:
    made = load(shades, batch_size=8, shuffle=False)
    assert len(made) == 3
    batches = list(made)
    assert [images.shape for images, _ in batches] == [(8, 4, 4, 3), (8, 4, 4, 3), (4, 4, 4, 3)]
    assert all(images.dtype == np.float32 for images, _ in batches)
    assert numbers(np.concatenate([images for images, _ in batches])) == list(range(20))
    assert np.concatenate([labels for _, labels in batches]).tolist() == [0] * 10 + [1] * 10
    assert numbers(np.concatenate([images for images, _ in made])) == list(range(20))


def test_single_images_and_images_alone(shades: Path) -> None:
    made = load(shades, batch_size=None, shuffle=False)
    assert len(made) == 20
    image, label = next(iter(made))
    assert image.shape == (4, 4, 3) and label == 0 and label.shape == ()
    alone = load(shades, batch_size=None, labels=None)
    assert next(iter(alone)).shape == (4, 4, 3) and alone.class_names is None
    assert load(shades, label_mode=None).arrays()[1] is None


def test_who_stops_early_leaves_no_thread(shades: Path) -> None:
    batches = iter(load(shades, batch_size=2))
    next(batches)
    assert any(thread.name.startswith("galago-images") for thread in threading.enumerate())
    batches.close()
    assert not any(thread.name.startswith("galago-images") for thread in threading.enumerate())


def test_arrays_are_in_the_order_of_the_paths(shades: Path) -> None:
    made = load(shades)
    images, labels = made.arrays()
    assert images.dtype == np.uint8 and images.shape == (20, 4, 4, 3)
    order = [int(Path(path).stem) for path in made.file_paths]
    assert numbers(images) == order and sorted(order) == list(range(20)) != order
    assert labels.tolist() == [number // 10 for number in order]
    labels[:] = 7  # they are the caller's
    assert 7 not in made.arrays()[1]


def test_the_seed_decides_the_order_for_good(shades: Path) -> None:
    first = [os.path.basename(path)[:2] for path in load(shades).file_paths]
    assert first == [os.path.basename(path)[:2] for path in load(shades, seed=1).file_paths]
    assert first != [os.path.basename(path)[:2] for path in load(shades, seed=2).file_paths]
    assert " ".join(first) == "05 18 03 08 10 14 12 02 09 07 15 06 13 04 00 16 19 01 17 11"


def test_without_a_seed_it_is_that_of_set_seed(shades: Path) -> None:
    orders = []
    for seed in (3, 3, 4):
        galago.set_seed(seed)
        orders.append(load(shades, seed=None).file_paths)
    assert orders[0] == orders[1] != orders[2]


def test_each_time_has_an_order_of_its_own(shades: Path) -> None:
    def passes(made: Any) -> list[list[int]]:
        return [numbers(np.concatenate([images for images, _ in made])) for _ in range(2)]

    first, second = passes(load(shades))
    assert first != second and sorted(first) == sorted(second) == list(range(20))
    assert passes(load(shades)) == [first, second]


def test_subsets_have_no_file_in_common(shades: Path) -> None:
    both = image_dataset_from_directory(
        shades, image_size=4, seed=5, validation_split=0.25, subset="both", verbose=False
    )
    train, validation = both
    assert len(train.file_paths) == 15 and len(validation.file_paths) == 5
    assert sorted(train.file_paths + validation.file_paths) == sorted(load(shades).file_paths)
    for subset, whole in (("training", train), ("validation", validation)):
        alone = load(shades, seed=5, validation_split=0.25, subset=subset)
        assert alone.file_paths == whole.file_paths
    stays = [numbers(images) for images, _ in validation]
    assert stays == [numbers(images) for images, _ in validation]


def test_what_it_says(shades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = load(shades, verbose=True, validation_split=0.25, subset="both")
    assert capsys.readouterr().out == (
        "Found 20 files belonging to 2 classes.\n"
        "Using 15 files for training.\nUsing 5 files for validation.\n"
    )
    assert repr(made[0]) == "<ImageFolder files=15, classes=2, image=(4, 4, 3)>"
    assert repr(load(shades, verbose=True, labels=None)).startswith("<ImageFolder files=20, image")
    assert capsys.readouterr().out == "Found 20 files.\n"


@pytest.fixture
def spoiled(shades: Path, tmp_path: Path) -> Path:
    """The same with a file of text, and another one that was cut off."""
    folder = tmp_path / "spoiled"
    shutil.copytree(shades, folder)
    (folder / "dark" / "00.png").write_text("no picture")
    cut = (folder / "light" / "19.png").read_bytes()[:50]
    (folder / "light" / "19.png").write_bytes(cut)
    return folder


def test_all_bad_files_are_named_whatever_is_read_first(spoiled: Path) -> None:
    made = load(spoiled, batch_size=2)
    for read in (made.arrays, lambda: list(made)):
        with pytest.raises(DatasetError) as caught:
            read()
        assert "found 2 files that are none" in str(caught.value)
        assert f"{os.path.join('dark', '00.png')} (expected a JPEG" in str(caught.value)
        assert f"{os.path.join('light', '19.png')} (it cannot be read: " in str(caught.value)


def test_bad_files_are_left_out_if_one_asks_for_it(spoiled: Path) -> None:
    with pytest.warns(
        GalagoWarning, match=r"Left out 2 files that cannot be read: .*00\.png \(exp"
    ):
        made = load(spoiled, skip_bad=True, shuffle=False)
    assert numbers(made.arrays()[0]) == list(range(1, 19))
    assert made.arrays()[1].tolist() == [0] * 9 + [1] * 9


def test_links_to_folders_are_followed_if_one_asks_for_it(shades: Path, tmp_path: Path) -> None:
    (tmp_path / "own" / "dark").mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "own" / "dark" / "a.png")
    (tmp_path / "own" / "dark" / "more").symlink_to(shades / "dark")
    assert len(load(tmp_path / "own").file_paths) == 1
    assert len(load(tmp_path / "own", follow_links=True).file_paths) == 11


REFUSED: dict[str, tuple[dict[str, Any], type[GalagoError], str]] = {
    "color_mode": ({"color_mode": "gray"}, UnknownNameError, "Did you mean 'grayscale'"),
    "interpolation": ({"interpolation": "lanczos5"}, UnknownNameError, "mean 'lanczos3'"),
    "size": (
        {"image_size": (4, 0)},
        ArgumentError,
        "image_size must be one positive int or a pair",
    ),
    "batch": ({"batch_size": 0}, ArgumentError, "batch_size must be a whole number"),
    "seed": ({"seed": -1}, ArgumentError, "seed must be a whole number"),
    "flag": ({"shuffle": 1}, ArgumentError, "shuffle must be True or False"),
    "labels": ({"labels": "guess"}, ArgumentError, 'expected labels="inferred", None, or a list'),
    "count": (
        {"labels": [1, 2]},
        ArgumentError,
        "a label for each of the 20 files in .* received 2",
    ),
    "numbers": ({"labels": ["a"] * 20}, ArgumentError, "each of labels must be a whole number"),
    "gaps": (
        {"labels": [0, 2] * 10, "label_mode": "categorical"},
        ArgumentError,
        r"expected labels from 0 to 1 for label_mode=\"categorical\", received 2",
    ),
    "mode": ({"label_mode": "integer"}, ArgumentError, "expected label_mode \"int\", .*'integer'"),
    "names": (
        {"labels": [0] * 20, "class_names": ["a"]},
        ArgumentError,
        "class_names with labels=",
    ),
    "names alone": (
        {"label_mode": None, "class_names": ["dark"]},
        ArgumentError,
        "received them with labels='inferred', label_mode=None. Leave class_names out",
    ),
    "class": (
        {"class_names": ["dark", "lihgt"]},
        ArgumentError,
        r"received 'lihgt'\. Did you mean 'light'\? There are: dark, light",
    ),
    "binary": (
        {"label_mode": "binary", "class_names": ["dark"]},
        ArgumentError,
        'expected two classes for label_mode="binary", found 1',
    ),
    "subset": ({"subset": "test"}, ArgumentError, "expected subset \"training\", .*'test'"),
    "half": ({"subset": "both"}, ArgumentError, "expected validation_split and subset together"),
    "split": (
        {"validation_split": 1.5, "subset": "both"},
        ArgumentError,
        "validation_split must be a finite number from 0 to 1",
    ),
    "no seed": (
        {"validation_split": 0.5, "subset": "both", "seed": None},
        ArgumentError,
        "expected a seed with validation_split and shuffle=True.*Pass seed=0",
    ),
    "small": (
        {"validation_split": 0.01, "subset": "both"},
        DatasetError,
        "expected enough files to split, found 20 with validation_split=0.01",
    ),
    "both": (
        {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
        ArgumentError,
        "expected one of crop_to_aspect_ratio and pad_to_aspect_ratio, received both",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case: str, shades: Path) -> None:
    arguments, kind, words = REFUSED[case]
    with pytest.raises(kind, match=words):
        load(shades, **arguments)


@pytest.mark.parametrize("labels", ["inferred", None])
def test_folders_that_are_none(labels: str | None, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="absent, which"):
        load(tmp_path / "absent", labels=labels)
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="file"):
        load(tmp_path / "file", labels=labels)
    words = "Expected a folder for each class" if labels else "Expected pictures in"
    with pytest.raises(DatasetError, match=f"{words}.*, found none"):
        load(tmp_path, labels=labels)


def test_fit_takes_the_arrays(shades: Path) -> None:
    from galago.layers import Dense, Flatten, Input

    train, validation = image_dataset_from_directory(
        shades, image_size=4, seed=1, validation_split=0.25, subset="both", verbose=False
    )
    assert isinstance(train, ImageFolder)
    model = galago.Sequential([Input((4, 4, 3)), Flatten(), Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = train.arrays()
    history = model.fit(x, y, validation_data=validation.arrays(), verbose=0)  # type: ignore[arg-type]
    assert history.history["val_loss"][0] > 0
