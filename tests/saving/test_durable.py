"""A write that fails at any step leaves the old file and no temporary one."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from galago.saving.durable import durable_writer, remove_leftovers

OLD, NEW = b"old content", b"new content, longer than the old one"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(OLD)
    return path


def write(path: Path, content: bytes = NEW) -> None:
    with durable_writer(path) as file:
        file.write(content)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def failing(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.EIO, "simulated failure")


def test_writes_a_new_file_and_replaces_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    write(path, OLD)
    assert path.read_bytes() == OLD
    write(path, NEW)
    assert path.read_bytes() == NEW
    assert names(tmp_path) == ["model.bin"]


def test_nothing_is_visible_before_the_end(target: Path) -> None:
    with durable_writer(target) as file:
        file.write(NEW)
        file.flush()
        assert target.read_bytes() == OLD
        file.seek(0)
        assert file.read() == NEW
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failing_step_keeps_the_old_file(
    target: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, step, failing)
    with pytest.raises(OSError, match="simulated failure"):
        write(target)
    assert target.read_bytes() == OLD
    assert names(target.parent) == ["model.bin"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failing_step_leaves_no_file_where_none_was(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, step, failing)
    with pytest.raises(OSError, match="simulated failure"):
        write(tmp_path / "model.bin")
    assert names(tmp_path) == []


def test_a_refused_write_keeps_the_old_file(target: Path) -> None:
    # A limit on the size of files makes the real write() fail, as a full disk would.
    script = (
        "import resource, sys\n"
        "from galago.saving.durable import durable_writer\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "with durable_writer(sys.argv[1]) as file:\n"
        "    file.write(b'x' * 100_000)\n"
    )
    result = run(script, target)
    assert result.returncode == 1
    assert "File too large" in result.stderr
    assert target.read_bytes() == OLD
    assert names(target.parent) == ["model.bin"]


@pytest.mark.parametrize("error", [ValueError("in the block"), KeyboardInterrupt("in the block")])
def test_an_error_in_the_block_keeps_the_old_file(target: Path, error: BaseException) -> None:
    with pytest.raises(type(error), match="in the block"), durable_writer(target) as file:
        file.write(NEW)
        raise error
    assert target.read_bytes() == OLD
    assert names(target.parent) == ["model.bin"]


def test_syncs_content_then_renames_then_syncs_folder(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def recorded_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("sync folder" if is_folder else f"sync {os.fstat(descriptor).st_size} bytes")
        fsync(descriptor)

    def recorded_replace(source: Path, destination: Path) -> None:
        steps.append("rename")
        replace(source, destination)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "replace", recorded_replace)
    write(target)
    assert steps == [f"sync {len(NEW)} bytes", "rename", "sync folder"]


@pytest.mark.parametrize(
    ("code", "reported"), [(errno.EIO, True), (errno.EINVAL, False), (errno.ENOTSUP, False)]
)
def test_a_folder_that_cannot_be_synced(
    target: Path, code: int, reported: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def no_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, "simulated failure")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", no_folders)
    if reported:
        with pytest.raises(OSError, match="simulated failure"):
            write(target)
    else:
        write(target)
    assert target.read_bytes() == NEW  # renamed already: the new file, never neither
    assert names(target.parent) == ["model.bin"]


def test_a_killed_writer_leaves_the_old_file(target: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from galago.saving.durable import durable_writer\n"
        "with durable_writer(sys.argv[1]) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert run(script, target).returncode == -signal.SIGKILL
    assert target.read_bytes() == OLD
    assert len(names(target.parent)) == 2
    remove_leftovers(target.parent)
    assert names(target.parent) == ["model.bin"]


def test_keeps_permissions_and_gives_new_files_the_usual_ones(tmp_path: Path) -> None:
    plain, fresh = tmp_path / "plain", tmp_path / "fresh"
    plain.write_bytes(b"")
    write(fresh)
    assert fresh.stat().st_mode == plain.stat().st_mode
    fresh.chmod(0o640)
    write(fresh)
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o640


def test_a_link_stays_a_link(target: Path) -> None:
    link = target.with_name("latest.bin")
    link.symlink_to(target.name)
    write(link)
    assert link.is_symlink()
    assert target.read_bytes() == NEW


def test_a_name_as_long_as_the_folder_allows(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write(path)
    assert path.read_bytes() == NEW


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [make_folder, make_pipe])
def test_refuses_what_is_not_a_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "thing"
    make(path)
    with pytest.raises(OSError, match="Expected a file to replace, found a folder, device or pipe"):
        write(path)
    assert names(tmp_path) == ["thing"]


def test_refuses_a_read_only_file(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Patched, not chmod: the administrator may write to read-only files.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"read-only. Choose another name or unprotect it"):
        write(target)
    assert target.read_bytes() == OLD


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"does not exist. Make it first.*nowhere'"):
        write(tmp_path / "nowhere" / "model.bin")


def test_leftovers_are_only_our_own(tmp_path: Path) -> None:
    keep = ["notes.tmp", ".galago-settings", "model.bin"]
    for name in [*keep, ".galago-0123456789abcdef.tmp"]:
        (tmp_path / name).write_bytes(b"")
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted(keep)


def run(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
