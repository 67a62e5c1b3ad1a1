"""The folder of checkpoints: two are kept, and one that is damaged is passed over."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from galago.errors import ArgumentError, FileFormatError, GalagoWarning
from galago.saving.generations import Generations


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.npz"))


def filled(folder: Path, count: int, keep: int = 2) -> Generations:
    made = Generations(folder, keep)
    with made.open("test"):
        for number in range(count):
            made.write({"number": number})
    return made


def newest(folder: Path) -> Any:
    made = Generations(folder, 2)
    with made.open("test"):
        return made.newest()


def test_the_newest_two_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    filled(folder, 3)
    assert names(folder) == ["checkpoint-00000002.npz", "checkpoint-00000003.npz"]
    assert newest(folder) == {"number": 2}


def test_or_one(tmp_path: Path) -> None:
    filled(tmp_path, 3, keep=1)
    assert names(tmp_path) == ["checkpoint-00000003.npz"]


def test_none(tmp_path: Path) -> None:
    assert newest(tmp_path) is None


def test_a_damaged_one_is_passed_over_and_goes_first(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    (tmp_path / "checkpoint-00000002.npz").write_bytes(b"PK")
    made = Generations(tmp_path, 2)
    with made.open("test"):
        with pytest.warns(GalagoWarning, match="00002.npz: expected a zip.*before: checkpoint-0"):
            assert made.newest() == {"number": 0}
        made.write({"number": 7})
    assert names(tmp_path) == ["checkpoint-00000001.npz", "checkpoint-00000003.npz"]
    assert newest(tmp_path) == {"number": 7}


def test_all_damaged(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"")
    with pytest.raises(FileFormatError, match=r"There is no other.*To begin anew, choose another"):
        newest(tmp_path)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failing_write_leaves_the_others(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = filled(tmp_path, 2)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def failing(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "simulated failure")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="simulated failure"):
        patch.setattr(os, step, failing)
        made.write({"number": 9})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_leftovers_of_a_killed_process_go(tmp_path: Path) -> None:
    (tmp_path / ".galago-0123456789abcdef.tmp").write_bytes(b"half")
    filled(tmp_path, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "checkpoint-00000001.npz"]


def test_only_its_own_files_are_deleted(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    filled(one, 2).delete()
    assert not one.exists()
    made = filled(two, 2)
    (two / "notes-checkpoint-00000001.npz").write_text("mine")
    made.delete()
    assert [path.name for path in two.iterdir()] == ["notes-checkpoint-00000001.npz"]


def test_another_training_is_kept_out(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    code = (
        "import sys; from pathlib import Path; from galago.saving.generations import Generations\n"
        "with Generations(Path(sys.argv[1]), 2).open('test'): print('in', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with pytest.raises(ArgumentError, match="belong to a training that is still running"):
            newest(tmp_path)
        other.kill()
    assert newest(tmp_path) == {"number": 0}
