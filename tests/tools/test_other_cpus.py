"""Jobs on emulated CPUs: what counts as failed, and how it is said."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import arm64
import other_cpus
import pytest
from other_cpus import Job


def job(script: str, expected: list[str] | None = None) -> Job:
    """A job on this CPU."""
    return Job("a job", [sys.executable, "-c", script], expected, {"NAME": "value"})


def test_differences() -> None:
    assert other_cpus.differences(["a", "b"], ["a", "b"]) == []
    assert other_cpus.differences(["a", "x"], ["a", "b"]) == ["expected 'b', received 'x'"]
    assert other_cpus.differences(["a"], ["a", "b"]) == ["expected 'b', received ''"]
    assert other_cpus.differences(["a", "b"], ["a"]) == ["received more: 'b'"]


def test_a_job_that_prints_what_is_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert other_cpus.run(job("import os; print(os.environ['NAME'])", ["value"])) == []
    assert other_cpus.run(job("print('not compared')")) == []
    assert re.fullmatch(r"(passed in +\d+ s: a job\n){2}", capsys.readouterr().out)


def test_a_job_that_prints_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert other_cpus.run(job("print('b')", ["a"])) == ["expected 'a', received 'b'"]
    out = capsys.readouterr().out
    assert re.fullmatch(r"FAILED in +\d+ s: a job\n    expected 'a', received 'b'\n", out)


def test_an_illegal_instruction_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    script = "import os, signal; print('so far', flush=True); os.kill(os.getpid(), signal.SIGILL)"
    assert other_cpus.run(job(script))[:2] == ["ended with -4", "so far"]
    assert "FAILED" in capsys.readouterr().out


def test_every_job_runs_a_file_that_exists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(arm64, "interpreter", lambda: tmp_path / "python3.11")
    jobs = [*other_cpus.neon_jobs(["own"]), *other_cpus.old_jobs(["own"])]
    assert {job.expected[-1] for job in jobs if job.expected} == {
        "own",
        "# scalar in use, of scalar",
    }
    files = {word for job in jobs for word in job.command if word.endswith(".py")}
    assert len(files) > 4
    assert all((other_cpus.PROJECT / file).is_file() for file in files)
