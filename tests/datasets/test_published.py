"""Where a published set is looked for, what is checked, and what is said when it is nowhere."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import importlib
from pathlib import Path

import pytest
from small_set import SmallSet

from galago.datasets.idx import idx_header
from galago.errors import DatasetError

download_module = importlib.import_module("galago.datasets.download")


@pytest.mark.parametrize("place", ["cache", "debian"])
def test_finds_the_full_set(small_set: SmallSet, place: str) -> None:
    small_set.fill(getattr(small_set, place))
    small_set.check(small_set.set.load())


def test_the_cache_comes_before_debian(small_set: SmallSet) -> None:
    small_set.fill(small_set.cache)
    small_set.fill(small_set.debian)
    (small_set.debian / small_set.set.files[0].name).write_bytes(b"never read")
    small_set.check(small_set.set.load())


def test_an_incomplete_cache_is_passed_over(small_set: SmallSet) -> None:
    small_set.fill(small_set.debian)
    small_set.fill(small_set.cache)
    (small_set.cache / small_set.set.files[2].name).unlink()
    small_set.check(small_set.set.load())


def test_the_path_given_comes_first(small_set: SmallSet, tmp_path: Path) -> None:
    small_set.fill(small_set.cache)
    (small_set.cache / small_set.set.files[0].name).write_bytes(b"never read")
    small_set.check(small_set.set.load(small_set.fill(tmp_path / "mine")))


def test_downloads_what_is_missing_into_the_cache(
    small_set: SmallSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fake_download(url: str, path: Path, *, size: int, sha256: str) -> None:
        stored = small_set.stored[path.name]
        assert (size, sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored)
        asked.append(url)

    monkeypatch.setattr(download_module, "download", fake_download)
    small_set.check(small_set.set.load())
    assert asked == [small_set.set.address + file.name for file in small_set.set.files]
    assert all(url.startswith("https://") for url in asked)
    small_set.check(small_set.set.load())
    assert len(asked) == 4


def test_without_any_source_both_ways_are_named(small_set: SmallSet) -> None:
    with pytest.raises(DatasetError) as caught:
        small_set.set.load()
    message = str(caught.value)
    assert (
        f"in {small_set.cache} or {small_set.debian}, found neither, and the download failed"
        in message
    )
    assert "no network for https://" in message
    assert "apt install dataset-small" in message
    assert "or allow the download, or put train-images-idx3-ubyte.gz, " in message
    assert "load_data(subset=True) needs none of this" in message


@pytest.mark.parametrize("place", ["cache", "debian", "mine"])
def test_wrong_bytes_are_refused_wherever_they_are(
    small_set: SmallSet, place: str, tmp_path: Path
) -> None:
    folder = small_set.fill(getattr(small_set, place, tmp_path / place))
    name, shape = small_set.set.files[1].name, small_set.set.files[1].shape
    (folder / name).write_bytes(gzip.compress(idx_header(shape) + bytes(5)))
    with pytest.raises(DatasetError, match=f"{name} to have SHA-256 .*, received .*replace"):
        small_set.set.load(folder if place == "mine" else None)


def test_a_path_without_the_files(small_set: SmallSet, tmp_path: Path) -> None:
    folder = small_set.fill(tmp_path / "mine")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    message = f"four Small files in the folder {folder}, received one without t10k-labels"
    with pytest.raises(DatasetError, match=message):
        small_set.set.load(folder)


def test_a_set_that_is_no_package_of_debian(small_set: SmallSet) -> None:
    plain = dataclasses.replace(small_set.set, debian_folder=None, advice="")
    assert plain.folder() is None
    with pytest.raises(DatasetError) as caught:
        plain.load()
    message = str(caught.value)
    assert message.startswith(f"Expected Small in {small_set.cache}, found it not there, and the d")
    assert ". Either allow the download, or put train-images-idx3-ubyte.gz, " in message
    assert message.endswith(f" into {small_set.cache}.")
    small_set.fill(small_set.cache)
    small_set.check(plain.load())
