"""Downloads against a server that truncates, lies, stalls and redirects."""

from __future__ import annotations

import email.message
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
import urllib.request
import urllib.response
from pathlib import Path
from typing import Any

import pytest

from galago.datasets import download as module
from galago.datasets.download import download, https_opener
from galago.errors import DatasetError

SCRIPT = """
import hashlib, sys, urllib.request
from pathlib import Path
from galago.datasets.download import download
url, path, size, sha256 = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print("ready", flush=True)
download(url, Path(path), size=int(size), sha256=sha256, opener=opener)
"""


class Fetch:
    """``fetch(page)`` downloads that page to ``path`` and expects the right body."""

    def __init__(self, server: Any, opener: Any, body: bytes, path: Path) -> None:
        self.server, self.opener, self.body, self.path = server, opener, body, path
        self.sha256 = hashlib.sha256(body).hexdigest()

    def __call__(self, page: str) -> None:
        download(
            self.server.address + page,
            self.path,
            size=len(self.body),
            sha256=self.sha256,
            opener=self.opener,
        )

    def process(self, page: str) -> subprocess.Popen[str]:
        arguments = [self.server.address + page, str(self.path), str(len(self.body)), self.sha256]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kept(self) -> list[str]:
        return sorted(entry.name for entry in self.path.parent.iterdir() if entry.name != ".lock")


@pytest.fixture
def fetch(server: Any, opener: Any, body: bytes, tmp_path: Path) -> Fetch:
    return Fetch(server, opener, body, tmp_path / "cache" / "set" / "file.bin")


def test_downloads_into_a_new_folder(fetch: Fetch) -> None:
    fetch("good.bin")
    assert fetch.path.read_bytes() == fetch.body
    assert fetch.kept() == ["file.bin"]


def test_does_not_download_twice(fetch: Fetch) -> None:
    fetch("good.bin")
    fetch("good.bin")
    assert fetch.server.requests == ["/good.bin"]


def test_follows_redirects(fetch: Fetch) -> None:
    fetch("moved")
    assert fetch.server.requests == ["/moved", "/good.bin"]
    assert fetch.path.read_bytes() == fetch.body


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("truncated", "Expected 204800 bytes from http.*truncated, received 102400"),
        ("short", "Expected 204800 bytes from http.*short, received 102400. Nothing was kept"),
        ("oversized", "Expected 204800 bytes from http.*oversized, received more"),
        ("announced", "Expected 204800 bytes from http.*announced, received 204801"),
        ("changed", "Expected SHA-256 .{64} from http.*changed, received .{64}. Nothing was kept"),
        ("absent", "Expected http.*absent to answer 200, received 404 Not Found"),
    ],
)
def test_keeps_nothing_of_a_wrong_answer(fetch: Fetch, page: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        fetch(page)
    assert fetch.kept() == []
    fetch("good.bin")  # and the lock is free
    assert fetch.path.read_bytes() == fetch.body


def test_silence_ends_the_download(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SILENCE_SECONDS", 0.1)
    with pytest.raises(DatasetError, match=r"Could not download .*stalled to .*: .*timed out"):
        fetch("stalled")
    assert fetch.kept() == []


def test_a_slow_download_ends(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DEADLINE_SECONDS", 0.0)
    with pytest.raises(
        DatasetError,
        match=r"Expected 204800 bytes .*within 0 s, received \d+. Try again on a faster",
    ):
        fetch("good.bin")
    assert fetch.kept() == []


def test_nobody_listens(fetch: Fetch) -> None:
    fetch.server.server_close()
    with pytest.raises(DatasetError, match=r"Could not download .*Check the connection"):
        fetch("good.bin")


def test_a_folder_that_cannot_be_made(fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file, not a folder")
    with pytest.raises(DatasetError, match=r"Could not download .*and the folder"):
        fetch("good.bin")
    assert fetch.server.requests == []


def test_two_processes_download_once(fetch: Fetch) -> None:
    first = fetch.process("stalled")
    wait_for_half_file(fetch)
    second = fetch.process("stalled")
    assert second.stdout is not None
    assert second.stdout.readline() == "ready\n"
    fetch.server.release.set()
    for process in (first, second):
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert fetch.server.requests == ["/stalled"]
    assert fetch.path.read_bytes() == fetch.body
    assert fetch.kept() == ["file.bin"]


def test_a_killed_process_leaves_no_half_file_and_no_lock(fetch: Fetch) -> None:
    process = fetch.process("stalled")
    wait_for_half_file(fetch)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert not fetch.path.exists()
    assert len(fetch.kept()) == 1  # the temporary file
    fetch("good.bin")
    assert fetch.path.read_bytes() == fetch.body
    assert fetch.kept() == ["file.bin"]


def wait_for_half_file(fetch: Fetch) -> None:
    deadline = time.monotonic() + 30
    while not any(fetch.path.parent.glob(".galago-*.tmp")):
        assert time.monotonic() < deadline, "the download did not start"
        time.sleep(0.01)


def test_plain_http_is_refused(server: Any, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"Expected an https:// address, received http://127"):
        download(server.address + "good.bin", tmp_path / "file.bin", size=1, sha256="0" * 64)
    assert server.requests == []


@pytest.mark.parametrize("scheme", ["http", "ftp", "file", "data"])
def test_the_opener_knows_only_https(scheme: str) -> None:
    with pytest.raises(OSError, match=f"unknown url type: {scheme}"):
        https_opener().open(f"{scheme}://127.0.0.1/file.bin", timeout=1)


def test_a_redirect_to_plain_http_is_refused(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Redirect(urllib.request.HTTPSHandler):
        handler_order = 1

        def https_open(self, request: Any) -> Any:
            headers = email.message.Message()
            headers["Location"] = server.address + "good.bin"
            answer: Any = urllib.response.addinfourl(
                io.BytesIO(b""), headers, request.full_url, 302
            )
            answer.msg = "Found"
            return answer

    opener = https_opener()
    opener.add_handler(Redirect())
    monkeypatch.setattr(module, "https_opener", lambda: opener)
    with pytest.raises(DatasetError, match="unknown url type: http"):
        download("https://example.org/x", tmp_path / "file.bin", size=1, sha256="0" * 64)
    assert server.requests == []
