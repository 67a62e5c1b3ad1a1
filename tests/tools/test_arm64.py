"""The part of arm64.py that fetches nothing: what it calls, and what it says when that fails."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import arm64
import pytest


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """A folder of its own with a Python in it, and a record of the commands instead of them."""
    recorded: list[tuple[str, ...]] = []

    def record(command: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[str]:
        recorded.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(arm64.subprocess, "run", record)
    monkeypatch.setattr(arm64, "FOLDER", tmp_path)
    monkeypatch.setattr(arm64, "ROOT", tmp_path / "root")
    binaries = tmp_path / "root" / "usr" / "bin"
    binaries.mkdir(parents=True)
    for name in ("python3", "python3.11", "python3.11-config"):
        (binaries / name).touch()
    return recorded


def test_packages_are_unpacked_not_installed(
    commands: list[tuple[str, ...]], tmp_path: Path
) -> None:
    archives = tmp_path / "apt" / "cache" / "archives"
    archives.mkdir(parents=True)
    (archives / "python3_arm64.deb").touch()
    arm64.unpack_python()
    assert [command[0] for command in commands] == ["apt-get", "apt-get", "dpkg-deb"]
    for command in commands[:2]:
        assert "--option=APT::Architecture=arm64" in command
        assert f"--option=Dir::State::status={tmp_path / 'apt' / 'status'}" in command
    assert "--download-only" in commands[1]
    assert commands[2][2:] == (str(archives / "python3_arm64.deb"), str(tmp_path / "root"))


def test_wheels_are_for_the_python_that_was_unpacked(commands: list[tuple[str, ...]]) -> None:
    arm64.install_dependencies()
    (command,) = commands
    assert {"--python-version=3.11", "--only-binary=:all:"} <= set(command)
    assert any(word.startswith("numpy") for word in command)
    assert any(word.startswith("pytest") for word in command)
    assert not any(word.startswith("galago") for word in command)  # no extras of its own
    assert arm64.emulated()[-1].endswith("/root/usr/bin/python3.11")


def test_without_a_python_it_says_what_to_do(
    commands: list[tuple[str, ...]], tmp_path: Path
) -> None:
    (tmp_path / "root" / "usr" / "bin" / "python3.11").unlink()
    with pytest.raises(SystemExit, match=r"No Python found in .*\. Delete .* and run make"):
        arm64.emulated()


def test_a_command_that_fails_is_named(
    commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 100)

    monkeypatch.setattr(arm64.subprocess, "run", fail)
    with pytest.raises(SystemExit, match=r"apt-get failed \(see above\): apt-get --quiet=2"):
        arm64.unpack_python()
