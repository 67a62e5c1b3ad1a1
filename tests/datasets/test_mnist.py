"""MNIST: its pins, its places, and Keras's file of it."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
from small_set import SmallSet

from galago import datasets
from galago.datasets import fashion_mnist, mnist
from galago.errors import DatasetError


def test_the_set_is_pinned() -> None:
    assert datasets.mnist is mnist
    files = mnist.FULL_SET.files
    assert [(f.name, f.shape) for f in files] == [
        (f.name, f.shape) for f in fashion_mnist.FULL_SET.files
    ]
    pins = {file.sha256 for file in files} | {file.stored_sha256 for file in files}
    pins |= {file.sha256 for file in fashion_mnist.FULL_SET.files} | {mnist.KERAS_FILE[1]}
    assert len(pins) == 13
    assert all(len(bytes.fromhex(pin)) == 32 for pin in pins)
    assert mnist.FULL_SET.address.startswith("https://")


def test_the_set_comes_from_the_usual_places(
    small_set: SmallSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = dataclasses.replace(mnist.FULL_SET, files=small_set.set.files)
    monkeypatch.setattr(mnist, "FULL_SET", few)
    cache = small_set.cache.with_name("mnist")
    with pytest.raises(DatasetError, match=f"Expected MNIST in {cache}, found it not there"):
        mnist.load_data()
    small_set.fill(cache)
    small_set.check(mnist.load_data())
    small_set.check(mnist.load_data(path=cache))
    (cache / few.files[0].name).unlink()
    with pytest.raises(DatasetError, match=f"four MNIST files in the folder {cache}"):
        mnist.load_data(path=str(cache))


@pytest.fixture
def keras_file(small_set: SmallSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras's file of the small set, pinned."""
    path = tmp_path / "mnist.npz"
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(path, **dict(zip(names, small_set.arrays, strict=True)))
    content = path.read_bytes()
    pin = len(content), hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(mnist, "KERAS_FILE", pin)
    return path


def test_kerass_file(small_set: SmallSet, keras_file: Path) -> None:
    small_set.check(mnist.load_data(path=keras_file))
    small_set.check(mnist.load_data(str(keras_file)))


@pytest.mark.parametrize("change", ["flip", "cut", "more"])
def test_other_bytes_than_kerass_are_refused(keras_file: Path, change: str) -> None:
    content = bytearray(keras_file.read_bytes())
    if change == "flip":
        content[200] ^= 1
    keras_file.write_bytes({"cut": content[:-1], "more": content + b"0"}.get(change, content))
    with pytest.raises(DatasetError, match=r"mnist.npz with SHA-256 .*, received .*\. Replace"):
        mnist.load_data(keras_file)


def test_kerass_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"mnist.npz, received: No such file .* leave it out"):
        mnist.load_data(path=tmp_path / "mnist.npz")
