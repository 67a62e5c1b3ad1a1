"""What is compiled for an ISA exports one symbol.

An inline function that the linker merges across ISAs may come from the widest one and crash a CPU
that lacks it; see engine/kernels/isa/isa.inl.h.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from sessions import ISAS

BUILD = Path(__file__).parents[2] / "build"


def newest_object(isa: str) -> Path:
    """The object file that the last build made of isa/<isa>.cpp."""
    objects = list(BUILD.glob(f"**/isa/{isa}.cpp.o"))
    if not objects:
        pytest.fail(f"Expected a build of isa/{isa}.cpp below {BUILD}; found none. Run `make`.")
    return max(objects, key=lambda path: path.stat().st_mtime)


@pytest.mark.parametrize("isa", ISAS)
def test_an_isa_exports_one_symbol(isa: str) -> None:
    command = ["nm", "--defined-only", "--extern-only", "-C", str(newest_object(isa))]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    symbols = [line.split(maxsplit=2)[2] for line in listing.splitlines() if line.strip()]
    assert symbols == [f"galago::{isa}_kernels()"]
