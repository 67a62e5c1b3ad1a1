"""The script that builds the subset, on a small set of its own."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from galago.datasets import fashion_mnist
from galago.datasets.idx import idx_header
from galago.datasets.published import PublishedFile

SCRIPT = Path(__file__).parents[2] / "tools" / "make_fashion_mnist_subset.py"


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_fashion_mnist_subset", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def source(tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A full set of 40 + 30 images, of which the script takes 2 + 1 a class."""
    generator = np.random.default_rng(3)
    arrays: list[NDArray[np.uint8]] = []
    for per_class in (4, 3):
        labels = generator.permutation(np.repeat(np.arange(10, dtype=np.uint8), per_class))
        arrays += [generator.integers(0, 256, (len(labels), 28, 28), dtype=np.uint8), labels]
    chosen: list[NDArray[np.uint8]] = []
    for images, labels, count in ((arrays[0], arrays[1], 2), (arrays[2], arrays[3], 1)):
        seen = np.zeros(10, int)
        rows = []
        for row, label in enumerate(labels):  # the rule, in words: the first of each class
            if seen[label] < count:
                rows.append(row)
            seen[label] += 1
        chosen += [images[rows], labels[rows]]
    folder = tmp_path / "source"
    folder.mkdir()
    files: dict[str, list[PublishedFile]] = {}
    for key, list_of_arrays in (("full", arrays), ("subset", chosen)):
        files[key] = []
        for old, array in zip(fashion_mnist.SUBSET_FILES, list_of_arrays, strict=True):
            content = idx_header(array.shape) + array.tobytes()
            digest = hashlib.sha256(content).hexdigest()
            files[key].append(PublishedFile(old.name, array.shape, digest, 0, ""))
            if key == "full":
                (folder / old.name).write_bytes(gzip.compress(content))
    full = dataclasses.replace(fashion_mnist.FULL_SET, files=tuple(files["full"]))
    monkeypatch.setattr(fashion_mnist, "FULL_SET", full)
    monkeypatch.setattr(fashion_mnist, "SUBSET_FILES", tuple(files["subset"]))
    monkeypatch.setattr(script, "TRAIN_PER_CLASS", 2)
    monkeypatch.setattr(script, "TEST_PER_CLASS", 1)
    return folder


def test_first_of_each_class_keeps_the_order(script: ModuleType) -> None:
    labels = np.array([*range(10), 3, 3, *range(10)], np.uint8)
    chosen = script.first_of_each_class(labels, 2)
    assert chosen.tolist() == [*range(11), *range(12, 15), *range(16, 22)]


def test_what_it_writes_is_what_the_package_reads(
    script: ModuleType, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "output"
    output.mkdir()
    options = ["--source", str(source), "--output", str(output)]
    assert script.main(options) == 0
    assert script.main([*options, "--check"]) == 0
    monkeypatch.setattr(fashion_mnist, "SUBSET_FOLDER", output)
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data(subset=True)
    assert np.bincount(y_train).tolist() == [2] * 10
    assert np.bincount(y_test).tolist() == [1] * 10
    assert (len(x_train), len(x_test)) == (20, 10)


def test_runs_agree_to_the_bit(script: ModuleType, source: Path, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert script.main(["--source", str(source), "--output", str(tmp_path / name)]) == 0
        written.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert len(written[0]) == 4
    assert written[0] == written[1]


def test_check_notices_a_difference(
    script: ModuleType, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--source", str(source), "--output", str(tmp_path)]
    assert script.main(options) == 0
    labels = tmp_path / "t10k-labels-idx1-ubyte.gz"
    labels.write_bytes(gzip.compress(idx_header((10,)) + bytes(10)))
    assert script.main([*options, "--check"]) == 1
    assert str(labels) in capsys.readouterr().out


def test_check_notices_a_changed_rule(
    script: ModuleType,
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--source", str(source), "--output", str(tmp_path)]
    assert script.main(options) == 0
    monkeypatch.setattr(script, "TEST_PER_CLASS", 2)
    assert script.main([*options, "--check"]) == 1
    assert "built SHA-256" in capsys.readouterr().out
