"""TensorBoard's files, read by a reader of our own; TensorFlow reads them in test_parity."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from event_reader import crc, read, records

from galago.saving.crc32c import crc32c, masked_crc32c
from galago.saving.event_file import EventFile, histogram, model_graph, record, scalar


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_checksums_of_rfc_3720(content: bytes, expected: int) -> None:
    assert crc32c(content) == expected


def test_masked_checksums() -> None:
    for size in (0, 1, 7, 300):
        content = np.random.default_rng(size).bytes(size)
        assert masked_crc32c(content) == crc(content)
        assert list(records(record(content))) == [content]


def test_values(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "train")
    assert not (tmp_path / "train").exists()
    file.write([scalar("epoch_loss", 0.1), scalar("epoch_accuracy", 1)], 3)
    assert len(read(tmp_path / "train")) == 2  # there at once, for whoever looks
    file.write([model_graph("keras", '{"é": 1}')], 0)
    file.write([histogram("dense/kernel", np.arange(60.0).reshape(6, 10))], 2**40)
    loss, accuracy, model, weights = read(tmp_path / "train")
    assert loss[:3] == ("epoch_loss", 3, "scalars") and loss.value == np.float32(0.1)
    assert accuracy.value.dtype == np.float32 and accuracy.value.shape == ()
    assert model == ("keras", 0, "graph_keras_model", '{"é": 1}')
    assert weights[:3] == ("dense/kernel", 2**40, "histograms")
    assert weights.value.shape == (30, 3)


def buckets(values: list[float]) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        EventFile(folder).write([histogram("h", np.array(values, np.float32))], 0)
        found: np.ndarray = read(Path(folder))[0].value
        return found


def test_histograms() -> None:
    found = buckets([0.0, 0.5, 1.0, 30.0])
    np.testing.assert_array_equal(found[:, 0], np.arange(30.0))
    np.testing.assert_array_equal(found[:, 1], np.arange(1.0, 31.0))
    assert found[:, 2].tolist() == [2, 1, *[0] * 27, 1]


def test_histograms_of_equal_values_and_of_none() -> None:
    equal = buckets([2.5] * 7)
    assert (equal[:, :2] == 2.5).all() and equal[:, 2].tolist() == [0] * 29 + [7]
    assert buckets([float("nan"), float("inf"), 1.0, 1.0])[-1].tolist() == [1, 1, 2]
    assert buckets([float("nan")]).shape == (0, 3)


def test_two_files_of_one_second_have_two_names(tmp_path: Path) -> None:
    for _ in range(3):
        EventFile(tmp_path).write([scalar("x", 1)], 0)
    assert len(list(tmp_path.iterdir())) == 3
    assert all(".tfevents." in path.name for path in tmp_path.iterdir())
