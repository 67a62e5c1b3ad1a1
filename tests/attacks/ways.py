"""The ways to open a file, and what each needs beforehand."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import good

from galago.callbacks import BackupAndRestore
from galago.cli.evaluate import evaluate
from galago.cli.export import export
from galago.cli.predict import predict
from galago.models import load_model
from galago.utils import image_dataset_from_directory, load_img

Way = Callable[[Path], object]


def load(path: Path) -> None:
    load_model(path)


def load_to_look_at(path: Path) -> None:
    load_model(path, compile=False)


def load_weights() -> Way:
    net = good.model()
    return lambda path: net.load_weights(path)


def fit() -> Way:
    """Training goes on from the checkpoints of a folder."""
    net, data = good.model(), good.data()

    def go_on(path: Path) -> None:
        backup = BackupAndRestore(path, delete_checkpoint=False)
        net.fit(*data, epochs=2, verbose=0, callbacks=[backup])

    return tried(go_on, lambda folder: folder)


def picture() -> Way:
    return tried(load_img, good.picture)


def pictures() -> Way:
    def read(path: Path) -> None:
        for _ in image_dataset_from_directory(path, image_size=(8, 8), verbose=False):
            pass

    return tried(read, good.pictures)


def command(run: Callable[..., None], beside: str) -> Callable[[], Way]:
    """What a command of `galago` does with a model and with what is beside that."""

    def on(path: Path) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            run(path, path.parent / beside)

    def good_one(folder: Path) -> Path:
        good.pictures(folder)
        return good.with_members(folder)

    return lambda: tried(on, good_one)


def tried(way: Way, make: Callable[[Path], Path]) -> Way:
    """The same, after it has opened what is good: all that it needs has been imported then."""
    with tempfile.TemporaryDirectory() as folder:
        way(make(Path(folder)))
    return way


WAYS: Mapping[str, Callable[[], Way]] = {
    "load_model": lambda: load,
    "load_model, compile=False": lambda: load_to_look_at,
    "load_weights": load_weights,
    "fit": fit,
    "load_img": picture,
    "image_dataset_from_directory": pictures,
    "galago predict": command(predict, "pictures/cat/0.png"),
    "galago evaluate": command(lambda model, data: evaluate(model, str(data)), "pictures"),
    "galago export": command(export, "net.onnx"),
}
