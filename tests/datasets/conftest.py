"""A web server of our own, with pages that misbehave in known ways; a small published set."""

from __future__ import annotations

import importlib
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from small_set import SmallSet

from galago.errors import DatasetError

BODY = bytes(range(256)) * 800


class Server(ThreadingHTTPServer):
    """Counts requests; ``release`` lets the pages that wait go on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str] = []
        self.release = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    """One method a page."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        page = getattr(self, "page_" + self.path.strip("/").split(".")[0], None)
        if page is None:
            self.send_error(404)
            return
        page()

    def page_good(self) -> None:
        self.start(len(BODY))
        self.wfile.write(BODY)

    def page_truncated(self) -> None:
        self.start(len(BODY))
        self.wfile.write(BODY[: len(BODY) // 2])

    def page_short(self) -> None:
        self.start(None)
        self.wfile.write(BODY[: len(BODY) // 2])

    def page_oversized(self) -> None:
        self.start(None)
        self.wfile.write(BODY + b"!")

    def page_announced(self) -> None:
        self.start(len(BODY) + 1)
        self.wfile.write(BODY + b"!")

    def page_changed(self) -> None:
        self.start(len(BODY))
        self.wfile.write(BODY[:-1] + b"!")

    def page_moved(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/good.bin")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def page_stalled(self) -> None:
        """Half of the body, then silence until ``release``, then the rest."""
        self.start(len(BODY))
        half = len(BODY) // 2
        self.wfile.write(BODY[:half])
        self.wfile.flush()
        self.server.release.wait(60)
        self.wfile.write(BODY[half:])

    def start(self, length: int | None) -> None:
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.release.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def body() -> bytes:
    return BODY


@pytest.fixture
def opener() -> urllib.request.OpenerDirector:
    """Speaks plain http, to this machine, without a proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def small_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallSet:
    """No network: a download fails unless the test provides one."""

    def no_download(url: str, path: Path, **_: object) -> None:
        raise DatasetError(f"no network for {url}.")

    monkeypatch.setenv("GALAGO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(
        importlib.import_module("galago.datasets.download"), "download", no_download
    )
    return SmallSet(tmp_path)
