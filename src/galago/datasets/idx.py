"""IDX, the file format of the MNIST family: a magic number, the sizes, then the bytes.

Source: "The IDX file format" in the description of the MNIST database.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galago.errors import DatasetError

_UINT8 = 0x08


@dataclass(frozen=True)
class IdxFile:
    """A published gzip-compressed IDX file of uint8 values, pinned to its content.

    name: file name inside its folder. shape: of the array it holds.
    sha256: of the decompressed bytes, since packagers compress the same bytes again.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    def read(self, folder: Path) -> NDArray[np.uint8]:
        """Return the array, a writable one, from the file of this name in ``folder``.

        Memory is bounded by ``shape``, whatever the file says. Raises ``DatasetError`` when the
        file is missing, is not gzip, or its content differs from the published one in any bit.
        """
        path = folder / self.name
        header = idx_header(self.shape)
        content = _decompress(path, len(header) + math.prod(self.shape))
        if not content.startswith(header):
            raise DatasetError(
                f"Expected an IDX header of uint8 values of shape {self.shape} in {path}, received "
                f"the bytes {content[: len(header)].hex()}. Replace the file by the published one."
            )
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise DatasetError(
                f"Expected the decompressed content of {path} to have SHA-256 {self.sha256}, "
                f"received {digest}. The file is damaged or belongs to another data set: replace "
                "it by the published one."
            )
        return np.frombuffer(content, np.uint8, offset=len(header)).reshape(self.shape)


def idx_header(shape: tuple[int, ...]) -> bytes:
    """Return the header of an IDX file of uint8 values: 00 00 type rank, then big-endian sizes.

    >>> idx_header((60000,)).hex()
    '000008010000ea60'
    """
    return bytes([0, 0, _UINT8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)


def _decompress(path: Path, size: int) -> bytearray:
    """Return the content of a gzip file that must hold exactly ``size`` bytes."""
    try:
        stored = path.stat().st_size
        # Deflate adds 5 bytes to a 64 KiB block that it cannot shrink; the rest is for the header.
        if stored > size + size // 1000 + 1024:
            raise DatasetError(
                f"Expected {path} to hold {size} bytes in compressed form, received a file of "
                f"{stored} bytes. Replace the file by the published one."
            )
        content = bytearray(size)
        with gzip.open(path) as file:
            received = file.readinto(content)
            received += len(file.read(1))  # also makes gzip compare its own checksum
    except DatasetError:
        raise
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"Expected {path} to be a readable gzip file, received: {error}. "
            "Replace the file by the published one."
        ) from error
    if received != size:
        found = "more" if received > size else str(received)
        raise DatasetError(
            f"Expected {size} bytes in {path} after decompression, received {found}. "
            "Replace the file by the published one."
        )
    return content
