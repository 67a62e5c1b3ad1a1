"""`galago filters` on saved networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from galago import applications
from galago.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main(["filters", *map(str, arguments)]) == code
    found = capsys.readouterr()
    return found.err if code else found.out


@pytest.fixture
def net(tmp_path: Path) -> Path:
    applications.reference(4).save(tmp_path / "net.keras")
    return tmp_path / "net.keras"


def test_a_line_for_each_filter(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, net).splitlines()
    assert lines[0].endswith(": 4 filters") and len(lines) == 6
    assert lines[1].split() == ["filter", "looks", "like"]
    before = run(capsys, net, "--before", net).splitlines()
    assert all(line.split()[1:3] == ["1.000", "1.00"] for line in before[2:])


def test_a_drawing(net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = net.with_name("filters.svg")
    assert f"Saved to {output} (" in run(capsys, net, "-o", output)
    assert output.read_text().startswith("<svg ")
    run(capsys, net, "-o", net.with_name("filters.png"))
    assert net.with_name("filters.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "filters.txt"], "a file name that ends in .svg or"),
        (["--layer", "dense"], "known Conv2D"),
        (["--before", "nothing.keras"], "nothing.keras"),
    ],
)
def test_errors(
    arguments: list[str], message: str, net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in " ".join(run(capsys, net, *arguments, code=1).split())
