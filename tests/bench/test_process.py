"""A worker's process, from its start to its end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from galago.bench.process import ContestantError, Process, orderly_end
from galago.bench.run import make_work


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "work.npz"
    make_work("dense_baseline")[0].save(path)
    return path


@pytest.fixture
def worker(work: Path) -> Iterator[Process]:
    with Process(sys.executable, "own", work, 1, {}, {"GALAGO_ISA": "scalar"}) as process:
        yield process


def test_its_environment_and_its_answers(worker: Process) -> None:
    assert worker.start().startswith("Galago ")
    trained = worker.ask("prepare_train", batch=16)
    assert 0 < trained["loss"] < 3 and trained["seconds"] > 0
    sample = worker.ask("train", steps=10)
    assert sample["timing"]["seconds"] > 0
    assert sample["loss"] < trained["loss"]
    assert worker.ask("prepare_infer", batch=48)["error"] == 0
    sample = worker.ask("infer", seconds=0.05)
    assert sample["least"] <= sample["timing"]["seconds"] <= sample["p99"]
    assert sample["calls"] >= 1


def test_settings_reach_it(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAGO_ISA", "reference")
    with Process(sys.executable, "own", work, 1, {}, {"GALAGO_ISA": "scalar"}) as process:
        assert process.start().endswith("(scalar)")


def test_it_is_gone_afterwards(work: Path) -> None:
    with Process(sys.executable, "own", work, 1, {}, {}) as process:
        process.start()
    assert process._process.returncode is not None


_WAITING = """
import signal, sys, time
from pathlib import Path
from galago.bench.process import Process, orderly_end
for number in signal.SIGTERM, signal.SIGHUP:  # ignored, if the tests were started by nohup
    signal.signal(number, signal.SIG_DFL)
with orderly_end(), Process(sys.executable, "own", Path(sys.argv[1]), 1, {}, {}) as process:
    process.start()
    print(process._process.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_is_gone_when_its_parent_is_ended(work: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", _WAITING, str(work)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = Path("/proc", parent.stdout.readline().strip())
        assert (worker / "stat").exists()
        parent.send_signal(number)
        assert parent.wait(30) == 128 + number
    assert not worker.exists()


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly_end():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_framework_that_is_not_there_says_so(work: Path) -> None:
    with Process(sys.executable, "nowhere", work, 1, {}, {}) as process:
        with pytest.raises(ContestantError, match=r"No module named 'galago.*nowhere'"):
            process.start()
        with pytest.raises(ContestantError, match="exit status 1"):
            process.ask("prepare_train", batch=32)


def test_it_stands_still_while_nobody_asks(worker: Process) -> None:
    def state() -> str:
        stat = Path(f"/proc/{worker._process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]

    worker.start()
    assert _becomes(state, "T")
    worker.ask("prepare_infer", batch=1)
    assert _becomes(state, "T")


def _becomes(state: Callable[[], str], wanted: str) -> bool:
    """Wait for a signal to arrive."""
    deadline = time.monotonic() + 5
    while state() != wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    return state() == wanted
