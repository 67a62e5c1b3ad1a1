"""The help: what it says, what it costs, and that docs/cli.md says the same."""

from __future__ import annotations

import subprocess
import sys

import make_cli_docs
import pytest

from galago.cli import main
from galago.cli.app import app

COMMANDS = make_cli_docs.commands()


def test_the_commands() -> None:
    images = ["train", "predict", "evaluate", "export"]
    assert [
        "",
        *images,
        "summary",
        "journey",
        "filters",
        "filter",
        "profile",
        "bench",
        "info",
    ] == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    help_text = capsys.readouterr().out
    assert f"  galago {command}".rstrip() in help_text
    assert "\x1b" not in help_text
    assert max(map(len, help_text.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS[1:])
def test_every_option_is_explained(command: str) -> None:
    shown = make_cli_docs.help_text(command)
    for option in app[command].assemble_argument_collection(parse_docstring=True):
        assert option.name in shown
        assert option.parameter.help


def test_no_command_alone_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("Usage: galago COMMAND")


def test_the_docs_hold_the_present_help() -> None:
    page = make_cli_docs.PAGE.read_text(encoding="utf-8")
    assert make_cli_docs.stale_commands(page) == [], "run python tools/make_cli_docs.py"


def test_stale_docs_are_found_and_repaired() -> None:
    page = make_cli_docs.PAGE.read_text(encoding="utf-8")
    stale = page.replace("--epochs INT", "--rounds INT").replace("<!-- help: galago info -->", "")
    assert make_cli_docs.stale_commands(stale) == ["train", "info"]
    assert make_cli_docs.stale_commands(make_cli_docs.updated(stale)) == ["info"]


def test_help_is_quick_and_loads_no_engine() -> None:
    code = (
        "import resource, sys; from galago.cli import main; main(['train', '--help'])\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime, *sys.modules, file=sys.stderr)"
    )
    seconds = []
    for _ in range(3):
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        used, *modules = done.stderr.split()
        assert not {"numpy", "galago.engine"} & set(modules)
        seconds.append(float(used))  # of the CPU: other programs do not count
    assert min(seconds) < 0.5
