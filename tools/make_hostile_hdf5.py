"""Makes the HDF5 files of tests/attacks that the HDF5 library itself wrote: needs h5py.

python tools/make_hostile_hdf5.py
"""

from __future__ import annotations

import base64
import json
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import numpy as np

OUTPUT = Path(__file__).parents[1] / "tests" / "attacks" / "hdf5_files.json"
PLACE = "layers/conv2d/vars"
KERNEL = np.ones((3, 3, 1, 2), "<f4")


def external_link(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = h5py.ExternalLink("/etc/passwd", "/secret")


def external_group(file: h5py.File) -> None:
    file["layers"] = h5py.ExternalLink("other.h5", "/layers")


def soft_link(file: h5py.File) -> None:
    file["elsewhere"] = KERNEL
    file[f"{PLACE}/0"] = h5py.SoftLink("/elsewhere")


def soft_circle(file: h5py.File) -> None:
    file["layers"] = h5py.SoftLink("/layers")


def hard_link(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = KERNEL
    file[f"{PLACE}/1"] = file[f"{PLACE}/0"]


def hard_circle(file: h5py.File) -> None:
    group = file.create_group(PLACE)
    group["0"] = file["/"]


def external_storage(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", (64,), "u1", external=[("/etc/passwd", 0, 64)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout(shape=(64,), dtype="u1")
    layout[:] = h5py.VirtualSource("/etc/passwd", "secret", shape=(64,))
    file.create_virtual_dataset(f"{PLACE}/0", layout)


def gzip(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", data=np.zeros(100_000, "f4"), compression="gzip")


def lzf(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", data=np.zeros(1000, "f4"), compression="lzf")


def shuffled(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", data=np.zeros(1000, "f4"), shuffle=True)


def checksummed(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", data=np.zeros(1000, "f4"), fletcher32=True)


def chunked(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", (1 << 20, 1 << 20), "f4", chunks=(64, 64))


def resizable(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", (3, 3), "f4", maxshape=(None, None))


def filled_late(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", (1 << 30,), "f8", fillvalue=1.0)


def compact(file: h5py.File) -> None:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    group = file.create_group(PLACE)
    space = h5py.h5s.create_simple((4,))
    h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, space, plist)


def big_endian(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = KERNEL.astype(">f4")


def compound(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = np.zeros(3, [("a", "f4"), ("b", "i8")])


def texts(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", data=["a", "b"], dtype=h5py.string_dtype())


def ragged(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", (2,), h5py.vlen_dtype("f4"))


def reference(file: h5py.File) -> None:
    file[f"{PLACE}/1"] = KERNEL
    data = np.array([file[f"{PLACE}/1"].ref], h5py.ref_dtype)
    file.create_dataset(f"{PLACE}/0", data=data, dtype=h5py.ref_dtype)


def enumeration(file: h5py.File) -> None:
    file.create_dataset(f"{PLACE}/0", data=[True, False])


def complex_numbers(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = np.zeros(3, "c8")


def opaque(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = np.zeros(3, "V16")


def array_type(file: h5py.File) -> None:
    group = file.create_group(PLACE)
    kind = h5py.h5t.array_create(h5py.h5t.IEEE_F32LE, (1 << 20,))
    h5py.h5d.create(group.id, b"0", kind, h5py.h5s.create_simple((1,)))


def named_type(file: h5py.File) -> None:
    file["kind"] = np.dtype("f4")
    file.create_dataset(f"{PLACE}/0", data=KERNEL, dtype=file["kind"])


def long_double(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = np.zeros(3, np.longdouble)


def null_space(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = h5py.Empty("f4")


def many_attributes(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = KERNEL
    for number in range(300):
        file[f"{PLACE}/0"].attrs[f"{number}"] = number


def long_attribute(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = KERNEL
    file[f"{PLACE}/0"].attrs["dtype"] = "x" * 60_000


MAKERS: tuple[Callable[[h5py.File], None], ...] = (
    external_link,
    external_group,
    soft_link,
    soft_circle,
    hard_link,
    hard_circle,
    external_storage,
    virtual,
    gzip,
    lzf,
    shuffled,
    checksummed,
    chunked,
    resizable,
    filled_late,
    compact,
    big_endian,
    compound,
    texts,
    ragged,
    reference,
    enumeration,
    complex_numbers,
    opaque,
    array_type,
    named_type,
    long_double,
    null_space,
    many_attributes,
    long_attribute,
)
#: How the library opens a file for writing, for files that differ as a whole.
WHOLE: Mapping[str, dict[str, object]] = {
    "latest": {"libver": "latest"},
    "version_18": {"libver": ("v108", "v108")},
    "user_block": {"userblock_size": 512},
    "ordered": {"track_order": True},
    "paged": {"fs_strategy": "page"},
}


def made(fill: Callable[[h5py.File], None], options: dict[str, object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.h5"
        with h5py.File(path, "w", **options) as file:
            fill(file)
        return path.read_bytes()


def plain(file: h5py.File) -> None:
    file[f"{PLACE}/0"] = KERNEL


def main() -> None:
    files = {fill.__name__: made(fill, {}) for fill in MAKERS}
    files |= {name: made(plain, options) for name, options in WHOLE.items()}
    packed = {
        name: base64.b64encode(zlib.compress(content, 9)).decode()
        for name, content in files.items()
    }
    OUTPUT.write_text(json.dumps(packed, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
