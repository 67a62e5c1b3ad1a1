"""The command `galago`: one file a command. Heavy imports wait until a command needs them."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import warnings
from collections.abc import Sequence
from typing import Any

FAILURE, MISUSE = 1, 2
#: What shells give for programs that a signal ended: 128 + SIGINT, 128 + SIGPIPE.
INTERRUPTED, PIPE_CLOSED = 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default this process's; return its exit code.

    0: all went well; 1: it failed; 2: the command line is wrong; 130: stopped by Ctrl-C; 141: the
    reader of the output went away. What went wrong is one paragraph on standard error;
    GALAGO_DEBUG=1 shows the traceback of failures as well.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:
        return _say("Stopped by Ctrl-C.", INTERRUPTED)
    except BrokenPipeError:
        # Python flushes standard output once more when it exits, and must not fail there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _run(arguments: Sequence[str]) -> int:
    from cyclopts import CycloptsError, UnusedCliTokensError

    from galago.cli.app import app

    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            app(arguments, exit_on_error=False, print_error=False, result_action="return_none")
        sys.stdout.flush()
    except CycloptsError as error:
        command = " ".join(["galago", *(error.command_chain or ())])
        text = str(error)
        if isinstance(error, UnusedCliTokensError):
            text = f"{command} has no use for: {' '.join(error.unused_tokens or ())}."
        return _say(f"Error: {text} See: {command} --help", MISUSE)
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("GALAGO_DEBUG") == "1":
            raise
        return _say(f"Error: {_explain(error)}", FAILURE)
    return 0


def _explain(error: Exception) -> str:
    from galago.errors import GalagoError

    if isinstance(error, (GalagoError, OSError)):
        return str(error)
    if isinstance(error, MemoryError):
        return (
            "The memory of this computer does not suffice. "
            "Lower --image-size, --filters or --batch-size."
        )
    return (
        f"{type(error).__name__}: {error}. Galago did not expect this: it is a fault of Galago. "
        "Please report it with what GALAGO_DEBUG=1 and the same command print."
    )


def _warn(message: Warning | str, *place: Any, **more: Any) -> None:
    """Show a warning without the line of code that gave it."""
    from galago.cli.output import printable_lines

    print(printable_lines(f"Warning: {message}"), file=sys.stderr, flush=True)


def _say(text: str, code: int) -> int:
    from galago.cli.output import printable_lines

    sys.stdout.flush()  # so that a log that holds both streams keeps their order
    if sys.stderr.isatty():
        text = textwrap.fill(text, shutil.get_terminal_size().columns, break_on_hyphens=False)
    print(printable_lines(text), file=sys.stderr, flush=True)
    return code
