"""Where the cache is, and who may fill it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from galago.datasets.cache import cache_folder, folder_lock
from galago.errors import DatasetError

HOLD = """
import sys
from pathlib import Path
from galago.datasets.cache import folder_lock
with folder_lock(Path(sys.argv[1]), timeout=10):
    print("locked", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GALAGO_DATA_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_the_default_is_in_the_home_folder(tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "home" / ".cache" / "galago"


def test_the_xdg_folder_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "galago"


def test_a_relative_xdg_folder_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "xdg")
    assert cache_folder() == tmp_path / "home" / ".cache" / "galago"


def test_our_own_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("GALAGO_DATA_DIR", "~/data")
    assert cache_folder() == tmp_path / "home" / "data"


def test_no_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(DatasetError, match=r"Expected a home folder.*Set GALAGO_DATA_DIR"):
        cache_folder()


def test_the_lock_is_free_again(tmp_path: Path) -> None:
    for _ in range(2):
        with folder_lock(tmp_path, timeout=0):
            pass
    with pytest.raises(ZeroDivisionError), folder_lock(tmp_path, timeout=0):
        raise ZeroDivisionError
    with folder_lock(tmp_path, timeout=0):
        assert [entry.name for entry in tmp_path.iterdir()] == [".lock"]


def test_the_lock_excludes_a_second_holder(tmp_path: Path) -> None:
    message = r"Expected the lock .*\.lock within 0 s, but another process still holds it. Wait"
    with (
        folder_lock(tmp_path, timeout=0),
        pytest.raises(DatasetError, match=message),
        folder_lock(tmp_path, timeout=0),
    ):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    with pytest.raises(DatasetError, match="another process"), folder_lock(tmp_path, timeout=0.1):
        pass
    process.kill()
    process.communicate(timeout=60)
    with folder_lock(tmp_path, timeout=0):
        pass
