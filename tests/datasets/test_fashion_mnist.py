"""The set inside the package, and the full one's pins and places."""

from __future__ import annotations

import numpy as np
import pytest
from small_set import SmallSet

from galago import datasets
from galago.datasets import fashion_mnist
from galago.errors import DatasetError


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
    files = fashion_mnist.FULL_SET.files
    assert [file.shape for file in files] == [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
    pins = {file.sha256 for file in files} | {file.stored_sha256 for file in files}
    assert len(pins) == 8
    assert all(len(bytes.fromhex(pin)) == 32 for pin in pins)


def test_the_full_set_comes_from_the_usual_places(
    small_set: SmallSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fashion_mnist, "FULL_SET", small_set.set)
    assert fashion_mnist.full_set_folder() is None
    with pytest.raises(DatasetError, match="and the download failed"):
        fashion_mnist.load_data()
    small_set.fill(small_set.debian)
    assert fashion_mnist.full_set_folder() == small_set.debian
    small_set.check(fashion_mnist.load_data())
    mine = small_set.fill(small_set.cache.parent / "mine")
    small_set.check(fashion_mnist.load_data(path=str(mine)))


def test_subset_and_path_contradict_each_other() -> None:
    with pytest.raises(ValueError, match=r"subset=True or path=, received both \(path='there'\)"):
        fashion_mnist.load_data(subset=True, path="there")
