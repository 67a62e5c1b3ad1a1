"""The set inside the package, and where the full one is looked for."""

from __future__ import annotations

import gzip
import hashlib
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galago import datasets
from galago.datasets import fashion_mnist
from galago.datasets.idx import IdxFile, idx_header
from galago.errors import DatasetError

download_module = importlib.import_module("galago.datasets.download")


def test_the_subset() -> None:
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data(subset=True)
    assert x_train.shape == (10000, 28, 28)
    assert x_test.shape == (2000, 28, 28)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train).tolist() == [1000] * 10
    assert np.bincount(y_test).tolist() == [200] * 10
    # The first labels of the published set: order and indices are kept.
    assert y_train[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert y_test[:15].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5, 7, 3, 4]
    assert [fashion_mnist.CLASS_NAMES[y_test[k]] for k in (0, 23, 28)] == ["Ankle boot"] * 3
    assert x_train.max() == x_test.max() == 255


def test_images_are_upright() -> None:
    (x_train, y_train), _ = fashion_mnist.load_data(subset=True)
    mean = {k: x_train[y_train == k].mean(axis=0) for k in range(10)}
    trousers, boots = mean[1], mean[9]
    # Legs below the waist: a gap in the middle of the lower half only.
    assert trousers[20:, 13:15].mean() < 0.8 * trousers[:6, 13:15].mean()
    # Toes point to the left, so the shaft is on the right and the upper left is empty.
    assert boots[4:10, 2:8].mean() < 0.3 * boots[4:10, 18:24].mean()


def test_loading_the_subset_twice_gives_arrays_of_its_own() -> None:
    (first, _), _ = fashion_mnist.load_data(subset=True)
    first[:] = 0
    (second, _), _ = fashion_mnist.load_data(subset=True)
    assert second.any()


def test_the_licence_travels_with_the_subset() -> None:
    text = (fashion_mnist.SUBSET_FOLDER / "LICENSE.txt").read_text()
    assert "Copyright (c) 2017 Zalando SE" in text
    assert "Permission is hereby granted, free of charge" in text


def test_the_names() -> None:
    assert datasets.fashion_mnist is fashion_mnist
    assert fashion_mnist.CLASS_NAMES[:2] == ("T-shirt/top", "Trouser")
    assert len(set(fashion_mnist.CLASS_NAMES)) == 10


