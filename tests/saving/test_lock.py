"""The lock on a folder, whose file may go away."""

from __future__ import annotations

from pathlib import Path

from galago.saving.lock import held_lock


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with held_lock(path, timeout=0) as first:
        assert first
        with held_lock(path, timeout=0.06) as second:
            assert not second
    with held_lock(path, timeout=0) as again:
        assert again


def test_a_lock_on_a_file_that_was_deleted_counts_no_more(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with held_lock(path, timeout=0):
        path.unlink()
        with held_lock(path, timeout=0) as other:
            assert other
