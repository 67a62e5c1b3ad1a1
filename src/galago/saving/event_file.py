"""The files that TensorBoard reads: records with checksums, one event each.

Format: TFRecord (tensorflow/core/lib/io/record_writer.h); messages: tensorflow/core/util/
event.proto, framework/summary.proto and framework/tensor.proto.
"""

from __future__ import annotations

import itertools
import os
import platform
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.saving.crc32c import masked_crc32c
from galago.saving.protobuf import double, integer, nested, text

_VERSION, _WRITER = "brain.Event:2", "galago"
_SCALAR, _TENSOR = 1, 2
_FLOAT, _DOUBLE, _STRING = 1, 2, 7
#: Buckets of a histogram, as many as TensorFlow makes.
BUCKETS = 30
#: Tells apart the files of one process.
_numbers = itertools.count()


class EventFile:
    """A file that events are appended to; it appears with the first ones.

    Whole records go to the operating system at once, so that a running TensorBoard finds them.
    Nothing stays open between two calls.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._path: Path | None = None

    def write(self, values: Iterable[bytes], step: int) -> None:
        """Append an event for each value, a message of scalar(), histogram() or model_graph()."""
        events = [integer(2, step) + nested(5, nested(1, value)) for value in values]
        if self._path is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path = self._folder / _file_name()
            events.insert(0, text(3, _VERSION) + nested(10, text(1, _WRITER)))
        now = double(1, time.time())
        with open(self._path, "ab", buffering=0) as file:
            file.write(b"".join(record(now + event) for event in events))


def record(content: bytes) -> bytes:
    """Return a TFRecord.

    >>> len(record(b"abc"))
    19
    """
    size = struct.pack("<Q", len(content))
    checks = (struct.pack("<I", masked_crc32c(part)) for part in (size, content))
    return b"".join((size, next(checks), content, next(checks)))


def scalar(tag: str, value: float) -> bytes:
    """Return a number, as float32."""
    return _value(tag, _tensor(np.array(value, np.float32), _FLOAT), "scalars", _SCALAR)


def histogram(tag: str, values: npt.NDArray[Any]) -> bytes:
    """Return how often values lie in each of 30 buckets of equal width: (left, right, count)."""
    return _value(tag, _tensor(_buckets(values), _DOUBLE), "histograms", _TENSOR)


def model_graph(tag: str, config: str) -> bytes:
    """Return a model's configuration in Keras's JSON, which TensorBoard draws."""
    tensor = integer(1, _STRING) + nested(2, b"") + text(8, config)
    return _value(tag, tensor, "graph_keras_model", 0, b"1")


def _value(tag: str, tensor: bytes, plugin: str, data_class: int, content: bytes = b"") -> bytes:
    data = nested(1, text(1, plugin) + (nested(2, content) if content else b""))
    kind = integer(4, data_class) if data_class else b""
    return text(1, tag) + nested(8, tensor) + nested(9, data + kind)


def _tensor(array: npt.NDArray[Any], kind: int) -> bytes:
    shape = b"".join(nested(2, integer(1, size)) for size in array.shape)
    little = array.astype(array.dtype.newbyteorder("<"))
    return integer(1, kind) + nested(2, shape) + nested(4, little.tobytes())


def _buckets(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Buckets of the finite values; if all are equal, the last one of no width holds them."""
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return np.zeros((0, 3))
    low, high = finite.min(), finite.max()
    edges = np.linspace(low, high, BUCKETS + 1)
    counts = np.zeros(BUCKETS)
    if low == high:
        counts[-1] = finite.size
    else:
        counts = np.histogram(finite, edges)[0].astype(np.float64)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def _file_name() -> str:
    started, number = int(time.time()), next(_numbers)
    return f"events.out.tfevents.{started:010d}.{platform.node()}.{os.getpid()}.{number}.v2"
