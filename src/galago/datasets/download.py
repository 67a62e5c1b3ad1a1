"""Downloads: HTTPS only, pinned content, one process at a time, never a half file."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.request
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.error import HTTPError
from urllib.parse import urlsplit

from galago.datasets.cache import folder_lock
from galago.datasets.progress import download_progress
from galago.errors import DatasetError
from galago.saving.durable import durable_writer, remove_leftovers

_SILENCE_SECONDS = 30.0  # without a single byte
_DEADLINE_SECONDS = 1800.0  # a whole file; 26 MB at 15 kB/s
_PIECE = 1 << 16


class _Response(Protocol):
    headers: http.client.HTTPMessage

    def read(self, amount: int, /) -> bytes: ...


def download(
    url: str,
    path: Path,
    *,
    size: int,
    sha256: str,
    opener: urllib.request.OpenerDirector | None = None,
) -> None:
    """Download ``url`` to ``path`` unless it is there already; the folder is made if needed.

    size: exact number of bytes; sha256: of those bytes. Several processes may ask for the same
    file: one downloads, the others wait. ``path`` appears only when every byte has been checked.
    opener: replaces the one that speaks nothing but HTTPS; for the tests' own server.

    Raises ``DatasetError`` when the address is not HTTPS, does not answer in time, or sends other
    bytes than the pinned ones, and when the folder cannot be written.
    """
    if opener is None:
        if urlsplit(url).scheme != "https":
            raise DatasetError(f"Expected an https:// address, received {url}. Use HTTPS.")
        opener = https_opener()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(path.parent, timeout=_DEADLINE_SECONDS):
            if path.exists():
                return
            remove_leftovers(path.parent)
            with durable_writer(path) as file:
                _transfer(opener, url, file, path.name, size, sha256)
    except DatasetError:
        raise
    except HTTPError as error:
        raise DatasetError(
            f"Expected {url} to answer 200, received {error.code} {error.reason}. Try again later."
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise DatasetError(
            f"Could not download {url} to {path}: {error}. Check the connection and the folder."
        ) from error


def https_opener() -> urllib.request.OpenerDirector:
    """Return an opener that can reach HTTPS addresses only, redirects included.

    ``urllib.request.build_opener`` would also add handlers for http, ftp, file and data.
    """
    opener = urllib.request.OpenerDirector()
    proxy = urllib.request.getproxies().get("https")
    for handler in (
        urllib.request.ProxyHandler({"https": proxy} if proxy else {}),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _transfer(
    opener: urllib.request.OpenerDirector,
    url: str,
    file: BinaryIO,
    name: str,
    size: int,
    sha256: str,
) -> None:
    """Copy the body of ``url`` into ``file``, checking its size and SHA-256."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    digest = hashlib.sha256()
    received = 0
    with (
        opener.open(url, timeout=_SILENCE_SECONDS) as opened,
        download_progress(name, size) as advance,
    ):
        response = cast(_Response, opened)
        announced = response.headers.get("Content-Length")
        if announced is not None and announced != str(size):
            raise DatasetError(_wrong_size(url, size, announced))
        while piece := response.read(_PIECE):
            received += len(piece)
            if received > size:
                raise DatasetError(_wrong_size(url, size, "more"))
            if time.monotonic() > deadline:
                raise DatasetError(
                    f"Expected {size} bytes from {url} within {_DEADLINE_SECONDS:g} s, received "
                    f"{received}. Try again on a faster connection."
                )
            digest.update(piece)
            file.write(piece)
            advance(len(piece))
    if received != size:
        raise DatasetError(_wrong_size(url, size, str(received)))
    if digest.hexdigest() != sha256:
        raise DatasetError(
            f"Expected SHA-256 {sha256} from {url}, received {digest.hexdigest()}. Nothing was "
            "kept. Something between here and the publisher changes the file."
        )


def _wrong_size(url: str, size: int, received: str) -> str:
    return f"Expected {size} bytes from {url}, received {received}. Nothing was kept; try again."