def test_the_full_set_is_pinned() -> None:
    shapes = [file.shape for file in fashion_mnist.FULL_FILES]
    assert shapes == [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
    pins = {file.sha256 for file in fashion_mnist.FULL_FILES}
    pins |= {sha256 for _, _, sha256 in fashion_mnist._DOWNLOADS}
    assert len(pins) == 8
    assert all(len(bytes.fromhex(pin)) == 32 for pin in pins)
    assert [name for name, _, _ in fashion_mnist._DOWNLOADS] == [
        file.name for file in fashion_mnist.FULL_FILES
    ]


class World:
    """A full set of eight images, and the two folders it may be in."""

    def __init__(self, tmp_path: Path) -> None:
        self.cache = tmp_path / "data" / "fashion-mnist"
        self.debian = tmp_path / "debian"
        generator = np.random.default_rng(7)
        files, self.stored, self.arrays = [], {}, []
        for file, shape in zip(
            fashion_mnist.FULL_FILES, ((5, 28, 28), (5,), (3, 28, 28), (3,)), strict=True
        ):
            array = generator.integers(0, 256, shape, dtype=np.uint8)
            content = idx_header(shape) + array.tobytes()
            files.append(IdxFile(file.name, shape, hashlib.sha256(content).hexdigest()))
            self.stored[file.name] = gzip.compress(content, mtime=0)
            self.arrays.append(array)
        self.files = tuple(files)
        self.downloads = tuple(
            (name, len(stored), hashlib.sha256(stored).hexdigest())
            for name, stored in self.stored.items()
        )

    def fill(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name, stored in self.stored.items():
            (folder / name).write_bytes(stored)
        return folder

    def check(self, loaded: Any) -> None:
        (x_train, y_train), (x_test, y_test) = loaded
        for array, expected in zip((x_train, y_train, x_test, y_test), self.arrays, strict=True):
            np.testing.assert_array_equal(array, expected)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """No network: a download fails unless the test provides one."""
    made = World(tmp_path)

    def no_download(url: str, path: Path, **_: object) -> None:
        raise DatasetError(f"no network for {url}.")

    monkeypatch.setenv("GALAGO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", made.debian)
    monkeypatch.setattr(fashion_mnist, "FULL_FILES", made.files)
    monkeypatch.setattr(fashion_mnist, "_DOWNLOADS", made.downloads)
    monkeypatch.setattr(download_module, "download", no_download)
    return made


@pytest.mark.parametrize("place", ["cache", "debian"])
def test_finds_the_full_set(world: World, place: str) -> None:
    world.fill(getattr(world, place))
    world.check(fashion_mnist.load_data())


def test_the_cache_comes_before_debian(world: World) -> None:
    world.fill(world.cache)
    world.fill(world.debian)
    (world.debian / world.files[0].name).write_bytes(b"never read")
    world.check(fashion_mnist.load_data())


def test_an_incomplete_cache_is_passed_over(world: World) -> None:
    world.fill(world.debian)
    world.fill(world.cache)
    (world.cache / world.files[2].name).unlink()
    world.check(fashion_mnist.load_data())


def test_the_path_given_comes_first(world: World, tmp_path: Path) -> None:
    world.fill(world.cache)
    (world.cache / world.files[0].name).write_bytes(b"never read")
    world.check(fashion_mnist.load_data(path=world.fill(tmp_path / "mine")))
    world.check(fashion_mnist.load_data(path=str(tmp_path / "mine")))


def test_downloads_what_is_missing_into_the_cache(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fake_download(url: str, path: Path, *, size: int, sha256: str) -> None:
        stored = world.stored[path.name]
        assert (size, sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored)
        asked.append(url)

    monkeypatch.setattr(download_module, "download", fake_download)
    world.check(fashion_mnist.load_data())
    assert asked == [fashion_mnist._ADDRESS + file.name for file in world.files]
    assert all(url.startswith("https://") for url in asked)
    world.check(fashion_mnist.load_data())
    assert len(asked) == 4


def test_without_any_source_both_ways_are_named(world: World) -> None:
    with pytest.raises(DatasetError) as caught:
        fashion_mnist.load_data()
    message = str(caught.value)
    assert f"in {world.cache} or {world.debian}, found neither, and the download failed" in message
    assert "no network for https://" in message
    assert "apt install dataset-fashion-mnist" in message
    assert "or allow the download, or put train-images-idx3-ubyte.gz, " in message
    assert "load_data(subset=True) needs none of this" in message


@pytest.mark.parametrize("place", ["cache", "debian", "mine"])
def test_wrong_bytes_are_refused_wherever_they_are(
    world: World, place: str, tmp_path: Path
) -> None:
    folder = world.fill({"cache": world.cache, "debian": world.debian}.get(place, tmp_path / place))
    name, shape = world.files[1].name, world.files[1].shape
    (folder / name).write_bytes(gzip.compress(idx_header(shape) + bytes(5)))
    with pytest.raises(DatasetError, match=f"{name} to have SHA-256 .*, received .*replace"):
        fashion_mnist.load_data(path=folder if place == "mine" else None)


def test_a_path_without_the_files(world: World, tmp_path: Path) -> None:
    folder = world.fill(tmp_path / "mine")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    message = f"four Fashion-MNIST files in the folder {folder}, received one without t10k-labels"
    with pytest.raises(DatasetError, match=message):
        fashion_mnist.load_data(path=folder)


def test_subset_and_path_contradict_each_other() -> None:
    with pytest.raises(ValueError, match=r"subset=True or path=, received both \(path='there'\)"):
        fashion_mnist.load_data(subset=True, path="there")
