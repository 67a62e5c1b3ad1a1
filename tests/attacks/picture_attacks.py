"""Pictures that are bombs, lie about their size, or are something else under a picture's name."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from attack import Attack, Attacks, Maker
from PIL import Image

from galago.errors import DatasetError

MB = 1 << 20
LOAD, FOLDER = "load_img", "image_dataset_from_directory"
MOST = "89,478,485 pixels at most"


def encoded(kind: str, size: tuple[int, int] = (16, 16), mode: str = "RGB", **how: Any) -> bytes:
    """A good picture."""
    content = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 255, (*size[::-1], 3), np.uint8)
    Image.fromarray(pixels).convert(mode).save(content, kind, **how)
    return content.getvalue()


def of_bytes(name: str, content: bytes) -> Maker:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def in_folder(make: Maker) -> Maker:
    """A folder of two classes; the picture is one of the first."""

    def make_folder(folder: Path) -> Path:
        root = folder / "pictures"
        for name in ("cats", "dogs"):
            (root / name).mkdir(parents=True)
            (root / name / "good.png").write_bytes(encoded("PNG"))
        make(root / "cats")
        return root

    return make_folder


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width: int, height: int, *chunks: bytes, depth: int = 8, color: int = 0) -> bytes:
    """A PNG of chunks, behind a header that may lie."""
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def black(count: int) -> bytes:
    """So many bytes of nothing, compressed."""
    return chunk(b"IDAT", zlib.compress(bytes(count), 9))


def gif(width: int, height: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
        + bytes(6)
        + (b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00;")
    )


def bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def jpeg(width: int, height: int) -> bytes:
    """A good JPEG that says that it is another size."""
    content = bytearray(encoded("JPEG"))
    frame = content.index(b"\xff\xc0")
    struct.pack_into(">HH", content, frame + 5, height, width)
    return bytes(content)


def changed(kind: str, change: Callable[[bytearray], Any]) -> bytes:
    content = bytearray(encoded(kind))
    change(content)
    return bytes(content)


def cut(kind: str) -> bytes:
    content = encoded(kind)
    return content[: len(content) // 2]


def loaded(name: str, content: bytes, words: str) -> Attack:
    return Attack(of_bytes(name, content), words, DatasetError, LOAD)


def listed(name: str, content: bytes, words: str = "found a file that is none") -> Attack:
    return Attack(in_folder(of_bytes(name, content)), words, DatasetError, FOLDER)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n%%EOF\n"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript>>>>endobj\n%%EOF"
NO_PICTURE = "expected a JPEG, PNG, BMP, GIF or WEBP picture, found none"

OTHERS = {
    "SVG": SVG,
    "EPS": EPS,
    "PDF": PDF,
    "a pickle": b"\x80\x04cos\nsystem\n(S'id'\ntR.",
    "HTML": b"<html><script>alert(1)</script></html>",
    "TIFF": encoded("TIFF"),
    "ICO": encoded("ICO"),
    "PPM": encoded("PPM"),
    "TGA": encoded("TGA"),
    "PCX": encoded("PCX"),
    "JPEG 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(99),
    "nothing": b"",
    "zeros": bytes(999),
}

ATTACKS: Attacks = {
    **{f"{what} as PNG": loaded("a.png", text, NO_PICTURE) for what, text in OTHERS.items()},
    "a PNG of 2^31 - 1 pixels a side": loaded("a.png", png(2**31 - 1, 2**31 - 1, black(99)), MOST),
    "a PNG of 30,000 pixels a side": loaded("a.png", png(30_000, 30_000, black(MB)), MOST),
    "a PNG of 0 pixels": loaded("a.png", png(0, 0, black(9)), "a.png: "),
    "a PNG without pixels": loaded("a.png", png(16, 16), "cannot be read"),
    "a PNG of fewer pixels": loaded("a.png", png(16, 16, black(20)), "cannot be read"),
    "a PNG whose text is a bomb": loaded(
        "a.png",
        png(
            *(16, 16),
            chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(64 * MB), 9)),
            black(16 * 17),
        ),
        "cannot be read",
    ),
    "a PNG whose profile is a bomb": loaded(
        "a.png",
        png(
            *(16, 16),
            chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(64 * MB), 9)),
            black(16 * 17),
        ),
        "a.png: ",
    ),
    "a PNG of a chunk of 2^31 bytes": loaded(
        "a.png",
        png(16, 16)[:33] + struct.pack(">I", 0x7FFFFFFF) + b"IDAT" + bytes(99),
        "cannot be read",
    ),
    "a JPEG of 65,535 pixels a side": loaded("a.jpg", jpeg(65535, 65535), MOST),
    "a JPEG of 0 pixels": loaded("a.jpg", jpeg(0, 16), "a.jpg: "),
    "a GIF of 65,535 pixels a side": loaded("a.gif", gif(65535, 65535), MOST),
    "a BMP of 2^31 pixels a side": loaded("a.bmp", bmp(2**31 - 1, -(2**31) + 1), MOST),
    "a BMP without pixels": loaded("a.bmp", bmp(100, 100), "cannot be read"),
    **{
        f"half a {kind}": loaded(f"a.{kind}", cut(kind), f"a.{kind}: ")
        for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")
    },
    "a pipe": Attack(
        lambda folder: (os.mkfifo(folder / "a.png"), folder / "a.png")[1],
        "a pipe",
        DatasetError,
        LOAD,
    ),
    "a folder called a.png": Attack(
        lambda folder: ((folder / "a.png").mkdir(), folder / "a.png")[1],
        "folder",
        DatasetError,
        LOAD,
    ),
    "a device": Attack(
        lambda folder: ((folder / "a.png").symlink_to("/dev/zero"), folder / "a.png")[1],
        "a device",
        DatasetError,
        LOAD,
    ),
    "a folder with an SVG": listed("a.png", SVG),
    "a folder with a bomb": listed("a.png", png(30_000, 30_000, black(MB))),
    "a folder with half a JPEG": listed("a.jpg", cut("JPEG")),
    "a folder with a pipe": Attack(
        in_folder(lambda folder: os.mkfifo(folder / "a.png")), "a pipe", DatasetError, FOLDER
    ),
    "a folder with a device": Attack(
        in_folder(lambda folder: (folder / "a.png").symlink_to("/dev/zero")),
        "a device",
        DatasetError,
        FOLDER,
    ),
    "a folder with a link to itself": Attack(
        in_folder(lambda folder: (folder / "again").symlink_to("..")), "", None, FOLDER
    ),
    "a folder with a text of a picture's name": listed("a.jpeg", b"hello"),
}
