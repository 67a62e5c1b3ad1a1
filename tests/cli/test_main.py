"""Exit codes and messages of everything that can go wrong."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

import galago
from galago.cli import main
from galago.datasets import fashion_mnist
from galago.errors import DatasetError

Capture = pytest.CaptureFixture[str]

#: Command line -> the message between "Error: " and "See: ... --help".
MISUSES = {
    "train --epochs 0": (
        "Invalid value for --epochs: expected a whole number, 1 or more, received '0'."
    ),
    "train --epochs 2.7": (
        "Invalid value for --epochs: expected a whole number, 1 or more, received '2.7'."
    ),
    "train --epochs -3": (
        "Invalid value for --epochs: expected a whole number, 1 or more, received '-3'."
    ),
    "train --filters 1025": (
        "Invalid value for --filters: expected a whole number from 1 to 1024, received '1025'."
    ),
    "train --batch-size none": (
        "Invalid value for --batch-size: expected a whole number, 1 or more, received 'none'."
    ),
    "train --seed -1": (
        "Invalid value for --seed: expected a whole number, 0 or more, received '-1'."
    ),
    "train --threads 257": (
        "Invalid value for --threads: expected a whole number from 1 to 256, received '257'."
    ),
    "train --dense --filters 8": (
        "--filters 8 is for convolutions, but the network of --dense has none. Leave one of the "
        "two out."
    ),
    "train --epohcs 3": "Unknown option: --epohcs. Did you mean --epochs?",
    "train fast slow": "galago train has no use for: slow.",
    "train --image-size 0x4": (
        "Invalid value for --image-size: expected a height and width such as 64x96, or 96 for "
        "both, received '0x4'."
    ),
    "train --learning-rate -1": (
        "Invalid value for --learning-rate: expected a number between 0 and 10, received '-1'."
    ),
    "train x --validation-split half": (
        "Invalid value for --validation-split: expected a number between 0 and 1, received 'half'."
    ),
    "train --grayscale": (
        "--grayscale is for images of a folder, and none is given. Name a folder, or leave "
        "--grayscale out."
    ),
    "train photos --full": (
        "--full is for Fashion-MNIST alone. Leave out the folder, or leave --full out."
    ),
    "predict net.keras": (
        "Expected pictures behind the model, received none. Name files or folders."
    ),
    "summary --filters 0": (
        "Invalid value for --filters: expected a whole number from 1 to 1024, received '0'."
    ),
    "summary --dense --filters 8": (
        "--filters 8 is for convolutions, but the network of --dense has none. Leave one of the "
        "two out."
    ),
    "summary --clasic": "Unknown option: --clasic. Did you mean --classic?",
    "info --all": "Unknown option: --all.",
}


def failure(arguments: str, capsys: Capture) -> tuple[int, str]:
    """Exit code and the only line of a command that fails at once."""
    code = main(arguments.split())
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("\n") and err.count("\n") == 1
    return code, err[:-1]


@pytest.mark.parametrize("arguments", MISUSES)
def test_wrong_options_end_with_2(arguments: str, capsys: Capture) -> None:
    help_command = f"galago {arguments.split()[0]} --help"
    message = f"Error: {MISUSES[arguments]} See: {help_command}"
    assert failure(arguments, capsys) == (2, message)


def test_an_unknown_command_ends_with_2(capsys: Capture) -> None:
    code, message = failure("trian", capsys)
    assert code == 2
    assert message.startswith('Error: Unknown command "trian". Did you mean "train"?')
    assert message.endswith(" See: galago --help")


def load_that_raises(error: BaseException) -> Callable[..., Any]:
    def load(subset: bool = False) -> Any:
        raise error

    return load


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (DatasetError("Expected the set. Fetch it."), "Error: Expected the set. Fetch it."),
        (PermissionError(13, "Denied", "/data"), "Error: [Errno 13] Denied: '/data'"),
        (
            MemoryError(),
            "Error: The memory of this computer does not suffice. "
            "Lower --image-size, --filters or --batch-size.",
        ),
        (
            ZeroDivisionError("by zero"),
            "Error: ZeroDivisionError: by zero. Galago did not expect this: it is a fault of "
            "Galago. Please report it with what GALAGO_DEBUG=1 and the same command print.",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_failures_end_with_1(
    error: Exception, message: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fashion_mnist, "load_data", load_that_raises(error))
    assert failure("train --filters 1", capsys) == (1, message)


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fashion_mnist, "load_data", load_that_raises(DatasetError("gone")))
    monkeypatch.setenv("GALAGO_DEBUG", "1")
    with pytest.raises(DatasetError, match="gone"):
        main(["train"])


def test_ctrl_c_anywhere_ends_with_130(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fashion_mnist, "load_data", load_that_raises(KeyboardInterrupt()))
    assert failure("train", capsys) == (130, "Stopped by Ctrl-C.")


def test_ctrl_c_stops_a_training(start_galago: Callable[..., Any]) -> None:
    with start_galago("train", "--filters", "1", "--epochs", "100000") as program:
        while not program.stdout.readline().startswith("Epoch 1/"):
            assert program.poll() is None
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=30)
    assert (program.returncode, err) == (130, "Stopped by Ctrl-C.\n")
    assert "Test accuracy" not in out


def test_a_reader_that_goes_away_is_no_error(start_galago: Callable[..., Any]) -> None:
    with start_galago("train", "--filters", "1", "--epochs", "100000") as program:
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == ""
    assert program.returncode == 141


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"GALAGO_THREADS": "all"},
            "Error: GALAGO_THREADS must be a whole number from 1 to 256. Received: 'all'.\n",
        ),
        ({"GALAGO_ISA": "sse9"}, "Error: ISA 'sse9' does not run on this CPU."),
    ],
    ids=["threads", "isa"],
)
def test_a_wrong_environment_ends_with_1(
    galago_piped: Callable[..., Any], setting: dict[str, str], message: str
) -> None:
    run = galago_piped("train", "--filters", "1", **setting)
    assert run.code == 1
    assert run.err.startswith(message) and run.err.count("\n") == 1


def test_the_message_of_an_error_is_wrapped_on_a_terminal(
    galago_terminal: Callable[..., Any],
) -> None:
    run = galago_terminal("train", "--batch-size", "none", COLUMNS="35")
    assert run.code == 2
    assert all(len(line) <= 35 for line in run.out.split("\r\n"))
    message = MISUSES["train --batch-size none"]
    assert " ".join(run.out.split()) == f"Error: {message} See: galago train --help"


def test_the_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"galago {galago.__version__}\n"
